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

// ReadFile returns the content of a user's file, and follows symbolic links. What is not a file is refused without opening it: reading a
// pipe would block, and a device may have no end.
func ReadFile(path string, limit int64) ([]byte, error) {
	return read(os.Stat, os.OpenFile, path, limit)
}

// ReadOwn returns the content of a file that relayform writes: it does not follow symbolic links.
func ReadOwn(path string, limit int64) ([]byte, error) {
	return read(os.Lstat, os.OpenFile, path, limit)
}

// ReadBelow is ReadFile for a file below a folder, without symbolic links out of it.
func ReadBelow(root *os.Root, name string, limit int64) ([]byte, error) {
	return read(root.Stat, root.OpenFile, name, limit)
}

// SizeError means that a file is too large.
type SizeError struct{ Size, Limit int64 }

// Error has both numbers, in bytes.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%d bytes; the limit is %d", e.Size, e.Limit)
}

var errReplaced = errors.New("something else took its place again and again while it was read")

// again is how often a file is reopened if it is replaced meanwhile, as relayform itself does.
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
		_ = file.Close() // only opened for reading
		if same || err != nil {
			return data, at(name, err)
		}
	}
	return nil, at(name, errReplaced)
}

// readSame reads an open file if it is the same as the one found by name.
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
	if size := int64(b.Len()); size > limit { // it grows, or is a file in /proc without a size
		return nil, true, &SizeError{size, limit}
	}
	return b.Bytes(), true, nil
}

// at adds the file's name to an error, unless it has it already.
func at(name string, err error) error {
	var already *fs.PathError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &fs.PathError{Op: "read", Path: name, Err: err}
}

// KindError means that something other than a file is at a path.
type KindError struct{ Mode fs.FileMode }

// Error says what is at the path.
func (e *KindError) Error() string { return e.Noun() + "; want a file" }

// Noun names what is there: "a folder", for example.
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
