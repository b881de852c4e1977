package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func one(name, data string) []File { return []File{{Name: name, Data: []byte(data)}} }

// TestStagedFoldersAreUsedIfTheyAreRight stages three folders, of which a Replace wants one as it is,
// one otherwise and one not at all.
func TestStagedFoldersAreUsedIfTheyAreRight(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Stage([][]File{one("a/x", "1"), one("b/x", "1"), one("c/x", "1")}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read("a/x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is staged is in place: %v", err)
	}
	if !f.Unfinished() {
		t.Error("the marker does not say that the folder is unfinished")
	}
	if err := f.Begin(); err != nil {
		t.Fatal(err)
	}
	var written atomic.Int64
	f.Disk = func(op, path string, change func() error) error {
		if op == "write" && strings.HasSuffix(path, "x") {
			written.Add(1)
		}
		return change()
	}
	if err := f.Replace([][]File{one("a/x", "1"), one("b/x", "2"), one("d/x", "1")}); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	expect(t, map[string]string{"a/x": "1", "b/x": "2", "d/x": "1"}, loaded(t, f))
	if written.Load() != 2 {
		t.Errorf("%d files were written, want b and d", written.Load())
	}
	if _, err := os.Stat(filepath.Join(f.Path, Staging)); err == nil {
		t.Error("the staging folder is left over")
	}
}

// TestDiscardTakesBackWhatWasStaged leaves a folder alone that was there before.
func TestDiscardTakesBackWhatWasStaged(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Stage([][]File{one("a/x", "1")}); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Path); err == nil {
		t.Error("the folder is left over")
	}
	if f, err = Open(f.Path, Build, "demo"); err != nil {
		t.Fatal(err)
	}
	if err := f.Stage([][]File{one("a/x", "1")}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Path, "notes"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err == nil {
		t.Error("a folder with a file of somebody else's is gone")
	}
	expect(t, map[string]string{"notes": "mine"}, loaded(t, f))
	there := laidOut(t, map[string]string{"a/x": "1"})
	if err := there.Discard(); err != nil {
		t.Fatal(err)
	}
	expect(t, map[string]string{"a/x": "1"}, loaded(t, there))
}
