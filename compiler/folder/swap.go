package folder

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
)

// staging is where a folder below is put together before it takes the place of the old one.
const staging = ".relayform.tmp"

// File is a file of a folder: its slash-separated name and its content.
type File struct {
	Name string
	Data []byte
}

// Replace puts a folder below, with exactly these files, in the place of what was there. At every
// moment there is the old one or the new one. The files' names begin with the folder's.
func (f *Folder) Replace(name string, files []File) error {
	staged := path.Join(staging, name)
	if err := f.Remove(staged); err != nil {
		return err
	}
	made := map[string]bool{}
	for _, file := range files {
		at := path.Join(staging, file.Name)
		if dir := path.Dir(at); !made[dir] {
			if err := f.Mkdir(dir); err != nil {
				return err
			}
			made[dir] = true
		}
		if err := f.create(at, file.Data); err != nil {
			return err
		}
	}
	if err := f.exchange(staged, name); err != nil {
		return err
	}
	return f.Remove(staged)
}

// exchange puts new in the place of old, and what was there, if anything, in the place of new.
func (f *Folder) exchange(new, old string) error {
	if _, err := f.root.Lstat(filepath.FromSlash(old)); errors.Is(err, fs.ErrNotExist) {
		return f.root.Rename(filepath.FromSlash(new), filepath.FromSlash(old))
	} else if err != nil {
		return err
	}
	return f.swap(filepath.FromSlash(new), filepath.FromSlash(old))
}

// Remove removes a file, or a folder with all that is in it. A missing one is no error.
func (f *Folder) Remove(name string) error {
	if f.root == nil {
		return nil
	}
	return f.root.RemoveAll(filepath.FromSlash(name))
}

// Sweep removes what a run that was cut short left behind.
func (f *Folder) Sweep() error { return f.Remove(staging) }

// swapInTwo is swap where the system has no exchange: between its two renames b is missing, so that
// a reader finds nothing rather than half.
func (f *Folder) swapInTwo(a, b string) error {
	aside := a + ".old"
	if err := f.root.RemoveAll(aside); err != nil {
		return err
	}
	if err := f.root.Rename(b, aside); err != nil {
		return err
	}
	if err := f.root.Rename(a, b); err != nil {
		return errors.Join(err, f.root.Rename(aside, b))
	}
	return f.root.Rename(aside, a)
}
