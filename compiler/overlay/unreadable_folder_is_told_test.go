package overlay

import (
	"os"
	"path/filepath"
	"testing"

	"relayform/compiler/folder"
)

// TestFolderThatCannotBeListedIsTold removes build/ during a comparison: it must not count as a folder in which every file is new.
// Otherwise check would show a false difference, and compile would overwrite what it cannot see.
func TestFolderThatCannotBeListedIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Skip(err) // this system does not remove open folders
	}
	if _, err := f.Entries(); err == nil {
		t.Skip("a system that lists removed folders")
	}
	if c, err := tree.Compare(f); err == nil {
		t.Errorf("taken for empty: %+v", c)
	}
}
