package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Hold keeps others from changing what the lockfile at path stands for, until release. It does not
// wait: the error says who holds it. The note is what others are told.
func Hold(path, note string) (release func(), err error) {
	held := path + ".held"
	for {
		f := flock.New(held, flock.SetPermissions(0o644))
		ok, err := f.TryLock()
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("%s: %w", held, err)
		}
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("%s: held by %s; wait until it has ended", path, holder(held))
		}
		if !same(f, held) { // its last holder removed the file before this lock was had
			_ = f.Close()
			continue
		}
		if err := os.WriteFile(held, []byte(note+"\n"), 0o644); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return func() {
			_ = os.Remove(held) // while it is locked, so that nobody takes it for free
			_ = f.Close()
		}, nil
	}
}

// same reports whether the locked file is still the one that the path names.
func same(f *flock.Flock, path string) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(locked, named)
}

// holder is who holds the lock. Between taking it and saying so a moment may pass.
func holder(held string) string {
	for range 50 {
		if who, err := os.ReadFile(held); err == nil && len(who) > 0 {
			return strings.TrimSpace(string(who))
		}
		time.Sleep(2 * time.Millisecond)
	}
	return "another relayform"
}
