package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/seal"
)

func isComponent(f *folder.Folder, name string) bool {
	text, err := f.Read(name)
	return err == nil && bytes.HasPrefix(text, []byte("# "+delivery.ComponentComment+"\n"))
}

// removeComponent removes a component; a user's file in its place stays.
func removeComponent(f *folder.Folder, name string) error {
	if !isComponent(f, name) {
		return nil
	}
	return f.Remove(name)
}

// Claim refuses files that the store is about to overwrite but did not write.
func (s *Store) Claim() error {
	if !s.folder.Exists() {
		return nil
	}
	if !s.ring.Sealing() {
		return claimComponents(s.folder)
	}
	names, err := s.privateFiles()
	if err != nil {
		return err
	}
	text, err := s.listed()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && (bytes.Equal(text, s.recipients()) || s.wasSealed(names) && isRecipients(text)):
		return nil
	}
	return inTheWay(s.folder, recipientsFile)
}

func claimComponents(f *folder.Folder) error {
	for _, name := range componentsIn(f) {
		if _, err := fs.Lstat(f.FS(), name); err == nil && !isComponent(f, name) {
			return inTheWay(f, name)
		}
	}
	return nil
}

func inTheWay(f *folder.Folder, name string) error {
	return fmt.Errorf("%s: not written by relayform, which needs this name; move it elsewhere", filepath.Join(f.Path, filepath.FromSlash(name)))
}

// Foreign returns the files and folders in the store that relayform did not create and does not touch: slash-separated paths below the
// store, with a trailing slash for folders.
func (s *Store) Foreign() []string {
	if !s.folder.Exists() {
		return nil
	}
	foreign := strangers(s.folder, s.isOwn)
	unlocked, err := s.unlocked()
	below := func(names []string) {
		for _, name := range names {
			foreign = append(foreign, UnlockedFolder+"/"+name)
		}
	}
	switch {
	case err == nil && unlocked.Exists():
		below(strangers(unlocked, func(name string) bool { return name == folder.Marker || isUnlocked(unlocked, name) }))
	case err != nil: // foreign as a whole
		below(list(s.folder.FS(), UnlockedFolder))
	}
	slices.Sort(foreign)
	return foreign
}

// list returns a folder's entries.
func list(fsys fs.FS, dir string) []string {
	entries, _ := fs.ReadDir(fsys, dir) // an unreadable one is not touched in any case
	var names []string
	for _, e := range entries {
		names = append(names, named(e.Name(), e))
	}
	return names
}

func named(name string, e fs.DirEntry) string {
	if e.IsDir() {
		name += "/"
	}
	return name
}

// isOwn reports whether relayform wrote a file of the store.
func (s *Store) isOwn(name string) bool {
	switch plain, sealed := strings.CutSuffix(name, seal.Suffix); {
	case name == folder.Marker, name == ignoreFile:
		return true
	case name == recipientsFile:
		text, err := s.listed()
		return err == nil && s.ring.Sealing() && isRecipients(text)
	case isComponentFile(name):
		return isComponent(s.folder, name)
	default:
		return isPrivate(plain) && (sealed || !s.ring.Sealing())
	}
}

// strangers returns the entries of a folder that are not its own.
func strangers(f *folder.Folder, own func(name string) bool) []string {
	foreign := f.Foreign()
	dirs, _ := places(f)
	for _, dir := range append(dirs, lockfile.AgentsFolder) {
		entries, _ := fs.ReadDir(f.FS(), dir)
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case name == folder.Staging:
			case e.IsDir() && (name == lockfile.TokenFolder || name == lockfile.AgentsFolder || name == UnlockedFolder || isAgentFolder(name)):
			case !e.Type().IsRegular() || !own(name):
				foreign = append(foreign, named(name, e))
			}
		}
	}
	return foreign
}
