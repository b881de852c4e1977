package folder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// mark is part of the name of a temporary file next to the topology, followed by a rand.Text.
const mark = ".relayform-"

// temporary returns a name for a file that is to replace the one at path. Each is unique, so that it is never taken or predicted.
func temporary(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+mark+rand.Text()+".tmp")
}

// isTemporary reports whether temporary could have returned a name for a file called base.
func isTemporary(name, base string) bool {
	name, ok := strings.CutPrefix(name, "."+base+mark)
	name, ends := strings.CutSuffix(name, ".tmp")
	return ok && ends && isRandom(name)
}

// isRandom reports whether a text has the form of rand.Text: 26 characters of base32.
func isRandom(text string) bool {
	return len(text) == 26 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// CreateFile creates a file, flushed to disk, that must not exist, not even as a symbolic link. A partial file is removed.
func CreateFile(disk Disk, path string, data []byte) error { return createFile(disk, path, data, nil) }

// createFile gives the file the mode of another; nil for the default.
func createFile(disk Disk, path string, data []byte, like fs.FileInfo) error {
	do := func(op string, step func() error) error { return disk.Do(op, path, step) }
	open := func() (*os.File, error) { return os.OpenFile(path, newFile, 0o644) }
	return create(do, open, func() error { return os.Remove(path) }, data, like, true)
}

const newFile = os.O_WRONLY | os.O_CREATE | os.O_EXCL

// create creates a file, optionally with the mode of another file, and flushed if durable. A partial file is removed.
func create(do func(op string, step func() error) error, open func() (*os.File, error), remove func() error, data []byte, like fs.FileInfo, durable bool) error {
	var file *os.File
	err := do("create", func() (err error) {
		file, err = open()
		return err
	})
	if file == nil {
		return err
	}
	if err == nil { // otherwise it was created, and reported as failed
		err = do("write", func() error {
			_, err := file.Write(data)
			return err
		})
	}
	if info, _ := file.Stat(); err == nil && like != nil && info != nil && info.Mode().Perm() != like.Mode().Perm() {
		err = do("chmod", func() error { return file.Chmod(like.Mode().Perm()) })
	}
	if err == nil && durable {
		err = do("sync", file.Sync)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, remove())
	}
	return nil
}

// WriteFile replaces a file atomically, flushed to disk, with the mode of the previous file. It does not follow symbolic links.
func WriteFile(disk Disk, path string, data []byte) error {
	old, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return fmt.Errorf("%s: %w", path, regular(old.Mode()))
	}
	tmp := temporary(path)
	if err := createFile(disk, tmp, data, old); err != nil {
		return err
	}
	if err := disk.Do("rename", path, func() error { return os.Rename(tmp, path) }); err != nil {
		if gone := os.Remove(tmp); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return err
	}
	return disk.Do("sync", filepath.Dir(path), func() error { return SyncDir(filepath.Dir(path)) })
}

// RemoveFile removes a file durably.
func RemoveFile(disk Disk, path string) error {
	if err := disk.Do("remove", path, func() error { return os.Remove(path) }); err != nil {
		return err
	}
	return disk.Do("sync", filepath.Dir(path), func() error { return SyncDir(filepath.Dir(path)) })
}

// Tidy removes leftovers of interrupted WriteFiles of the paths, which are in one folder.
func Tidy(disk Disk, paths ...string) error {
	dir := filepath.Dir(paths[0])
	entries, err := list(dir)
	if errors.Is(err, fs.ErrPermission) { // then nothing can have been left there
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, path := range paths {
			if !e.Type().IsRegular() || !isTemporary(e.Name(), filepath.Base(path)) {
				continue
			}
			tmp := filepath.Join(dir, e.Name())
			if err := disk.Do("remove", tmp, func() error { return os.Remove(tmp) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// SyncDir flushes a folder's entries to disk: a rename survives a loss of power only after that.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" { // cannot flush a folder
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// flush flushes a folder's entries to disk.
func (f *Folder) flush(name string) error {
	return f.change("sync", name, func() error { return SyncDir(filepath.Join(f.Path, filepath.FromSlash(name))) })
}
