package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSweepKnowsItsOwn writes, stages and replaces in folders whose staging folder contains foreign files in addition to leftovers of
// interrupted runs.
func TestSweepKnowsItsOwn(t *testing.T) {
	theirs := []string{Staging + "/notes", Staging + "/tmp-notes", Staging + "/a/x"}
	for name, do := range map[string]func(*Folder) error{
		"write":   func(f *Folder) error { return errors.Join(f.Write("b", nil), f.Sweep()) },
		"sweep":   (*Folder).Sweep,
		"replace": func(f *Folder) error { return f.Replace([][]File{one("a/x", "1"), one("b/x", "1")}) },
		"nothing": func(f *Folder) error { return f.Replace(nil) },
	} {
		content := map[string]string{"a/x": "old", Staging + "/" + newScratch() + "/a/x": "cut short", Staging + "/" + newScratch(): "cut short"}
		for _, name := range theirs {
			content[name] = "mine"
		}
		f := laidOut(t, content)
		if err := do(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, mine := range theirs {
			if data, err := f.Read(mine); err != nil || string(data) != "mine" {
				t.Errorf("%s: %s holds %q: %v", name, mine, data, err)
			}
		}
		if got := f.Foreign(); !slices.Equal(got, []string{Staging + "/a", Staging + "/notes", Staging + "/tmp-notes"}) {
			t.Errorf("%s: foreign: %v", name, got)
		}
		if own, _ := f.inStaging(); len(own) > 0 {
			t.Errorf("%s: left: %v", name, own)
		}
	}
}

// TestStagingFolderIsInTheWay has a file, and a link, in its place.
func TestStagingFolderIsInTheWay(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"file": func(path string) error { return os.WriteFile(path, []byte("mine"), 0o644) },
		"link": func(path string) error { return os.Symlink("a", path) },
	} {
		f := laidOut(t, map[string]string{"a/x": "mine"})
		if err := errors.Join(f.Sweep(), make(filepath.Join(f.Path, Staging))); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(filepath.Join(f.Path, Staging))
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{f.Write("b", nil), f.Replace([][]File{one("c/x", "1")})} {
			if err == nil {
				t.Errorf("%s: was written into", name)
			}
		}
		if err := f.Sweep(); err != nil {
			t.Error(err)
		}
		after, err := os.Lstat(filepath.Join(f.Path, Staging))
		if err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: is gone: %v", name, err)
		}
		if got := f.Foreign(); !slices.Equal(got, []string{Staging}) {
			t.Errorf("%s: foreign: %v", name, got)
		}
	}
}

// TestFoldersOfOthersStay opens a folder with a staging folder but no marker.
func TestFoldersOfOthersStay(t *testing.T) {
	for name, ours := range map[string]bool{newScratch(): true, "notes": false} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, Staging, name), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := Open(dir, Build, "demo")
		if ours != (err == nil) {
			t.Fatalf("%s: %v", name, err)
		}
		if !ours {
			continue
		}
		if err := errors.Join(f.Create(), f.Sweep()); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, Staging)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the staging folder is left over: %v", err)
		}
	}
}

func one(name, data string) []File { return []File{{Name: name, Data: []byte(data)}} }
