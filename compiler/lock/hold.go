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

// grace is how often Hold asks for a lock that another has, and pause how long it waits in between: a
// child that a killed holder was about to start has it for a moment more, and a holder needs one to
// say who it is.
const (
	grace = 20
	pause = 5 * time.Millisecond
)

const heldSuffix = ".held"

// Hold keeps others from changing what the lockfile at path stands for, until release. It waits but
// a moment: the error says who holds it. The note is what others are told.
func Hold(path, note string) (release func(), err error) {
	held := path + heldSuffix
	for tries := 0; ; {
		f := flock.New(held, flock.SetPermissions(0o644))
		ok, err := f.TryLock()
		if err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				err = at.Err
			}
			return nil, fmt.Errorf("%s: something has to change, and this file, which keeps others from writing at the same time, cannot be made: %w", held, err)
		}
		if !ok {
			if tries++; tries < grace {
				time.Sleep(pause)
				continue
			}
			who, _ := os.ReadFile(held)
			if len(who) == 0 {
				who = []byte("another relayform")
			}
			return nil, fmt.Errorf("%s: held by %s; wait until it has ended", path, strings.TrimSpace(string(who)))
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

// Sweep removes what a holder left behind that was killed. What somebody holds stays.
func Sweep(path string) {
	f := flock.New(path+heldSuffix, flock.SetFlag(os.O_RDONLY)) // makes none
	if ok, err := f.TryLock(); ok && err == nil {
		_ = os.Remove(f.Path())
	}
	_ = f.Close()
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
