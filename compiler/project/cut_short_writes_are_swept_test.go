package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/project"
)

// TestCutShortWritesAreSwept leaves the temporary files of killed writes of the lockfile and of encrypted values: the next run removes
// both, but not those of a different topology, nor the files themselves.
func TestCutShortWritesAreSwept(t *testing.T) {
	dir := t.TempDir()
	p := project.New(filepath.Join(dir, "topology.yaml"), "", "")
	if err := os.WriteFile(p.Topology, []byte("name: demo\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l := (&lockfile.File{Topology: "demo"}).WithSealed([]lockfile.Sealed{{Holds: "aa", For: "bb", Bound: "cc", Text: []byte(`"x"`)}})
	names := func() (all []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	var left []string
	for _, write := range []func(folder.Disk) error{
		func(disk folder.Disk) error { return p.WriteLock(l, disk) },
		func(disk folder.Disk) error { return p.WriteSealed(l, disk) },
		func(disk folder.Disk) error {
			return project.New(filepath.Join(dir, "other.yaml"), "", "").WriteSealed(l, disk)
		},
	} {
		_ = write(func(op, _ string, change func() error) error {
			if op != "rename" {
				return change()
			}
			left = append(left, names()[0]) // the temporary file before the rename
			return os.ErrClosed
		})
	}
	for _, name := range left {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if have := names(); len(have) != 4 {
		t.Fatalf("killed, there are %v", have)
	}
	if err := p.Tidy(nil); err != nil {
		t.Fatal(err)
	}
	if have := names(); len(have) != 2 || !strings.HasPrefix(have[0], ".other.sealed.yaml.") || have[1] != "topology.yaml" {
		t.Errorf("swept, there are %v", have)
	}
}
