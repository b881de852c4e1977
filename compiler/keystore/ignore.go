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

// What git is told of a store, plain and sealed: everything private stays out.
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

// IgnoreFile is the path of what git is told of the store.
func (s *Store) IgnoreFile() string { return filepath.Join(s.folder.Path, ignoreFile) }

// Exposed reports whether git could take private files, because what it is told of the store was changed
// or removed. Either form keeps them out, whether the store is sealed or not.
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

// ignoring is what git reads; not what a symbolic link leads to, which it does not follow.
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

// asOnUnix is a text without what git puts at the ends of its lines on Windows.
func asOnUnix(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// ignore has git ignore what is private in the store.
func (s *Store) ignore() error {
	if text, ok := s.ignoring(); ok && bytes.Equal(text, s.ignored()) {
		return nil
	}
	return s.folder.Write(ignoreFile, s.ignored())
}
