package folder

import (
	"path/filepath"
	"slices"
	"testing"
)

// TestFoldersAreFlushedWithWhatIsInThem creates a key store with a folder in it: to survive a loss of power, each needs its parent flushed.
func TestFoldersAreFlushedWithWhatIsInThem(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(filepath.Join(dir, "keys"), Keys, "demo")
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	f.Disk = func(op, path string, change func() error) error {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		done = append(done, op+" "+filepath.ToSlash(rel))
		return change()
	}
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	if err := f.Mkdir("remote"); err != nil {
		t.Fatal(err)
	}
	for made, flushed := range map[string]string{"create keys": "sync .", "create keys/remote": "sync keys"} {
		if i := slices.Index(done, made); i < 0 || i+1 == len(done) || done[i+1] != flushed {
			t.Errorf("%s is not followed by %s: %q", made, flushed, done)
		}
	}
}
