package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatTakesAFilesPlaceIsNotRead opens a different file than was checked, because a link to a key replaced it meanwhile. It is checked
// again, and finally given up.
func TestWhatTakesAFilesPlaceIsNotRead(t *testing.T) {
	dir := put(t, map[string]string{"ours": "text", "victim": "precious"})
	ours, opened, until := filepath.Join(dir, "ours"), 0, 0
	open := func(name string, flag int, mode fs.FileMode) (*os.File, error) {
		if opened++; opened <= until {
			name = filepath.Join(dir, "victim")
		}
		return os.OpenFile(name, flag, mode)
	}
	for _, c := range []struct {
		swaps, opens int
		want         string
	}{{0, 1, "text"}, {1, 2, "text"}, {again - 1, again, "text"}, {again, again, ""}, {again + 5, again, ""}} {
		opened, until = 0, c.swaps
		data, err := read(os.Lstat, open, ours, 100)
		if string(data) != c.want || (err == nil) != (c.want != "") || opened != c.opens {
			t.Errorf("swapped %d times: read %q in %d openings: %v", c.swaps, data, opened, err)
		}
		if err != nil && (!errors.Is(err, errReplaced) || strings.Count(err.Error(), ours) != 1) {
			t.Errorf("swapped %d times: %v", c.swaps, err)
		}
	}
	// A file that is gone when it is opened is checked again, and then reported missing.
	gone := func(string, int, fs.FileMode) (*os.File, error) {
		return nil, errors.Join(os.RemoveAll(ours), fs.ErrNotExist)
	}
	if _, err := read(os.Lstat, gone, ours, 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
	no := func(string, int, fs.FileMode) (*os.File, error) { return nil, fs.ErrPermission }
	if _, err := read(os.Lstat, no, filepath.Join(dir, "victim"), 100); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a file that may not be opened: %v", err)
	}
}

// TestFoldersFilesHaveALimit reads a file that is larger than any that relayform writes: it would exhaust the memory.
func TestFoldersFilesHaveALimit(t *testing.T) {
	f := laidOut(t, map[string]string{"large": ""})
	if err := os.Truncate(filepath.Join(f.Path, "large"), 256<<20+1); err != nil { // sparse
		t.Skip(err)
	}
	var size *SizeError
	if _, err := f.Read("large"); !errors.As(err, &size) || size.Limit != 256<<20 || size.Size != 256<<20+1 {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsReadOfAMissingFolder reads from a folder that has not been created.
func TestNothingIsReadOfAMissingFolder(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read("a"); !errors.Is(err, fs.ErrNotExist) || f.Exists() || f.Unfinished() || f.FS() != nil || f.Same("a", nil) || len(f.Foreign()) > 0 {
		t.Errorf("something is there: %v", err)
	}
	if err := errors.Join(f.Sweep(), f.Remove("a")); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
}
