package keystore_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"relayform/compiler/keystore"
	"relayform/compiler/seal"
)

// TestFoldersThatHoldPrivateFilesAreClosed opens the folders to others: one with a private file is closed again, one without is left alone.
func TestFoldersThatHoldPrivateFilesAreClosed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its permissions are no modes")
	}
	for _, gone := range []string{"", "key", "token"} {
		v := newTestStore(t, false)
		closes := map[string]bool{".": gone != "key", "remote": gone != "token"}
		switch gone {
		case "key":
			v.must(os.Remove(v.at(v.key)))
		case "token":
			v.must(os.Remove(v.at(v.token)))
		}
		v.must(os.Chmod(v.at("."), 0o755), os.Chmod(v.at("remote"), 0o755))
		loose, err := v.Tighten()
		v.must(err)
		told := strings.Join(loose, "\n")
		for dir, closed := range closes {
			info, err := os.Stat(v.at(dir))
			v.must(err)
			if got := info.Mode().Perm() == 0o700; got != closed {
				t.Errorf("without the %s: %s has mode %o", gone, dir, info.Mode().Perm())
			}
			if got := strings.Contains(told, v.at(dir)+": had mode 0755"); got != closed {
				t.Errorf("without the %s: told %q", gone, loose)
			}
		}
	}
}

// TestTheStoreIsChangedThroughItsDisk opens a store with a failing disk: the error is returned, and nothing is created beside it.
func TestTheStoreIsChangedThroughItsDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s, err := keystore.OpenStore(dir, "demo", seal.Ring{}, func(string, string, func() error) error { return errDisk })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); !errors.Is(err, errDisk) {
		t.Errorf("prepared: %v", err)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("the store is there")
	}
}
