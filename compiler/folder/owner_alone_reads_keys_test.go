//go:build unix

package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOwnerAloneReadsKeys writes in every way into folders of each kind, under a permissive umask: only the owner can read keys/, including
// its staging folder and files whose mode was loosened by hand, and only the owner can change build/.
func TestOwnerAloneReadsKeys(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	for _, kind := range []Kind{Build, Keys, Unlocked} {
		dir := filepath.Join(t.TempDir(), "above", "folder")
		// An empty folder that is open to everybody is restricted when relayform starts to use it.
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := Open(dir, kind, "demo")
		if err != nil {
			t.Fatal(err)
		}
		looked := 0
		f.Disk = func(_, _ string, change func() error) error {
			err := change()
			looked += restricted(t, dir, kind)
			return err
		}
		err = errors.Join(f.Create(), f.Mkdir("deep/er"), f.Write("deep/er/a", []byte("1")), f.Write("a", []byte("1")),
			f.Replace([][]File{{{Name: "b/x", Data: []byte("1")}, {Name: "b/c/y", Data: []byte("1")}}}))
		if err != nil {
			t.Fatal(err)
		}
		for name, loose := range map[string]fs.FileMode{"a": 0o666, "deep": 0o777} {
			if err := os.Chmod(filepath.Join(dir, name), loose); err != nil {
				t.Fatal(err)
			}
			if err := f.Restrict(name); err != nil {
				t.Error(err)
			}
		}
		if looked += restricted(t, dir, kind); looked < 50 {
			t.Errorf("%s: only %d entries were looked at", kind.Name, looked)
		}
	}
	if Keys.DirMode != 0o700 || Keys.FileMode != 0o600 || Unlocked.DirMode != 0o700 || Unlocked.FileMode != 0o600 {
		t.Error("others may read private keys")
	}
	if Build.DirMode != 0o755 || Build.FileMode != 0o644 {
		t.Error("others may change what is committed, or not read it")
	}
}

// restricted reports entries whose mode is not the one of the folder's kind.
func restricted(t *testing.T, dir string, kind Kind) (looked int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := kind.FileMode
		if d.IsDir() {
			want = kind.DirMode
		}
		if looked++; info.Mode().Perm() != want && path != dir { // it is restricted last
			t.Errorf("%s: %s has mode %o, want %o", kind.Name, path, info.Mode().Perm(), want)
		}
		return nil
	})
	if info, statErr := os.Stat(dir); err != nil || statErr != nil || info.Mode().Perm() != kind.DirMode {
		t.Errorf("%s: the folder has mode %o: %v", kind.Name, info.Mode().Perm(), err)
	}
	return looked
}
