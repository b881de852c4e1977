package overlay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"relayform/compiler/folder"
)

// TestWhatCannotBeReadIsNotReplaced has a folder that cannot be read to its end: it counts neither as empty,
// which would have its files written over, nor as the same.
func TestWhatCannotBeReadIsNotReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("b/one.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(dir, "b", strings.Repeat("d/", 200))
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deep, "notes"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 100 // files open at once, and each folder on the way down is one
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	c, err := tree.Write(f)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), dir+": ") || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("changed %+v: %v", c, err)
	}
	if _, err := os.Stat(filepath.Join(deep, "notes")); err != nil {
		t.Error(err)
	}
}
