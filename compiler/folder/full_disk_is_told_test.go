//go:build unix

package folder

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFullDiskIsTold limits the size of files to a few bytes: a truncated file never replaces a complete one, and is reported.
func TestFullDiskIsTold(t *testing.T) {
	if os.Getenv(onFullDiskOnly) == "" { // the limit applies to the whole process, and go test writes files too
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(os.Environ(), onFullDiskOnly+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	long := []byte("longer than the disk has room for")
	for name, do := range map[string]func(f *Folder) error{
		"write":       func(f *Folder) error { return f.Write("a", long) },
		"replace":     func(f *Folder) error { return f.Replace([][]File{{{Name: "b/x", Data: long}}}) },
		"add":         func(f *Folder) error { return f.Replace([][]File{{{Name: "c/x", Data: long}}}) },
		"beside it":   func(f *Folder) error { return WriteFile(nil, filepath.Join(filepath.Dir(f.Path), "a.yaml"), long) },
		"create":      func(f *Folder) error { return CreateFile(nil, filepath.Join(filepath.Dir(f.Path), "b.yaml"), long) },
		"durably":     func(f *Folder) error { f.kind.Durable = true; return f.Write("a", long) },
		"unfinished":  (*Folder).Begin,
		"whole again": (*Folder).End,
	} {
		f := laidOut(t, map[string]string{"a": "old", "b/x": "old"})
		beside := filepath.Join(filepath.Dir(f.Path), "a.yaml")
		if err := os.WriteFile(beside, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := onFullDisk(t, func() error { return do(f) }); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("%s: got %v", name, err)
		}
		expect(t, map[string]string{"a": "old", "b/x": "old"}, loaded(t, f))
		if got := string(mustRead(t, beside)); got != "old" {
			t.Errorf("%s: the file beside holds %q", name, got)
		}
		if entries, err := os.ReadDir(filepath.Dir(f.Path)); err != nil || len(entries) != 2 {
			t.Errorf("%s: there is %v: %v", name, entries, err)
		}
		if f.Unfinished() {
			t.Errorf("%s: the marker is half written", name)
		}
	}
}

// onFullDiskOnly is set in the process with the limit.
const onFullDiskOnly = "RELAYFORM_TEST_ON_FULL_DISK"

// onFullDisk runs do while files of this process are limited to ten bytes.
func onFullDisk(t *testing.T, do func() error) error {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip(err)
	}
	small := limit
	small.Cur = 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Skip(err)
	}
	err := do()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	return err
}

// TestFolderIsNotMadeInAFile has a file where a folder should be created.
func TestFolderIsNotMadeInAFile(t *testing.T) {
	dir := put(t, map[string]string{"file": "mine"})
	for _, name := range []string{"file/build", "file/deep/build"} {
		f := &Folder{Path: filepath.Join(dir, filepath.FromSlash(name)), kind: Build}
		if err := f.Create(); !errors.Is(err, syscall.ENOTDIR) || f.Exists() {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := Open(f.Path, Build, "demo"); err == nil {
			t.Errorf("%s: it counts as missing", name)
		}
	}
	f := &Folder{Path: filepath.Join(dir, "file"), kind: Build}
	if err := f.Create(); err == nil || f.Exists() {
		t.Errorf("a file was taken for a folder: %v", err)
	}
	holds(t, dir, map[string]string{"file": "mine"})
}
