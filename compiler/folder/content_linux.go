package folder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// read reads an entry of the folder at dir, recursively. Each folder is opened once and its files relative to it: an *os.File for each full
// path takes twice the time.
func (c *Content) read(dir string, e fs.DirEntry) error {
	path, err := filepath.Join(dir, e.Name()), error(nil)
	switch {
	case e.IsDir():
		err = c.folder(unix.AT_FDCWD, path, "")
	case e.Type().IsRegular():
		err = c.file(unix.AT_FDCWD, path, "")
	default:
		c.add("", true)
	}
	var at *fs.PathError
	if errors.As(err, &at) { // it has the path below the entry
		return &fs.PathError{Op: at.Op, Path: filepath.Join(path, filepath.FromSlash(at.Path)), Err: at.Err}
	}
	return err
}

func (c *Content) folder(parent int, path, at string) error {
	fd, err := unix.Openat(parent, path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: at, Err: err}
	}
	defer unix.Close(fd)
	var buffer [4096]byte
	for {
		n, err := unix.ReadDirent(fd, buffer[:])
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return &fs.PathError{Op: "readdirent", Path: at, Err: err}
		case n == 0:
			return nil
		}
		for rest := buffer[:n]; len(rest) > 0; {
			var name []byte
			var kind uint8
			name, kind, rest = entry(rest)
			if err := c.below(fd, at, name, kind); err != nil {
				return err
			}
		}
	}
}

// The layout of getdents64(2)'s struct linux_dirent64.
const (
	lengthAt = 16
	kindAt   = 18
	nameAt   = 19
)

// entry splits off the first entry.
func entry(b []byte) (name []byte, kind uint8, rest []byte) {
	length := binary.NativeEndian.Uint16(b[lengthAt:])
	name, _, _ = bytes.Cut(b[nameAt:length], []byte{0})
	return name, b[kindAt], b[length:]
}

func (c *Content) below(fd int, at string, base []byte, kind uint8) error {
	if string(base) == "." || string(base) == ".." {
		return nil
	}
	name := c.name(at, base)
	path := name[len(name)-len(base):]
	if kind == unix.DT_UNKNOWN { // the file system does not report types
		var stat unix.Stat_t
		if err := unix.Fstatat(fd, path, &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return &fs.PathError{Op: "stat", Path: name, Err: err}
		}
		kind = uint8(stat.Mode & unix.S_IFMT >> 12) // like IFTODT(3)
	}
	switch kind {
	case unix.DT_DIR:
		return c.folder(fd, path, name)
	case unix.DT_REG:
		return c.file(fd, path, name)
	}
	c.add(name, true)
	return nil
}

// file appends a file's content to scratch.
func (c *Content) file(parent int, path, name string) error {
	fd, err := unix.Openat(parent, path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer unix.Close(fd)
	for start := len(c.scratch); ; {
		if size := int64(len(c.scratch) - start); size > maxFile {
			return &fs.PathError{Op: "read", Path: name, Err: &SizeError{size, maxFile}}
		}
		if len(c.scratch) == cap(c.scratch) {
			c.scratch = slices.Grow(c.scratch, max(4096, len(c.scratch)))
		}
		room := c.scratch[len(c.scratch):cap(c.scratch)]
		n, err := unix.Read(fd, room)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		c.scratch = c.scratch[:len(c.scratch)+n]
		if n < len(room) { // for a regular file, a short read means the end
			c.add(name, false)
			return nil
		}
	}
}
