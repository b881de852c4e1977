package folder

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// readInto reads the beginning of a regular file, as much as there is room for. An *os.File would
// double the calls that this takes.
func readInto(path string, into []byte) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return 0, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	n := 0
	for n < len(into) {
		m, err := unix.Read(fd, into[n:])
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return n, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		n += m
		if m == 0 || n == len(into)-1 { // of a regular file, a short read is the end
			break
		}
	}
	return n, nil
}
