package overlay

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"relayform/compiler/folder"
)

// TestWhatCannotBeReadIsNotReplaced has a folder that cannot be read completely: it must count neither as empty, which would overwrite its
// files, nor as unchanged.
func TestWhatCannotBeReadIsNotReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("b/one.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(dir, "b", strings.Repeat("d/", 600))
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
	few.Cur = uint64(highest(t) + 50) // open files; each folder on the way down is one
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	c, err := tree.Write(f)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "b")) || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("changed %+v: %v", c, err)
	}
	if _, err := os.Stat(filepath.Join(deep, "notes")); err != nil {
		t.Error(err)
	}
}

// highest returns the highest open file descriptor.
func highest(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	most := 0
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			most = max(most, n)
		}
	}
	return most
}
