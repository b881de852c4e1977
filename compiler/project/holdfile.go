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

// grace is how often TakeHold asks for a lock that another has, and pause how long it waits in between: a
// child that a killed holder was about to start has it for a moment more, and a holder needs one to
// say who it is.
const (
	grace = 20
	pause = 5 * time.Millisecond
)

const holdSuffix = ".held"

// holdMark begins what a holder writes. A file of this name that begins otherwise is somebody else's.
const holdMark = "# relayform keeps others from writing at the same time; who:\n"

// maxHoldFile is the size of a holder's file, in bytes.
const maxHoldFile = 4096

// TakeHold keeps others from changing what the lockfile at path stands for, until release. It waits but
// a moment: the error says who holds it. The note is what others are told.
func TakeHold(path, note string) (release func(), err error) {
	holdFile := path + holdSuffix
	for tries := 0; ; {
		f, err := tryLock(holdFile)
		if err != nil {
			return nil, fmt.Errorf("%s: something has to change, and this file, which keeps others from writing at the same time, cannot be made: %w", holdFile, folder.Cause(err))
		}
		if f != nil && !same(f, holdFile) { // its last holder removed the file before this lock was had
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
				_ = os.Remove(holdFile) // while it is locked, so that nobody takes it for free
			}
			_ = f.Close()
		}, nil
	}
}

// tryLock locks a hold file, which it makes where it is missing; nil where another has it. What is there
// and is not relayform's is refused, and a symbolic link never followed.
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

// mine refuses a file that no holder wrote. A holder that was killed may have left an empty one.
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

// holder is who holds a project, as it says itself.
func holder(holdFile string) string {
	text, _ := folder.ReadOwn(holdFile, maxHoldFile)
	if note, ok := strings.CutPrefix(string(text), holdMark); ok && note != "" {
		return strings.TrimSpace(note)
	}
	return "another relayform"
}

// SweepHold removes what a holder that was killed left behind. What somebody holds stays, and what no
// holder wrote.
func SweepHold(path string) {
	holdFile := path + holdSuffix
	if mine(holdFile) != nil {
		return
	}
	f := flock.New(holdFile, flock.SetFlag(os.O_RDONLY|syscall.O_NONBLOCK)) // makes none
	if ok, err := f.TryLock(); ok && err == nil && same(f, holdFile) {
		_ = os.Remove(holdFile)
	}
	_ = f.Close()
}

// same reports whether the locked file is still the one of that name, and no link leads to it.
func same(f *flock.Flock, path string) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, named)
}
