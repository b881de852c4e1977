package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// UnlockedFolder is the part of a sealed store in which its private half lies in plain, for kubectl.
const UnlockedFolder = "unlocked"

const (
	ignoreFile     = ".gitignore"
	recipientsFile = "recipients.txt"
)

// ignored is what git is told of the store: everything private stays out.
func (s *Store) ignored() []byte {
	if !s.ring.Sealing() {
		return []byte("# Private keys: never commit them.\n*\n")
	}
	lines := []string{"# Private keys: commit them encrypted only.", "*", "!*/", "!*" + seal.Suffix, "!" + ignoreFile, "!" + folder.Marker, "!" + recipientsFile, UnlockedFolder + "/"}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// Committable reports whether a file of a sealed store may be committed.
func Committable(name string) bool {
	base := filepath.Base(name)
	return strings.HasSuffix(base, seal.Suffix) || base == ignoreFile || base == folder.Marker || base == recipientsFile
}

// Seal has the store keep private files as the ring wants it.
func (s *Store) Seal(ring seal.Ring) { s.ring = ring }

// private is a private file's content, in plain, with its path. The error is ErrNoKey where it is
// missing.
func (s *Store) private(name string) (text []byte, path string, err error) {
	for _, at := range []string{name, name + seal.Suffix} {
		path := filepath.Join(s.folder.Path, filepath.FromSlash(at))
		text, err := s.folder.Read(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && at != name {
			text, err = s.ring.Open(text)
		}
		if err != nil {
			return nil, path, unreadable(path, err)
		}
		return text, path, nil
	}
	if s.ring.Sealing() {
		name += seal.Suffix
	}
	path = filepath.Join(s.folder.Path, filepath.FromSlash(name))
	return nil, path, fmt.Errorf("%s: %w", path, ErrNoKey)
}

// Private is a private file's content, in plain. The name is slash-separated and below the store.
func (s *Store) Private(name string) ([]byte, error) {
	text, _, err := s.private(name)
	return text, err
}

func (s *Store) sealedHere(name string) bool {
	text, err := s.folder.Read(name + seal.Suffix)
	return err == nil && s.ring.Sealing() && seal.Sealed(text)
}

// putPrivate keeps a private file. A sealed one is the same as long as its name is: sealing it again
// would give other bytes.
func (s *Store) putPrivate(name string, text []byte) error {
	if !s.ring.Sealing() {
		return s.put(name, text)
	}
	if s.sealedHere(name) {
		return nil
	}
	return s.putSealed(name, text)
}

func (s *Store) putSealed(name string, text []byte) error {
	sealed, err := s.ring.Seal(text)
	if err != nil {
		return err
	}
	return s.folder.Write(name+seal.Suffix, sealed)
}

// Settle brings every private file to the form that the ring wants, one after the other, so that a
// run that is cut short is finished by the next: sealed, sealed to other recipients, or plain.
func (s *Store) Settle() error {
	if !s.folder.Exists() {
		return nil
	}
	names, err := s.privateFiles()
	if err != nil {
		return err
	}
	to := []byte(strings.Join(s.ring.Recipients, "\n") + "\n")
	moved := !s.folder.Same(recipientsFile, to)
	if err := s.put(ignoreFile, s.ignored()); err != nil {
		return err
	}
	for _, name := range names {
		plain, sealed := strings.CutSuffix(name, seal.Suffix)
		if sealed == s.ring.Sealing() && !(sealed && moved) {
			continue
		}
		text, err := s.Private(plain)
		if err != nil {
			return err
		}
		if s.ring.Sealing() {
			err = s.putSealed(plain, text)
		} else {
			err = s.put(plain, text)
		}
		if err == nil && sealed != s.ring.Sealing() {
			err = s.folder.Remove(name)
		}
		if err != nil {
			return err
		}
	}
	if !s.ring.Sealing() {
		return errors.Join(s.folder.Remove(recipientsFile), s.folder.Remove(UnlockedFolder))
	}
	for _, component := range []string{"kustomization.yaml", TokenFolder + "/kustomization.yaml"} {
		if err := s.folder.Remove(component); err != nil {
			return err
		}
	}
	return s.put(recipientsFile, to)
}

func (s *Store) unlocked() (*folder.Folder, error) {
	f, err := folder.Open(filepath.Join(s.folder.Path, UnlockedFolder), folder.Unlocked, s.topology)
	if err != nil {
		return nil, err
	}
	f.Disk = s.folder.Disk
	return f, nil
}

// Unlock puts the private files of those names, in plain, beside the components that name them, and
// removes what else was there.
func (s *Store) Unlock(names []string, components []folder.File) error {
	files := []folder.File{{Name: ignoreFile, Data: []byte("# Private keys in plain: never commit them.\n*\n")}}
	for _, name := range names {
		text, err := s.Private(name)
		if err != nil {
			return err
		}
		files = append(files, folder.File{Name: name, Data: text})
	}
	files = append(files, components...)
	f, err := s.unlocked()
	if err != nil {
		return err
	}
	if err := f.Create(); err != nil {
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
	var old []string
	err = fs.WalkDir(f.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && name != folder.Marker && !slices.ContainsFunc(files, func(f folder.File) bool { return f.Name == name }) {
			old = append(old, name)
		}
		return err
	})
	for _, name := range old {
		err = errors.Join(err, f.Remove(name))
	}
	return errors.Join(err, f.Sweep())
}

// Unlocked reports whether the components are in place for kubectl.
func (s *Store) Unlocked(components []folder.File) bool {
	f, err := s.components()
	return err == nil && !slices.ContainsFunc(components, func(c folder.File) bool { return !f.Same(c.Name, c.Data) })
}

// Lock removes what Unlock made.
func (s *Store) Lock() error { return s.folder.Remove(UnlockedFolder) }
