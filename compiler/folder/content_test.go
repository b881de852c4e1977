package folder

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// laidOut returns one of our folders with content by name; a name with -> is a symbolic link.
func laidOut(t *testing.T, content map[string]string) *Folder {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	for name, data := range content {
		name, to, link := strings.Cut(name, "->")
		path := filepath.Join(f.Path, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if link {
			err = os.Symlink(to, path)
		} else {
			err = os.WriteFile(path, []byte(data), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// loaded returns a folder's content, by name.
func loaded(t *testing.T, f *Folder) map[string]string {
	t.Helper()
	entries, err := f.Entries()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	c := f.Content()
	for _, e := range entries {
		if e.Name() == Marker || e.Name() == Staging {
			continue
		}
		found, err := c.Load(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range found {
			name := strings.TrimSuffix(e.Name()+"/"+entry.Name, "/")
			if entry.Other {
				name += "->"
			}
			got[name] = string(entry.Data)
		}
	}
	return got
}

func expect(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, data := range want {
		if have, ok := got[name]; !ok || have != data {
			t.Errorf("%s: got %d bytes (%v), want %d", name, len(have), ok, len(data))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
}

// TestContentIsWhatWasWritten reads a folder with files of many sizes, nested folders, links, and more files in one folder than a system
// call returns; both ahead and on demand.
func TestContentIsWhatWasWritten(t *testing.T) {
	content := map[string]string{"RUNBOOK.md": "text", "a/b/c/d": "deep", "a/b/e": "", "a/link->b/e": "", "link->a": ""}
	for _, size := range []int{1, 4095, 4096, 4097, 100_000} {
		content[fmt.Sprintf("sizes/%d", size)] = strings.Repeat("x", size)
	}
	for i := range 500 {
		content[fmt.Sprintf("many/a-name-of-some-length-%03d", i)] = fmt.Sprint(i)
	}
	want := map[string]string{}
	for name, data := range content {
		before, _, link := strings.Cut(name, "->")
		if link {
			before += "->"
		}
		want[before] = data
	}
	f := laidOut(t, content)
	expect(t, want, loaded(t, f))
	f.Ahead = ReadAhead(f.Path)
	<-f.Ahead.done
	for name := range content { // what was read ahead is not read again
		if name, _, _ := strings.Cut(name, "->"); strings.Contains(name, "/") {
			if err := os.RemoveAll(filepath.Join(f.Path, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect(t, want, loaded(t, f))
}

// TestReadingAheadMayStop stops immediately: the rest is read on demand.
func TestReadingAheadMayStop(t *testing.T) {
	content := map[string]string{}
	for i := range 300 {
		content[fmt.Sprintf("cluster-%03d/values.yaml", i)] = fmt.Sprint(i)
	}
	f := laidOut(t, content)
	f.Ahead = ReadAhead(f.Path)
	f.Ahead.Stop()
	expect(t, content, loaded(t, f))
}

// TestNothingIsReadAheadOfForeignFolders reads ahead in a folder without a marker, and in a missing one.
func TestNothingIsReadAheadOfForeignFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		a := ReadAhead(path)
		<-a.done
		if len(a.entries)+len(a.loaded) > 0 {
			t.Errorf("%s: %d entries were read", path, len(a.loaded))
		}
	}
}
