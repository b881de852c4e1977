package compiler

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/fixtures/generate"
)

// counted is a project with that many remotes whose changes to the file system are counted.
type counted struct {
	project project.Project
	changes atomic.Int64
}

func newCounted(t *testing.T, remotes int) *counted {
	t.Helper()
	c := &counted{project: project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")}
	if err := generate.Write(filepath.Dir(c.project.Topology), remotes); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *counted) write(t *testing.T, topology []byte) {
	t.Helper()
	if err := os.WriteFile(c.project.Topology, topology, 0o644); err != nil {
		t.Fatal(err)
	}
}

// compile returns the number of changes that a compile makes to the file system.
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

// TestUnchangedCompileChangesNothing counts the changes to the file system by a second compile: no write, rename or removal.
func TestUnchangedCompileChangesNothing(t *testing.T) {
	c := newCounted(t, 100)
	if first := c.compile(t); first < 300 {
		t.Fatalf("the first compile made %d changes: they are not counted", first)
	}
	if second := c.compile(t); second != 0 {
		t.Errorf("the second compile made %d changes", second)
	}
}

// TestWorkGrowsLinearly counts, for two sizes of fleet, the changes to the file system by a first compile, and the bytes and objects
// allocated by operations on the whole fleet.
func TestWorkGrowsLinearly(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	const small, factor = 500, 4
	counts := map[string]map[int]float64{}
	for _, n := range []int{small, small * factor} {
		note := func(what string, count float64) {
			if counts[what] == nil {
				counts[what] = map[int]float64{}
			}
			counts[what][n] = count
		}
		c := newCounted(t, n)
		note("changes of a first compile", float64(c.compile(t)))
		for what, do := range map[string]func() error{
			"compile": func() error { c.compile(t); return nil },
			"check":   func() error { _, err := Compile(c.project, Env{Now: fixtureTime}, Options{Check: true}); return err },
			"vet":     func() error { _, err := Vet(c.project, Env{}); return err },
			"verify":  func() error { _, err := Verify(c.project, Env{NewKey: pki.GenerateKey}, fixtureTime); return err },
			"render": func() error {
				return Render(c.project, Env{}, nil, RenderOptions{}, func(string, []byte) error { return nil })
			},
		} {
			objects, bytes := allocated(t, do)
			note("objects of "+what, objects)
			note("bytes of "+what, bytes)
		}
	}
	for what, count := range counts {
		if growth := count[small*factor] / count[small]; growth > factor*1.1 {
			t.Errorf("%s grow %.1f times while the fleet grows %d times", what, growth, factor)
		}
	}
}

// allocated returns the number of objects and bytes that a task allocates when run for the second time.
func allocated(t *testing.T, do func() error) (objects, bytes float64) {
	t.Helper()
	var before, after runtime.MemStats
	for range 2 {
		runtime.ReadMemStats(&before)
		if err := do(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
	}
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// TestOneChangedRemoteWritesItsFolderAlone counts the changes for one remote of many.
func TestOneChangedRemoteWritesItsFolderAlone(t *testing.T) {
	c := newCounted(t, 400)
	c.compile(t)
	text := read(t, c.project.Topology)
	const remote = "  us-west-2-store-00003: {}\n"
	c.write(t, replaceOnce(t, text, remote, "  us-west-2-store-00003: {relayAddress: \"203.0.113.9:443\"}\n"))
	if changes := c.compile(t); changes == 0 || changes > 30 { // three files, and the list of clusters, each in a few steps
		t.Errorf("one changed remote made %d changes to the file system", changes)
	}
}

// TestRegistrationOfAnyNumberIsRendered renders the objects that register the agents, for the maximum number in a kustomization and for one
// more.
func TestRegistrationOfAnyNumberIsRendered(t *testing.T) {
	for _, n := range []int{plan.RegisterLimit, plan.RegisterLimit + 1} {
		c := newCounted(t, n)
		c.compile(t)
		var text string
		err := Render(c.project, Env{}, []string{"mgmt-cluster"}, RenderOptions{Register: true}, func(_ string, yaml []byte) error {
			text += string(yaml)
			return nil
		})
		if count := strings.Count(text, "\nkind: KubernetesCluster\n"); err != nil || count != n || strings.HasPrefix(text, "#") {
			t.Errorf("%d objects for %d agents: %v\n%.200s", count, n, err, text)
		}
	}
}

// TestRenderVisitsEveryCluster renders a fleet of mostly identical clusters: every cluster is visited, in order, with its own objects.
func TestRenderVisitsEveryCluster(t *testing.T) {
	c := newCounted(t, 160)
	c.compile(t)
	plan, err := Vet(c.project, Env{})
	if err != nil {
		t.Fatal(err)
	}
	var visited []string
	texts := map[string]int{}
	err = Render(c.project, Env{}, nil, RenderOptions{}, func(cluster string, yaml []byte) error {
		visited = append(visited, cluster)
		texts[string(yaml)]++
		if len(visited)%7 != 3 {
			return nil
		}
		return Render(c.project, Env{}, []string{cluster}, RenderOptions{}, func(_ string, alone []byte) error {
			if !bytes.Equal(yaml, alone) {
				t.Errorf("%s: among all it is\n%s\nand alone\n%s", cluster, yaml, alone)
			}
			return nil
		})
	})
	if err != nil || !slices.Equal(visited, plan.Clusters()) {
		t.Errorf("visited %v: %v", visited, err)
	}
	if len(texts) != 4 { // management, and remotes as they are, with a patch, with a component
		t.Errorf("%d different overlays, want 4", len(texts))
	}
}
