package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
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

// isUnlocked reports whether Unlock wrote a file, by its name and content.
func isUnlocked(f *folder.Folder, name string) bool {
	text, err := f.Read(name)
	switch {
	case err != nil:
		return false
	case name == ignoreFile:
		return bytes.Equal(text, unlockedIgnore)
	case isComponentFile(name):
		return isComponent(f, name)
	}
	return isPrivate(name) && isNamed(name, text)
}

// unlockedFiles returns the files that Unlock wrote.
func unlockedFiles(f *folder.Folder) ([]string, error) {
	names, err := privateIn(f)
	names = append(names, componentsIn(f)...)
	return slices.DeleteFunc(append(names, ignoreFile), func(name string) bool { return !isUnlocked(f, name) }), err
}

// Unlock writes the components with their decrypted values, and removes files from earlier Unlocks that are not among them.
func (s *Store) Unlock(parts delivery.Parts) error {
	for _, f := range parts.Files {
		if _, err := s.folder.Read(f.Value); err == nil { // overlays do not look in the folder yet
			return fmt.Errorf("%s: not encrypted yet; run relayform compile first", filepath.Join(s.folder.Path, filepath.FromSlash(f.Value)))
		}
	}
	held, err := delivery.Holding(parts.Files, s.Private)
	if err != nil {
		return err
	}
	files := append([]folder.File{{Name: ignoreFile, Data: unlockedIgnore}}, held...)
	files = append(files, parts.Components...)
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
	made := make(map[string]bool, len(files))
	for _, file := range files {
		made[file.Name] = true
	}
	old, err := unlockedFiles(f)
	for _, name := range old {
		if !made[name] {
			err = errors.Join(err, f.Remove(name))
		}
	}
	return errors.Join(err, f.Sweep(), removeEmptied(f))
}

// Unlocked reports whether the components and their values are in place for kubectl.
func (s *Store) Unlocked(parts delivery.Parts) bool {
	f, err := s.components()
	return err == nil && !slices.ContainsFunc(parts.Components, func(c folder.File) bool { return !f.Same(c.Name, c.Data) }) &&
		!slices.ContainsFunc(parts.Files, func(held delivery.PrivateFile) bool {
			text, err := f.Read(held.Name())
			return err != nil || !isNamed(held.Name(), text)
		})
}

// RemoveUnlocked removes Unlock's files, and returns others, which stay.
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
	if err := f.Create(); err != nil { // after an interrupted Unlock
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
	if err := errors.Join(f.Sweep(), removeEmptied(f)); err != nil {
		return nil, err
	}
	if left = strangers(f, func(name string) bool { return name == folder.Marker }); len(left) > 0 {
		return left, nil // the marker stays, by which the next Unlock recognizes the folder
	}
	return nil, errors.Join(f.Remove(folder.Marker), s.folder.RemoveEmpty(UnlockedFolder))
}
