package folder

import (
	"errors"
	"os"
)

// Stage makes a folder that is not there yet, and puts folders below it together, out of sight: a
// Replace that gives the same files has only to put them in place. The marker says that the folder is
// unfinished. Until Begin, Discard takes everything back.
func (f *Folder) Stage(folders [][]File) error {
	err := f.Create()
	if err == nil {
		err = f.Begin()
	}
	if f.fresh = true; err != nil {
		return err
	}
	if err := f.makeScratch(); err != nil {
		return err
	}
	f.staged = make(map[string][]File, len(folders))
	for _, files := range folders {
		f.staged[top(files)] = files
	}
	return sideBySide(folders, f.stage)
}

// Discard removes what Stage made, if it has not begun to count; and the folder, if nothing else came
// into it.
func (f *Folder) Discard() error {
	if !f.fresh {
		return nil
	}
	f.fresh, f.staged = false, nil
	if err := errors.Join(f.Sweep(), f.Remove(Marker)); err != nil {
		return err
	}
	return f.Disk.Do("remove", f.Path, func() error { return os.Remove(f.Path) })
}
