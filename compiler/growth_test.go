package compiler

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
	"relayform/fixtures/generate"
)

// counted is a project of that many remotes whose changes to the file system are counted.
type counted struct {
	project Project
	changes atomic.Int64
}

func newCounted(t *testing.T, remotes int) *counted {
	t.Helper()
	c := &counted{project: NewProject(filepath.Join(t.TempDir(), "topology.yaml"), "", "")}
	c.write(t, generate.Fleet(remotes))
	return c
}

func (c *counted) write(t *testing.T, topology []byte) {
	t.Helper()
	if err := os.WriteFile(c.project.Topology, topology, 0o644); err != nil {
		t.Fatal(err)
	}
}

// compile is the number of changes that a compile makes to the file system.
func (c *counted) compile(t *testing.T) int64 {
	t.Helper()
	c.changes.Store(0)
	env := Env{Now: fixtureTime, NewKey: pki.GenerateKey, Disk: folder.Disk(func(_, _ string, change func() error) error {
		c.changes.Add(1)
		return change()
	})}
	if _, err := Compile(c.project, env, Options{}); err != nil {
		t.Fatal(err)
	}
	return c.changes.Load()
}

// TestUnchangedCompileChangesNothing counts what a second compile does to the file system: no write,
// no rename, no removal.
func TestUnchangedCompileChangesNothing(t *testing.T) {
	c := newCounted(t, 100)
	if first := c.compile(t); first < 300 {
		t.Fatalf("the first compile made %d changes: they are not counted", first)
	}
	if second := c.compile(t); second != 0 {
		t.Errorf("the second compile made %d changes", second)
	}
}

// TestWritesGrowLinearly counts changes to the file system, and allocations, for two sizes of fleet.
func TestWritesGrowLinearly(t *testing.T) {
	const small, factor = 250, 4
	changes, allocations := map[int]float64{}, map[int]float64{}
	for _, n := range []int{small, small * factor} {
		c := newCounted(t, n)
		changes[n] = float64(c.compile(t))
		allocations[n] = testing.AllocsPerRun(1, func() { c.compile(t) })
	}
	for what, counts := range map[string]map[int]float64{"changes": changes, "allocations": allocations} {
		if growth := counts[small*factor] / counts[small]; growth > factor*1.1 {
			t.Errorf("%s grow %.1f times while the fleet grows %d times", what, growth, factor)
		}
	}
}

// TestOneChangedRemoteWritesItsFolderAlone counts the changes for one remote of many.
func TestOneChangedRemoteWritesItsFolderAlone(t *testing.T) {
	c := newCounted(t, 400)
	c.compile(t)
	text := read(t, c.project.Topology)
	const remote = "  us-west-2-store-00003: {}\n"
	c.write(t, replaceOnce(t, text, remote, "  us-west-2-store-00003: {relayAddress: \"203.0.113.9:443\"}\n"))
	if changes := c.compile(t); changes == 0 || changes > 20 {
		t.Errorf("one changed remote made %d changes to the file system", changes)
	}
}
