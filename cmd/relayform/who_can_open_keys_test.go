package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"relayform/compiler/keystore"
	"relayform/compiler/seal"
)

// recipient returns a person's age recipient, and writes the identity next to the topology, into a file with the person's name.
func (s *testProject) recipient(name string) string {
	s.Helper()
	if s.people == nil {
		s.people = map[string]*age.X25519Identity{}
	}
	if s.people[name] == nil {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			s.Fatal(err)
		}
		s.people[name] = identity
	}
	if err := os.WriteFile(s.path(name+".txt"), []byte(s.people[name].String()+"\n"), 0o600); err != nil {
		s.Fatal(err)
	}
	return s.people[name].Recipient().String()
}

// ring returns a key ring that opens what any of the people can open.
func (s *testProject) ring() seal.Ring {
	var r seal.Ring
	for _, identity := range s.people {
		r.Identities = append(r.Identities, identity.String()+"\n"...)
	}
	return r
}

// concealed checks how each private file is kept after a successful run: in plain text in a plain store; otherwise encrypted, for its
// recipients and for nobody else.
func (s *testProject) concealed(what string, d deed) {
	s.Helper()
	to := strings.Fields(d.to)
	err := filepath.WalkDir(s.path("keys"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == keystore.UnlockedFolder {
			return skip(err)
		}
		plain, sealed := strings.CutSuffix(path, seal.Suffix)
		if ext := filepath.Ext(plain); ext != ".key" && ext != ".token" {
			return nil
		}
		if sealed != (len(to) > 0) {
			s.Errorf("%s: %s: encrypted %t", what, path, sealed)
		}
		if !sealed {
			return nil
		}
		text, err := os.ReadFile(path)
		for name, identity := range s.people {
			_, closed := seal.Ring{Identities: []byte(identity.String())}.Open(text)
			if (closed == nil) != slices.Contains(to, name) {
				s.Errorf("%s: %s: opens for %s: %t", what, path, name, closed == nil)
			}
		}
		return err
	})
	if err != nil {
		s.Error(err)
	}
}

func skip(err error) error {
	if err == nil {
		err = fs.SkipDir
	}
	return err
}
