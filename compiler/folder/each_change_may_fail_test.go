package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var errDisk = errors.New("no space left on this disk")

// flaky is a disk of which one change fails, before or after it is made.
type flaky struct {
	at   int
	late bool

	mutex sync.Mutex
	ops   []string // operations, with the base name of their path
}

func (d *flaky) do(op, path string, change func() error) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	base := filepath.Base(path)
	if isScratch(base) || strings.Contains(base, mark) {
		base = "temporary"
	}
	d.ops = append(d.ops, op+" "+base)
	if len(d.ops)-1 != d.at {
		return change()
	}
	if d.late {
		return errors.Join(&fs.PathError{Op: op, Path: path, Err: errDisk}, change())
	}
	return &fs.PathError{Op: op, Path: path, Err: errDisk}
}

// eachFailure runs do with each of its changes failing once, in both ways, until none fails. It checks that each failure is reported with
// its path; after checks what is left.
func eachFailure(t *testing.T, kind Kind, do func(*Folder) error, after func(f *Folder, failed string)) (ops []string) {
	t.Helper()
	for _, late := range []bool{false, true} {
		for at := 0; ; at++ {
			f, err := Open(filepath.Join(t.TempDir(), "folder"), kind, "demo")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.Create(), f.Write("a", []byte("old")), f.Replace([][]File{one("b/x", "old"), one("c/x", "old")})); err != nil {
				t.Fatal(err)
			}
			d := &flaky{at: at, late: late}
			f.Disk = d.do
			err = do(f)
			f.Disk = nil
			if at >= len(d.ops) {
				if err != nil {
					t.Errorf("nothing failed, and yet: %v", err)
				}
				after(f, "")
				ops = d.ops
				break
			}
			op, _, _ := strings.Cut(d.ops[at], " ")
			if !errors.Is(err, errDisk) || !strings.HasPrefix(err.Error(), f.Path) || !strings.Contains(err.Error(), ": "+op+": "+errDisk.Error()) {
				t.Errorf("%s failed (late: %v): got %v; want the path, what was done, and why it failed", d.ops[at], late, err)
			}
			after(f, d.ops[at])
		}
	}
	return ops
}

// TestFailedWriteLeavesTheOldFile fails each step of replacing a key: the old or the new one exists, and no temporary copy is left behind.
func TestFailedWriteLeavesTheOldFile(t *testing.T) {
	for _, kind := range []Kind{Build, Keys} {
		ops := eachFailure(t, kind, func(f *Folder) error { return f.Write("a", []byte("new")) }, func(f *Folder, failed string) {
			if have, err := f.Read("a"); err != nil || string(have) != "old" && string(have) != "new" || failed == "" && string(have) != "new" {
				t.Errorf("%s: after a failed %q the file holds %q: %v", kind.Name, failed, have, err)
			}
			if own, _ := f.inStaging(); len(own) > 0 && failed != "create temporary" {
				t.Errorf("%s: after a failed %q there is %v", kind.Name, failed, own)
			}
			if err := errors.Join(f.Write("a", []byte("newer")), f.Sweep()); err != nil || !f.Same("a", []byte("newer")) || f.Same("a", []byte("new")) {
				t.Errorf("%s: after a failed %q nothing can be written: %v", kind.Name, failed, err)
			}
			if _, err := os.Lstat(filepath.Join(f.Path, Staging)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: after a failed %q the staging folder stays", kind.Name, failed)
			}
		})
		// A key is flushed to disk before the rename, and so is its folder afterwards.
		want := []string{"create " + Staging, "create temporary", "write temporary", "rename a"}
		if kind.Durable {
			want = []string{"create " + Staging, "create temporary", "write temporary", "sync temporary", "rename a", "sync folder"}
		}
		if !slices.Equal(ops, want) {
			t.Errorf("%s: %v, want %v", kind.Name, ops, want)
		}
	}
	if !Keys.Durable {
		t.Error("a loss of power may take a key that the lockfile counts on")
	}
}

// TestFailedReplaceLeavesWholeFolders fails each step of replacing two folders and adding one: each is entirely old or new, and the next
// run completes.
func TestFailedReplaceLeavesWholeFolders(t *testing.T) {
	folders := [][]File{
		{{Name: "b/x", Data: []byte("new")}, {Name: "b/y/z", Data: []byte("new")}}, one("c/x", "new"), one("d/x", "new"),
	}
	want := map[string]string{"a": "old", "b/x": "new", "b/y/z": "new", "c/x": "new", "d/x": "new"}
	eachFailure(t, Build, func(f *Folder) error { return f.Replace(folders) }, func(f *Folder, failed string) {
		have := loaded(t, f)
		if failed == "" {
			expect(t, want, have)
		}
		for _, name := range []string{"a", "b/x", "c/x"} {
			if have[name] != "old" && have[name] != want[name] {
				t.Errorf("after a failed %q %s holds %q", failed, name, have[name])
			}
		}
		if whole := have["b/x"] == "new"; whole != (have["b/y/z"] == "new") {
			t.Errorf("after a failed %q a folder is half new: %v", failed, have)
		}
		again, err := Open(f.Path, Build, "demo")
		if err == nil {
			err = again.Replace(folders)
		}
		if err != nil {
			t.Errorf("after a failed %q: %v", failed, err)
		}
		expect(t, want, loaded(t, f))
		if _, err := os.Lstat(filepath.Join(f.Path, Staging)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after a failed %q the staging folder stays", failed)
		}
	})
}

// TestFailedMarkIsTold fails each step of marking the folder unfinished or finished, and of removing files: without an error, half a folder
// would count as complete.
func TestFailedMarkIsTold(t *testing.T) {
	for name, do := range map[string]func(*Folder) error{
		"begin": (*Folder).Begin, "end": (*Folder).End,
		"remove": func(f *Folder) error { return f.Remove("b") }, "remove a file": func(f *Folder) error { return f.Remove("c/x") },
		"make": func(f *Folder) error { return f.Mkdir("e/f") }, "restrict": func(f *Folder) error { return f.Restrict("a") },
		"remove an empty one": func(f *Folder) error {
			return errors.Join(os.Mkdir(filepath.Join(f.Path, "empty"), 0o755), f.RemoveEmpty("empty"))
		},
	} {
		eachFailure(t, Build, do, func(f *Folder, failed string) {
			if failed != "" {
				return
			}
			have := loaded(t, f)
			for name, want := range map[string]bool{"b/x": name != "remove", "c/x": name != "remove a file", "a": true} {
				if _, there := have[name]; there != want {
					t.Errorf("%v: %s is there: %v", have, name, there)
				}
			}
			if f.Unfinished() != (name == "begin") {
				t.Errorf("%s: the marker says unfinished: %v", name, f.Unfinished())
			}
			if _, err := os.Lstat(filepath.Join(f.Path, "empty")); err == nil {
				t.Errorf("%s: the empty folder is still there", name)
			}
			if info, err := os.Stat(filepath.Join(f.Path, "e/f")); name == "make" && (err != nil || !info.IsDir()) {
				t.Errorf("the folder was not made: %v", err)
			}
		})
	}
}

// TestFailedFirstRunIsFinished fails each step of creating a folder: the next run recognizes it as its own.
func TestFailedFirstRunIsFinished(t *testing.T) {
	for _, late := range []bool{false, true} {
		for at := 0; ; at++ {
			dir := filepath.Join(t.TempDir(), "above", "folder")
			f, err := Open(dir, Build, "demo")
			if err != nil {
				t.Fatal(err)
			}
			d := &flaky{at: at, late: late}
			f.Disk = d.do
			if err = f.Create(); err == nil {
				if err = f.Begin(); err == nil {
					err = f.Replace([][]File{one("b/x", "1")})
				}
			}
			if (err != nil) != (at < len(d.ops)) || err != nil && !errors.Is(err, errDisk) {
				t.Errorf("%v: %v", d.ops, err)
			}
			next, err := Open(dir, Build, "demo")
			if err != nil {
				t.Fatalf("after a failed %q the next run says: %v", d.ops[min(at, len(d.ops)-1)], err)
			}
			if err := errors.Join(next.Create(), next.Replace([][]File{one("b/x", "1")})); err != nil {
				t.Error(err)
			}
			expect(t, map[string]string{"b/x": "1"}, loaded(t, next))
			if at >= len(d.ops) {
				break
			}
		}
	}
}

// TestWhatCannotBeSweptIsTold leaves an interrupted run's temporary files, which may be as large as all the rest, on a disk that removes
// nothing; and has a file where a folder is to be created.
func TestWhatCannotBeSweptIsTold(t *testing.T) {
	f := laidOut(t, map[string]string{"a": "mine", Staging + "/" + newScratch() + "/b/x": "cut short"})
	for name, do := range map[string]func() error{
		"sweep": f.Sweep, "replace nothing": func() error { return f.Replace(nil) }, "replace": func() error { return f.Replace([][]File{one("b/x", "1")}) },
	} {
		f.Disk = (&flaky{}).do
		if err := do(); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f.Disk = nil
	if err := f.Mkdir("a"); err == nil {
		t.Error("a file counts as the folder that was asked for")
	}
	expect(t, map[string]string{"a": "mine"}, loaded(t, f))
}

// TestFullFoldersAreNotEmpty asks to remove folders that are not empty, or do not exist.
func TestFullFoldersAreNotEmpty(t *testing.T) {
	f := laidOut(t, map[string]string{"a/x": "mine"})
	if err := errors.Join(f.RemoveEmpty("a"), f.RemoveEmpty("missing"), f.Remove("missing")); err != nil {
		t.Error(err)
	}
	expect(t, map[string]string{"a/x": "mine"}, loaded(t, f))
}

// TestFailedReplaceOfTheLockfileIsTold fails each step of creating and of replacing a file next to the topology, before and after the
// change: no partial file is left in its place or beside it.
func TestFailedReplaceOfTheLockfileIsTold(t *testing.T) {
	for name, do := range map[string]func(Disk, string) error{
		"replace": func(d Disk, path string) error { return WriteFile(d, path, []byte("new")) },
		"create":  func(d Disk, path string) error { return CreateFile(d, path, []byte("new")) },
	} {
		for _, late := range []bool{false, true} {
			for at := 0; ; at++ {
				dir := t.TempDir()
				if name == "replace" {
					dir = put(t, map[string]string{"a.yaml": "old"})
				}
				path, d := filepath.Join(dir, "a.yaml"), &flaky{at: at, late: late}
				err := do(d.do, path)
				if at >= len(d.ops) {
					if err != nil || string(mustRead(t, path)) != "new" {
						t.Errorf("%s: %v", name, err)
					}
					break
				}
				if !errors.Is(err, errDisk) || !strings.HasPrefix(err.Error(), dir) {
					t.Errorf("%s: a failed %q: got %v", name, d.ops[at], err)
				}
				data, err := os.ReadFile(path)
				switch {
				case err == nil && string(data) == "new" && name == "replace":
				case err == nil && string(data) == "old":
				case errors.Is(err, fs.ErrNotExist) && name == "create":
				default:
					t.Errorf("%s: after a failed %q (late: %v) the file holds %q: %v", name, d.ops[at], late, data, err)
				}
				if entries, err := os.ReadDir(dir); err != nil || len(entries) > 1 || len(entries) == 1 && entries[0].Name() != "a.yaml" {
					t.Errorf("%s: after a failed %q (late: %v) there is %v: %v", name, d.ops[at], late, entries, err)
				}
			}
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(temporary(filepath.Join(dir, "a.yaml")), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Tidy((&flaky{}).do, filepath.Join(dir, "a.yaml")); !errors.Is(err, errDisk) {
		t.Errorf("what cannot be tidied: got %v", err)
	}
	gone := func(_, path string, change func() error) error { return errors.Join(os.Remove(path), change()) }
	if err := Tidy(gone, filepath.Join(dir, "a.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is gone before it is tidied: got %v", err)
	}
	if err := Tidy(nil, filepath.Join(dir, "missing", "a.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there was tidied: %v", err)
	}
	if err := WriteFile(nil, filepath.Join(dir, "missing", "a.yaml"), nil); err == nil {
		t.Error("a file was put into a folder that is not there")
	}
	if err := SyncDir(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder that is not there was flushed")
	}
}
