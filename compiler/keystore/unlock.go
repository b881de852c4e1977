package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
)

var unlockedIgnore = []byte("# Private keys in plain: never commit them.\n*\n")

func (s *Store) unlocked() (*folder.Folder, error) {
	f, err := folder.Open(filepath.Join(s.folder.Path, UnlockedFolder), folder.Unlocked, s.topology)
	if err != nil {
		return nil, err
	}
	f.Disk = s.folder.Disk
	return f, nil
}

// isUnlocked reports whether Unlock has made a file of the folder: by its name, and by what it holds.
func isUnlocked(f *folder.Folder, name string) bool {
	text, err := f.Read(name)
	switch {
	case err != nil:
		return false
	case name == ignoreFile:
		return bytes.Equal(text, unlockedIgnore)
	case slices.Contains(componentFiles, name):
		return isComponent(f, name)
	}
	return isPrivate(name) && isNamed(name, text)
}

// unlockedFiles are the files that Unlock has made.
func unlockedFiles(f *folder.Folder) ([]string, error) {
	names, err := privateIn(f)
	names = append(names, componentFiles...)
	return slices.DeleteFunc(append(names, ignoreFile), func(name string) bool { return !isUnlocked(f, name) }), err
}

// Unlock puts the private files of those names, in plain, beside the components that name them, and
// removes what an earlier Unlock has made besides.
func (s *Store) Unlock(names []string, components []folder.File) error {
	files := []folder.File{{Name: ignoreFile, Data: unlockedIgnore}}
	for _, name := range names {
		if _, err := s.folder.Read(name); err == nil { // overlays do not look into the folder yet
			return fmt.Errorf("%s: not encrypted yet; run relayform compile first", filepath.Join(s.folder.Path, filepath.FromSlash(name)))
		}
		text, err := s.Private(name)
		if err != nil {
			return err
		}
		files = append(files, folder.File{Name: name, Data: text})
	}
	files = append(files, components...)
	if s.Exposed() {
		if err := s.ignore(); err != nil {
			return err
		}
	}
	f, err := s.unlocked()
	if err != nil {
		return err
	}
	if err := f.Create(); err != nil {
		return err
	}
	if err := claimComponents(f); err != nil {
		return err
	}
	for _, file := range files {
		if f.Same(file.Name, file.Data) {
			continue
		}
		if err := errors.Join(f.Mkdir(filepath.Dir(file.Name)), f.Write(file.Name, file.Data)); err != nil {
			return err
		}
	}
	old, err := unlockedFiles(f)
	for _, name := range old {
		if !slices.ContainsFunc(files, func(f folder.File) bool { return f.Name == name }) {
			err = errors.Join(err, f.Remove(name))
		}
	}
	return errors.Join(err, f.Sweep())
}

// Unlocked reports whether the components are in place for kubectl.
func (s *Store) Unlocked(components []folder.File) bool {
	f, err := s.components()
	return err == nil && !slices.ContainsFunc(components, func(c folder.File) bool { return !f.Same(c.Name, c.Data) })
}

// RemoveUnlocked removes what Unlock has made, and gives what else is there, which stays.
func (s *Store) RemoveUnlocked() (left []string, err error) {
	if !s.folder.Exists() {
		return nil, nil
	}
	if _, err := fs.Lstat(s.folder.FS(), UnlockedFolder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	f, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	if err := f.Create(); err != nil { // where an Unlock was cut short
		return nil, err
	}
	names, err := unlockedFiles(f)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := f.Remove(name); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(f.Sweep(), f.RemoveEmpty(lockfile.TokenFolder)); err != nil {
		return nil, err
	}
	if left = strangers(f, func(name string) bool { return name == folder.Marker }); len(left) > 0 {
		return left, nil // with the marker, by which the next Unlock knows the folder
	}
	return nil, errors.Join(f.Remove(folder.Marker), s.folder.RemoveEmpty(UnlockedFolder))
}
