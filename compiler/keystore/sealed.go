package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"relayform/compiler/seal"
)

// UnlockedFolder is the folder in an encrypted store with its decrypted private values, for kubectl.
const UnlockedFolder = "unlocked"

// recipientsFile lists the recipients of an encrypted store.
const recipientsFile = "recipients.txt"

// private returns a private file's decrypted content, with its path. The error is ErrNoKey if it is missing.
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

// Private returns a private file's decrypted content. The name is slash-separated and relative to the store.
func (s *Store) Private(name string) ([]byte, error) {
	text, _, err := s.private(name)
	return text, err
}

func (s *Store) sealedHere(name string) bool {
	text, err := s.folder.Read(name + seal.Suffix)
	return err == nil && s.ring.Sealing() && seal.Sealed(text)
}

// putPrivate stores a private file. An encrypted one counts as unchanged if its name is the same: encrypting again would produce different
// bytes.
func (s *Store) putPrivate(name string, text []byte) error {
	if !s.ring.Sealing() {
		return s.put(name, text)
	}
	if s.sealedHere(name) {
		return nil
	}
	return s.putSealed(name, text)
}

// unsealed decrypts an encrypted file.
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
