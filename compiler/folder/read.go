package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ReadFile is the content of a file of the user's, which a symbolic link may lead to. What is no file
// is refused without being opened: a pipe would be waited for, a device read without an end.
func ReadFile(path string, limit int64) ([]byte, error) {
	return read(os.Stat, os.OpenFile, path, limit)
}

// ReadOwn is the content of a file that relayform writes: never what a symbolic link leads to.
func ReadOwn(path string, limit int64) ([]byte, error) {
	return read(os.Lstat, os.OpenFile, path, limit)
}

// ReadBelow is ReadFile for a file below a folder, which no symbolic link leads out of.
func ReadBelow(root *os.Root, name string, limit int64) ([]byte, error) {
	return read(root.Stat, root.OpenFile, name, limit)
}

// SizeError means that a file is larger than it may be.
type SizeError struct{ Size, Limit int64 }

// Error gives both numbers, in bytes.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%d bytes; the limit is %d", e.Size, e.Limit)
}

var errReplaced = errors.New("something else took its place again and again while it was read")

// again is how often a file is opened that others put another in place of, as relayform itself does.
const again = 10

func read(stat func(string) (fs.FileInfo, error), open func(string, int, fs.FileMode) (*os.File, error), name string, limit int64) ([]byte, error) {
	for range again {
		named, err := stat(name)
		if err == nil {
			err = regular(named.Mode())
		}
		if err != nil {
			return nil, at(name, err)
		}
		file, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, at(name, err)
		}
		data, same, err := readSame(file, named, limit)
		_ = file.Close() // nothing was written
		if same || err != nil {
			return data, at(name, err)
		}
	}
	return nil, at(name, errReplaced)
}

// readSame reads an open file if it is the one that was named before.
func readSame(file *os.File, named fs.FileInfo, limit int64) (data []byte, same bool, err error) {
	info, err := file.Stat()
	if err != nil || !os.SameFile(named, info) {
		return nil, false, err
	}
	if info.Size() > limit {
		return nil, true, &SizeError{info.Size(), limit}
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(file, limit+1)); err != nil {
		return nil, true, err
	}
	if size := int64(b.Len()); size > limit { // it grows, or is one of /proc that tells no size
		return nil, true, &SizeError{size, limit}
	}
	return b.Bytes(), true, nil
}

// at has an error name the file, once.
func at(name string, err error) error {
	var already *fs.PathError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &fs.PathError{Op: "read", Path: name, Err: err}
}

// KindError means that something else lies where a file should.
type KindError struct{ Mode fs.FileMode }

// Error says what lies there.
func (e *KindError) Error() string { return e.Noun() + "; want a file" }

// Noun is what lies there, as a folder.
func (e *KindError) Noun() string {
	switch {
	case e.Mode.IsDir():
		return "a folder"
	case e.Mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case e.Mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case e.Mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

func regular(mode fs.FileMode) error {
	if mode.IsRegular() {
		return nil
	}
	return &KindError{mode}
}
