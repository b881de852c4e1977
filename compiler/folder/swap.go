package folder

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// File is a file in a folder: its slash-separated name and its content.
type File struct {
	Name string
	Data []byte
}

// Replace replaces subfolders with exactly the files given. The first part of the files' names is the subfolder. At every moment each
// subfolder is entirely old or new.
func (f *Folder) Replace(folders [][]File) error {
	if len(folders) == 0 {
		return f.Sweep()
	}
	if err := f.makeScratch(); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, files := range folders {
		group.Go(func() error {
			name := top(files)
			if err := f.stage(files); err != nil {
				return err
			}
			return f.change("exchange", name, func() error { return f.exchange(path.Join(f.scratch, name), name) })
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return f.Sweep()
}

// top returns the subfolder that the files form.
func top(files []File) string {
	name, _, _ := strings.Cut(files[0].Name, "/")
	return name
}

// stage writes one subfolder into the scratch folder, which is this run's own, so that no link points out of it.
func (f *Folder) stage(files []File) error {
	staging := filepath.Join(f.Path, filepath.FromSlash(f.scratch))
	made := ""
	for _, file := range files {
		if dir := path.Dir(file.Name); dir != made {
			at := filepath.Join(staging, filepath.FromSlash(dir))
			if err := f.Disk.Do("create", at, func() error { return mkdir(at, f.kind.DirMode) }); err != nil {
				return err
			}
			made = dir
		}
		if err := f.stageFile(filepath.Join(staging, filepath.FromSlash(file.Name)), file.Data); err != nil {
			return err
		}
	}
	return nil
}

// mkdir is os.MkdirAll for a folder whose parent usually exists.
func mkdir(path string, mode fs.FileMode) error {
	err := os.Mkdir(path, mode)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return os.MkdirAll(path, mode)
	}
	return err
}

func (f *Folder) stageFile(path string, data []byte) error {
	return f.Disk.Do("write", path, func() error {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.kind.FileMode)
		if err != nil {
			return err
		}
		_, err = file.Write(data)
		return errors.Join(err, file.Close())
	})
}

// exchange swaps new and old; if old does not exist, it only renames new.
func (f *Folder) exchange(new, old string) error {
	err := os.Rename(filepath.Join(f.Path, filepath.FromSlash(new)), filepath.Join(f.Path, old))
	if err == nil { // nothing was there
		return nil
	}
	if _, missing := f.root.Lstat(old); missing != nil {
		return err
	}
	return f.swap(filepath.FromSlash(new), old)
}

// Remove removes a file, or a folder with everything in it. A missing one is not an error.
func (f *Folder) Remove(name string) error {
	if f.root == nil {
		return nil
	}
	if _, err := f.root.Lstat(filepath.FromSlash(name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return f.change("remove", name, func() error { return f.root.RemoveAll(filepath.FromSlash(name)) })
}

// RemoveEmpty removes a folder if it is empty. A missing one is not an error.
func (f *Folder) RemoveEmpty(name string) error {
	if entries, err := fs.ReadDir(f.FS(), name); err != nil || len(entries) > 0 {
		return nil
	}
	return f.change("remove", name, func() error { return f.root.Remove(filepath.FromSlash(name)) })
}

// swapInTwo replaces swap on systems without an atomic exchange: between its two renames b is missing, so that a reader finds nothing
// rather than a partial folder.
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
