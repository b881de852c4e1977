package keystore

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"slices"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

const ignoreFile = ".gitignore"

// Contents of .gitignore for a plain and an encrypted store: everything private is excluded.
var (
	plainIgnore  = []byte("# Private keys: never commit them.\n*\n")
	sealedIgnore = []byte("# Private keys: commit them encrypted only.\n*\n!*/\n!*" + seal.Suffix + "\n!" + ignoreFile + "\n!" + folder.Marker + "\n!" + recipientsFile + "\n" + UnlockedFolder + "/\n")
)

func (s *Store) ignored() []byte {
	if s.ring.Sealing() {
		return sealedIgnore
	}
	return plainIgnore
}

// IgnoreFile returns the path of the store's .gitignore.
func (s *Store) IgnoreFile() string { return filepath.Join(s.folder.Path, ignoreFile) }

// Exposed reports whether git could add private files because the store's .gitignore was changed or removed. The forms for plain and
// encrypted stores both exclude them.
func (s *Store) Exposed() bool {
	if !s.folder.Exists() {
		return false
	}
	if text, ok := s.ignoring(); ok {
		return !bytes.Equal(text, plainIgnore) && !bytes.Equal(text, sealedIgnore)
	}
	names, err := s.privateFiles()
	return err == nil && slices.ContainsFunc(names, isPrivate)
}

// ignoring returns the .gitignore as git reads it: git does not follow a symbolic link.
func (s *Store) ignoring() (text []byte, ok bool) {
	info, err := fs.Lstat(s.folder.FS(), ignoreFile)
	if err != nil {
		return nil, false
	}
	if text, err = s.folder.Read(ignoreFile); err != nil || !info.Mode().IsRegular() {
		return nil, true
	}
	return asOnUnix(text), true
}

// asOnUnix removes the carriage returns that git adds on Windows.
func asOnUnix(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// ignore writes the store's .gitignore.
func (s *Store) ignore() error {
	if text, ok := s.ignoring(); ok && bytes.Equal(text, s.ignored()) {
		return nil
	}
	return s.folder.Write(ignoreFile, s.ignored())
}
