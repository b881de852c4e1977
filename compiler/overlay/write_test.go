package overlay

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
)

func text(name, line string) folder.File {
	return folder.File{Name: name, Data: []byte("# " + manifest.Header + "\n" + line + "\n")}
}

func open(t *testing.T, dir string) *folder.Folder {
	t.Helper()
	f, err := folder.Open(dir, folder.Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestUnfinishedWriteIsFinished interrupts a write after its beginning.
func TestUnfinishedWriteIsFinished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("b/values.yaml", "1"), text("a/values.yaml", "1"), text("README", "1")})
	f := open(t, dir)
	c, err := tree.Write(f)
	if err != nil || !slices.Equal(c.Added, []string{"README", "a/values.yaml", "b/values.yaml"}) {
		t.Fatalf("added %v: %v", c.Added, err)
	}
	if err := f.Begin(); err != nil {
		t.Fatal(err)
	}
	if err := f.Replace([][]folder.File{{text("a/values.yaml", "2")}}); err != nil {
		t.Fatal(err)
	}
	f = open(t, dir)
	if !f.Unfinished() {
		t.Fatal("the marker does not say that the folder is unfinished")
	}
	c, err = tree.Write(f)
	if err != nil || !slices.Equal(c.Changed, []string{"a/values.yaml"}) || open(t, dir).Unfinished() {
		t.Errorf("the next run changed %v: %v", c.Changed, err)
	}
	if c, err := tree.Write(open(t, dir)); err != nil || !c.None() {
		t.Errorf("and the one after it %v: %v", c, err)
	}
}

// TestFoldersAreReplacedWhole changes, adds and removes files of one unit.
func TestFoldersAreReplacedWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	first := NewTree([]folder.File{text("a/one.yaml", "1"), text("a/sub/two.yaml", "1"), text("gone/x.yaml", "1")})
	if _, err := first.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	second := NewTree([]folder.File{text("a/one.yaml", "2"), text("a/three.yaml", "1")})
	c, err := second.Write(open(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Removed, []string{"a/sub/two.yaml", "gone/x.yaml"}) || !slices.Equal(c.Changed, []string{"a/one.yaml"}) || !slices.Equal(c.Added, []string{"a/three.yaml"}) {
		t.Errorf("changes %+v", c)
	}
	if c, err := second.Compare(open(t, dir)); err != nil || !c.None() {
		t.Errorf("left over: %+v, %v", c, err)
	}
}

// TestForeignFilesStay puts a user's file under each name that relayform does not need.
func TestForeignFilesStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1")})
	f := open(t, dir)
	if _, err := tree.Write(f); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "a/own.yaml", "a/own.crt"} {
		if err := f.Write(name, []byte("mine\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Write(open(t, dir)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names it", name, err)
		}
		if data, err := f.Read(name); err != nil || string(data) != "mine\n" {
			t.Errorf("%s is gone: %v", name, err)
		}
		if err := f.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLinksAreForeign replaces a file of the tree with a symbolic link: it is kept even if it points to the right content.
func TestLinksAreForeign(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("a/two.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "a", "one.yaml")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("two.yaml", link); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Write(open(t, dir)); err == nil || !strings.Contains(err.Error(), "a/one.yaml") {
		t.Errorf("got %v, want an error that names the link", err)
	}
	if to, err := os.Readlink(link); err != nil || to != "two.yaml" {
		t.Errorf("the link is %q: %v", to, err)
	}
}

// TestConcurrentRendersAgree builds overlays in parallel, as kustomize keeps its OpenAPI data globally.
func TestConcurrentRendersAgree(t *testing.T) {
	tree := NewTree([]folder.File{
		text("a/kustomization.yaml", "resources: [namespace.yaml]"),
		text("a/namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: x}}"),
	})
	w := NewWorkspace("/build", tree)
	results := make(chan string)
	for range 8 {
		go func() {
			r, err := w.Render("a")
			if err != nil {
				results <- err.Error()
				return
			}
			yaml, err := r.YAML()
			if err != nil {
				yaml = []byte(err.Error())
			}
			results <- string(yaml)
		}()
	}
	for range 8 {
		if got := <-results; got != "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n" {
			t.Errorf("got %s", got)
		}
	}
}
