package folder

import (
	"errors"
	"path/filepath"
	"testing"
)

// TestFolderThatCannotBeMadeIsTold creates a folder for keys on a disk that refuses it, but flushes its parent without error: a key added
// next would have no folder.
func TestFolderThatCannotBeMadeIsTold(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "keys"), Keys, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk is full")
	f.Disk = func(op, _ string, change func() error) error {
		if op == "create" {
			return broken
		}
		return change()
	}
	if err := f.Mkdir("remote"); !errors.Is(err, broken) {
		t.Errorf("taken for made: %v", err)
	}
}

// TestOneForeignFileIsNoError sweeps a staging folder with one foreign file.
func TestOneForeignFileIsNoError(t *testing.T) {
	f := laidOut(t, map[string]string{Staging + "/notes": "mine"})
	if err := f.Sweep(); err != nil {
		t.Errorf("a file that is left alone stops the run: %v", err)
	}
	if data, err := f.Read(Staging + "/notes"); err != nil || string(data) != "mine" {
		t.Errorf("it holds %q: %v", data, err)
	}
}
