package folder

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// swap exchanges two entries of the folder atomically (renameat2(2), RENAME_EXCHANGE), or in two steps if the file system does not support
// that.
func (f *Folder) swap(a, b string) error {
	dir, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer dir.Close()
	fd := int(dir.Fd())
	switch err := unix.Renameat2(fd, a, fd, b, unix.RENAME_EXCHANGE); err {
	case nil:
		return nil
	case unix.EINVAL, unix.ENOSYS:
		return f.swapInTwo(a, b)
	default:
		return fmt.Errorf("exchange %s: %w", b, err)
	}
}
