package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"relayform/compiler/folder"
)

// grace is how often TakeHold tries to lock a hold file, and pause how long it waits in between: a child process of a killed holder may
// keep the lock for another moment, and a holder needs one to write who it is.
const (
	grace = 20
	pause = 5 * time.Millisecond
)

const holdSuffix = ".held"

// holdMark is the first line of a hold file. A file that begins differently is foreign.
const holdMark = "# relayform keeps others from writing at the same time; who:\n"

// maxHoldFile is the maximum size of a hold file, in bytes.
const maxHoldFile = 4096

// TakeHold prevents others from changing the project of the lockfile at path, until release. It waits only briefly: the error says who
// holds it. The note is for others' errors.
func TakeHold(path, note string) (release func(), err error) {
	holdFile := path + holdSuffix
	for tries := 0; ; {
		f, err := tryLock(holdFile)
		if err != nil {
			return nil, fmt.Errorf("%s: something must change, but this file, which keeps others from writing at the same time, cannot be created: %w", holdFile, folder.Cause(err))
		}
		if f != nil && !same(f, holdFile) { // its last holder removed the file before we got this lock
			_ = f.Close()
			f = nil
		}
		if f == nil {
			if tries++; tries < grace {
				time.Sleep(pause)
				continue
			}
			return nil, fmt.Errorf("%s: held by %s; wait until it has ended", path, holder(holdFile))
		}
		if err := sign(f, holdFile, note); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return func() {
			if same(f, holdFile) {
				_ = os.Remove(holdFile) // while still locked, so that nobody locks a removed file
			}
			_ = f.Close()
		}, nil
	}
}

// tryLock creates a hold file if missing, and locks it; nil if another process has the lock. A foreign file is refused, and a symbolic link
// is never followed.
func tryLock(holdFile string) (*flock.Flock, error) {
	f := flock.New(holdFile, flock.SetFlag(os.O_RDONLY|os.O_CREATE|os.O_EXCL), flock.SetPermissions(0o644))
	ok, err := f.TryLock()
	if errors.Is(err, fs.ErrExist) {
		if err := mine(holdFile); err != nil {
			return nil, err
		}
		f = flock.New(holdFile, flock.SetFlag(os.O_RDONLY|syscall.O_NONBLOCK))
		if ok, err = f.TryLock(); errors.Is(err, fs.ErrNotExist) { // its holder has just ended
			return nil, nil
		}
	}
	if err != nil || !ok {
		return nil, err
	}
	return f, nil
}

// mine refuses a file that no holder wrote. A killed holder may have left an empty one.
func mine(holdFile string) error {
	text, err := folder.ReadOwn(holdFile, maxHoldFile)
	var size *folder.SizeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.As(err, &size):
	case err != nil:
		return fmt.Errorf("%w; move it elsewhere", folder.Cause(err))
	case bytes.HasPrefix(text, []byte(holdMark)), strings.HasPrefix(holdMark, string(text)):
		return nil
	}
	return errors.New("a file that relayform did not write has its name; move it elsewhere")
}

// sign writes into the locked file who holds it.
func sign(f *flock.Flock, holdFile, note string) error {
	file, err := os.OpenFile(holdFile, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	locked, err := f.Stat()
	if err == nil {
		var opened fs.FileInfo
		if opened, err = file.Stat(); err == nil && !os.SameFile(locked, opened) {
			err = fmt.Errorf("%s: something else took its place", holdFile)
		}
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteString(holdMark + note + "\n")
	}
	return errors.Join(err, file.Close())
}

// holder returns who holds a project, from its hold file.
func holder(holdFile string) string {
	text, _ := folder.ReadOwn(holdFile, maxHoldFile)
	if note, ok := strings.CutPrefix(string(text), holdMark); ok && note != "" {
		return strings.TrimSpace(note)
	}
	return "another relayform"
}

// SweepHold removes the hold file of a killed holder. One that is held stays, and so does a foreign file.
func SweepHold(path string) {
	holdFile := path + holdSuffix
	if mine(holdFile) != nil {
		return
	}
	f := flock.New(holdFile, flock.SetFlag(os.O_RDONLY|syscall.O_NONBLOCK)) // creates none
	if ok, err := f.TryLock(); ok && err == nil && same(f, holdFile) {
		_ = os.Remove(holdFile)
	}
	_ = f.Close()
}

// same reports whether the locked file is still the one with that name, and not a link.
func same(f *flock.Flock, path string) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, named)
}
