package keystore

import (
	"bytes"
	"io/fs"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// Settle brings every private file to the form that the ring wants: sealed, sealed to other recipients, or
// plain. All of them are opened before the first is written, so that an identity that is missing changes
// nothing; a run that is cut short is finished by the next. What is not the store's own it leaves alone.
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

// wasSealed reports whether the store holds what a sealed one does. What git is told of it is changed
// last on the way to plain, and first on the way back.
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
	if moved { // until every file is sealed again the store names no recipients, so that the next run seals all again, whomever to
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

// opened are private files in plain, by the names that they have in the store.
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
	if _, err := s.unlocked(); err == nil { // else it is somebody else's
		if _, err := s.RemoveUnlocked(); err != nil {
			return err
		}
	}
	return s.ignore()
}

// recipients is what the file of that name holds.
func (s *Store) recipients() []byte { return []byte(strings.Join(s.ring.Recipients, "\n") + "\n") }

// listed is whom the store says that it is sealed to.
func (s *Store) listed() ([]byte, error) {
	text, err := s.folder.Read(recipientsFile)
	return asOnUnix(text), err
}

// isRecipients reports whether a text is what a store writes down as its recipients, and nothing else.
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
