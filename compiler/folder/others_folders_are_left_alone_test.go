package folder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOthersFoldersAreLeftAlone opens folders of a different topology or kind, of a different language, or without a marker: writing there
// would overwrite and remove someone else's files.
func TestOthersFoldersAreLeftAlone(t *testing.T) {
	marker := func(kind, topology, language string) string {
		return "# Written by relayform; do not edit.\nfolder: " + kind + "\ntopology: " + topology + "\nlanguage: relayform/" + language + "\n"
	}
	for name, c := range map[string]struct{ marker, want string }{
		"ours":                     {marker("build", "demo", "v1"), ""},
		"ours, unfinished":         {marker("build", "demo", "v1") + unfinished, ""},
		"ours, with a newer line":  {marker("build", "demo", "v1") + "more: to say\n", ""},
		"another topology's":       {marker("build", "other", "v1"), "belongs to another topology (topology: other); choose another folder with --out"},
		"a longer name's":          {marker("build", "demo-2", "v1"), "belongs to another topology (topology: demo-2)"},
		"another, unfinished":      {marker("build", "other", "v1") + unfinished, "belongs to another topology"},
		"a key store":              {marker("keys", "demo", "v1"), `its marker says "folder: keys", want "folder: build"`},
		"another language":         {marker("build", "demo", "v2"), `its marker says "language: relayform/v2", want "language: relayform/v1"`},
		"a marker without a kind":  {"topology: demo\nlanguage: relayform/v1\n", `its marker says "nothing of folder"`},
		"a marker without content": {"", `its marker says "nothing of folder"`},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, Marker), []byte(c.marker), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir, Build, "demo")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestOnlyFoldersAreOpened has something else in place of a folder: a link may point to someone else's folder.
func TestOnlyFoldersAreOpened(t *testing.T) {
	there := laidOut(t, map[string]string{"a/x": "1"})
	beside := filepath.Dir(there.Path)
	for name, make := range map[string]func(path string) error{
		"file":           func(path string) error { return os.WriteFile(path, []byte("mine"), 0o644) },
		"symbolic link":  func(path string) error { return os.Symlink(there.Path, path) },
		"link to no one": func(path string) error { return os.Symlink(filepath.Join(beside, "missing"), path) },
	} {
		at := filepath.Join(t.TempDir(), "build")
		if err := make(at); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(at, Build, "demo"); err == nil || !strings.Contains(err.Error(), at+": ") || !strings.Contains(err.Error(), "--out") {
			t.Errorf("%s: got %v, want that it is refused, and how another folder is chosen", name, err)
		}
	}
	marked := t.TempDir()
	if err := os.Mkdir(filepath.Join(marked, Marker), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(marked, Build, "demo"); err == nil || !strings.Contains(err.Error(), filepath.Join(marked, Marker)+": a folder") {
		t.Errorf("a folder in the marker's place: got %v", err)
	}
}

// TestFoldersWithoutAMarkerStay opens a folder with files, even only a hidden one, but no marker; an empty one becomes relayform's.
func TestFoldersWithoutAMarkerStay(t *testing.T) {
	for _, name := range []string{"notes.txt", ".hidden", "zzz"} {
		dir := put(t, map[string]string{name: "mine"})
		if _, err := Open(dir, Build, "demo"); err == nil || !strings.Contains(err.Error(), "holds "+name+" but no "+Marker) {
			t.Errorf("%s: got %v", name, err)
		}
		// Leftovers of an interrupted run do not change that.
		if err := os.MkdirAll(filepath.Join(dir, Staging, newScratch()), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Build, "demo"); err == nil || !strings.Contains(err.Error(), "holds "+name) {
			t.Errorf("%s and what was staged: got %v", name, err)
		}
	}
	f, err := Open(t.TempDir(), Build, "demo")
	if err != nil || f.Exists() {
		t.Fatalf("an empty folder counts as made: %v", err)
	}
	if err := errors.Join(f.Create(), f.Write("a", []byte("1"))); err != nil || !f.Exists() {
		t.Fatal(err)
	}
	again, err := Open(f.Path, Build, "demo")
	if err != nil || !again.Exists() || again.Unfinished() {
		t.Errorf("what was made is not opened again: %v", err)
	}
	if _, err := Open(f.Path, Build, "other"); err == nil {
		t.Error("another topology takes it")
	}
}
