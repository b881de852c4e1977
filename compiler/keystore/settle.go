package keystore

import (
	"bytes"
	"io/fs"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// Settle converts every private file to the form that the ring requires: encrypted, encrypted to other recipients, or plain. All are
// decrypted before the first is written, so that a missing identity changes nothing; the next run completes an interrupted one. Foreign
// files are left alone.
func (s *Store) Settle() error {
	if !s.folder.Exists() {
		return nil
	}
	names, err := s.privateFiles()
	if err != nil {
		return err
	}
	if s.ring.Sealing() {
		return s.settleSealed(names)
	}
	if !s.wasSealed(names) {
		return s.ignore()
	}
	return s.settlePlain(names)
}

// wasSealed reports whether the store looks like an encrypted one. Its .gitignore is changed last on the way to plain, and first on the way
// back.
func (s *Store) wasSealed(names []string) bool {
	for _, name := range names {
		if strings.HasSuffix(name, seal.Suffix) {
			return true
		}
	}
	text, ok := s.ignoring()
	return ok && bytes.Equal(text, sealedIgnore)
}

func (s *Store) settleSealed(names []string) error {
	to := s.recipients()
	have, err := s.listed()
	moved := err != nil || !bytes.Equal(have, to)
	files, err := s.opened(names, func(name string, sealed bool) bool {
		return sealed && moved || !sealed && !isHeld(name) && s.holds(name)
	})
	if err != nil {
		return err
	}
	if err := s.ignore(); err != nil {
		return err
	}
	if moved { // until every file is encrypted again the store lists no recipients, so that the next run encrypts all of them again, whoever they are for
		if err := s.folder.Remove(recipientsFile); err != nil {
			return err
		}
	}
	for _, f := range files {
		plain, sealed := strings.CutSuffix(f.Name, seal.Suffix)
		err := s.putSealed(plain, f.Data)
		if err == nil && !sealed {
			err = s.folder.Remove(f.Name)
		}
		if err != nil {
			return err
		}
	}
	for _, name := range componentsIn(s.folder) {
		if err := removeComponent(s.folder, name); err != nil {
			return err
		}
	}
	if err := s.dropHeld(func(string) bool { return false }); err != nil {
		return err
	}
	if !moved {
		return nil
	}
	return s.folder.Write(recipientsFile, to)
}

// opened decrypts private files, by their names in the store.
func (s *Store) opened(names []string, which func(name string, sealed bool) bool) ([]folder.File, error) {
	if s.Exposed() { // whatever else fails
		if err := s.ignore(); err != nil {
			return nil, err
		}
	}
	var files []folder.File
	for _, name := range names {
		sealed := strings.HasSuffix(name, seal.Suffix)
		if !which(name, sealed) {
			continue
		}
		read := s.folder.Read
		if sealed {
			read = s.unsealed
		}
		text, err := read(name)
		if err != nil {
			return nil, err
		}
		files = append(files, folder.File{Name: name, Data: text})
	}
	return files, nil
}

func (s *Store) settlePlain(names []string) error {
	files, err := s.opened(names, func(_ string, sealed bool) bool { return sealed })
	if err != nil {
		return err
	}
	for _, f := range files {
		plain := strings.TrimSuffix(f.Name, seal.Suffix)
		if _, err := fs.Lstat(s.folder.FS(), plain); err == nil && !s.holds(plain) {
			return inTheWay(s.folder, plain)
		}
		err := s.put(plain, f.Data)
		if err == nil {
			err = s.folder.Remove(f.Name)
		}
		if err != nil {
			return err
		}
	}
	if text, err := s.listed(); err == nil && isRecipients(text) {
		if err := s.folder.Remove(recipientsFile); err != nil {
			return err
		}
	}
	if _, err := s.unlocked(); err == nil { // otherwise it is foreign
		if _, err := s.RemoveUnlocked(); err != nil {
			return err
		}
	}
	return s.ignore()
}

// recipients returns the content of the recipients file.
func (s *Store) recipients() []byte { return []byte(strings.Join(s.ring.Recipients, "\n") + "\n") }

// listed returns the recipients in the store's own list.
func (s *Store) listed() ([]byte, error) {
	text, err := s.folder.Read(recipientsFile)
	return asOnUnix(text), err
}

// isRecipients reports whether a text is a list of recipients as a store writes it.
func isRecipients(text []byte) bool {
	lines := strings.Split(string(text), "\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" {
		return false
	}
	for _, line := range lines[:len(lines)-1] {
		if seal.Check(line) != nil {
			return false
		}
	}
	return true
}
