package overlay

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"relayform/compiler/folder"
)

// counted is a disk that records its changes, and fails one of them.
type counted struct {
	at    int
	err   error
	mutex sync.Mutex
	ops   []string
}

func (d *counted) do(op, path string, change func() error) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.ops = append(d.ops, op+" "+filepath.Base(path))
	if d.err != nil && len(d.ops)-1 == d.at {
		return d.err
	}
	return change()
}

// TestFailedWriteIsToldAndFinished fails each change of a write that adds, changes and removes folders and files: the write returns an
// error, the next open sees an unfinished folder unless it is entirely old or new, and the next write completes it.
func TestFailedWriteIsToldAndFinished(t *testing.T) {
	before := NewTree([]folder.File{text("a/one.yaml", "1"), text("a/two.yaml", "1"), text("b/one.yaml", "1"), text("gone/x.yaml", "1"), text("OLD", "1"), text("README", "1")})
	after := NewTree([]folder.File{text("a/one.yaml", "2"), text("a/two.yaml", "2"), text("b/one.yaml", "1"), text("c/one.yaml", "1"), text("README", "2")})
	changed := Changes{Added: []string{"c/one.yaml"}, Changed: []string{"README", "a/one.yaml", "a/two.yaml"}, Removed: []string{"OLD", "gone/x.yaml"}}
	for at := 0; ; at++ {
		dir := filepath.Join(t.TempDir(), "build")
		if _, err := before.Write(open(t, dir)); err != nil {
			t.Fatal(err)
		}
		f, d := open(t, dir), &counted{at: at, err: errors.New("no space")}
		f.Disk = d.do
		c, err := after.Write(f)
		if at >= len(d.ops) {
			if err != nil || !slices.Equal(c.Added, changed.Added) || !slices.Equal(c.Changed, changed.Changed) || !slices.Equal(c.Removed, changed.Removed) {
				t.Errorf("%+v, want %+v: %v", c, changed, err)
			}
			if at < 15 {
				t.Errorf("only %d changes: %v", at, d.ops)
			}
			break
		}
		if !errors.Is(err, d.err) {
			t.Errorf("a failed %q is not told: %v", d.ops[at], err)
		}
		asOld, err := before.Compare(open(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		asNew, err := after.Compare(open(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		if !asOld.None() && !asNew.None() && !open(t, dir).Unfinished() {
			t.Errorf("after a failed %q half of it is there, and the marker says that it is whole: %+v", d.ops[at], asNew)
		}
		if _, err := after.Write(open(t, dir)); err != nil {
			t.Errorf("after a failed %q: %v", d.ops[at], err)
		}
		if c, err := after.Compare(open(t, dir)); err != nil || !c.None() || open(t, dir).Unfinished() {
			t.Errorf("after a failed %q something is left to do: %+v, %v", d.ops[at], c, err)
		}
		if _, err := os.Lstat(filepath.Join(dir, folder.Staging)); err == nil {
			t.Errorf("after a failed %q the staging folder stays", d.ops[at])
		}
	}
}

// TestFailedFirstWriteIsTold fails each change of a write to a folder that does not exist or cannot be created.
func TestFailedFirstWriteIsTold(t *testing.T) {
	tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("README", "1")})
	for at := 0; ; at++ {
		dir := filepath.Join(t.TempDir(), "build")
		f, d := open(t, dir), &counted{at: at, err: errors.New("no space")}
		f.Disk = d.do
		_, err := tree.Write(f)
		if (err == nil) != (at >= len(d.ops)) {
			t.Errorf("a failed %v: %v", d.ops, err)
		}
		if _, err := tree.Write(open(t, dir)); err != nil || open(t, dir).Unfinished() {
			t.Errorf("after a failed %v: %v", d.ops, err)
		}
		if at >= len(d.ops) {
			break
		}
	}
}

// TestLeftoversAreSweptThoughNothingChanged has an interrupted run leave a copy behind, and then nothing to write: the copy is removed, or
// the write says why not.
func TestLeftoversAreSweptThoughNothingChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, folder.Staging, "tmp-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	f, d := open(t, dir), &counted{err: errors.New("no space")}
	f.Disk = d.do
	if _, err := tree.Write(f); !errors.Is(err, d.err) {
		t.Errorf("what cannot be swept is not told: %v", err)
	}
	if c, err := tree.Write(open(t, dir)); err != nil || !c.None() {
		t.Errorf("%+v: %v", c, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, folder.Staging)); err == nil {
		t.Error("what was left behind stays")
	}
}

// TestUnchangedIsNotTouched writes what is on disk already, and then one change: nothing else is written, so that no modification time
// changes and controllers that watch the folder see nothing.
func TestUnchangedIsNotTouched(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	files := []folder.File{text("README", "1"), text("a/one.yaml", "1"), text("a-b/one.yaml", "1"), text("b/one.yaml", "1"), text("OTHER", "1")}
	if _, err := NewTree(slices.Clone(files)).Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	f, d := open(t, dir), &counted{}
	f.Disk = d.do
	if c, err := NewTree(slices.Clone(files)).Write(f); err != nil || !c.None() || len(d.ops) > 0 {
		t.Errorf("the same again: %v, %+v, %v", d.ops, c, err)
	}
	before := map[string]os.FileInfo{}
	stat := func(name string) os.FileInfo {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	for _, file := range files {
		before[file.Name] = stat(file.Name)
	}
	files[1] = text("a/one.yaml", "2")
	if c, err := NewTree(slices.Clone(files)).Write(open(t, dir)); err != nil || !slices.Equal(c.Changed, []string{"a/one.yaml"}) || len(c.Added)+len(c.Removed) > 0 {
		t.Errorf("%+v: %v", c, err)
	}
	for name, old := range before {
		if now := stat(name); os.SameFile(old, now) == (name == "a/one.yaml") {
			t.Errorf("%s: replaced, or not as it should be", name)
		}
	}
}

// TestNothingIsMadeByLooking compares with a missing folder: everything is added, and nothing is created.
func TestNothingIsMadeByLooking(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("README", "1")})
	f, d := open(t, dir), &counted{}
	f.Disk = d.do
	c, diff, err := tree.Diff(f, func(string, []byte) []byte { return nil })
	if err != nil || !slices.Equal(c.Added, []string{"README", "a/one.yaml"}) || c.None() || len(d.ops) > 0 {
		t.Errorf("%+v, %v: %v", c, d.ops, err)
	}
	if n := strings.Count(string(diff), "--- /dev/null\n+++ b/"); n != 2 {
		t.Errorf("%d new files in\n%s", n, diff)
	}
}

// TestDiffShowsBothSides shows an added, a changed and a removed file, one of them converted.
func TestDiffShowsBothSides(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	if _, err := NewTree([]folder.File{text("a/b.yaml", "old"), text("a/c.yaml", "gone"), text("a/w.yaml", "old")}).Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	_, diff, err := NewTree([]folder.File{text("a/a.yaml", "added"), text("a/b.yaml", "new"), text("a/w.yaml", "new")}).Diff(open(t, dir), func(name string, data []byte) []byte {
		if name != "a/w.yaml" {
			return nil
		}
		return []byte("in words: " + strings.Fields(string(data))[len(strings.Fields(string(data)))-1] + "\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.ToSlash(dir)
	rest := string(diff)
	for _, want := range []string{
		"--- /dev/null\n+++ b/" + at + "/a/a.yaml\n", "+added\n",
		"--- a/" + at + "/a/b.yaml\n+++ b/" + at + "/a/b.yaml\n", "-old\n+new\n",
		"--- a/" + at + "/a/c.yaml\n+++ /dev/null\n", "-gone\n",
		"--- a/" + at + "/a/w.yaml\n+++ b/" + at + "/a/w.yaml\n", "-in words: old\n+in words: new\n",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Errorf("%q is not there, or not in its place:\n%s", want, diff)
			continue
		}
		rest = after
	}
}
