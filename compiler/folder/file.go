package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Temporary is where a file is written before it takes the place of the one at path. A run that is
// cut short may leave it there.
func Temporary(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp")
}

// WriteFile puts a file in place as a whole, flushed to disk: readers see the old one or the new.
func WriteFile(disk Disk, path string, data []byte) error {
	tmp := Temporary(path)
	var file *os.File
	err := disk.Do("create", tmp, func() (err error) {
		file, err = os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		return err
	})
	if err != nil {
		return err
	}
	err = disk.Do("write", tmp, func() error {
		_, err := file.Write(data)
		return err
	})
	if err == nil {
		err = disk.Do("sync", tmp, file.Sync)
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = disk.Do("rename", path, func() error { return os.Rename(tmp, path) })
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return disk.Do("sync", filepath.Dir(path), func() error { return SyncDir(filepath.Dir(path)) })
}

// Tidy removes what a WriteFile that was cut short left behind.
func Tidy(disk Disk, path string) error {
	tmp := Temporary(path)
	if _, err := os.Lstat(tmp); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return disk.Do("remove", tmp, func() error { return os.Remove(tmp) })
}

// SyncDir flushes a folder's entries to disk: a rename counts after a loss of power only then.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" { // where a folder cannot be flushed
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
