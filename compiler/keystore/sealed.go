package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"relayform/compiler/seal"
)

// UnlockedFolder is the part of a sealed store in which its private half lies in plain, for kubectl.
const UnlockedFolder = "unlocked"

// recipientsFile says whom a sealed store is encrypted to.
const recipientsFile = "recipients.txt"

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

// unsealed is what a sealed file holds.
func (s *Store) unsealed(name string) ([]byte, error) {
	text, err := s.folder.Read(name)
	if err == nil {
		text, err = s.ring.Open(text)
	}
	if err != nil {
		return nil, unreadable(filepath.Join(s.folder.Path, filepath.FromSlash(name)), err)
	}
	return text, nil
}

func (s *Store) putSealed(name string, text []byte) error {
	sealed, err := s.ring.Seal(text)
	if err != nil {
		return err
	}
	return s.folder.Write(name+seal.Suffix, sealed)
}
