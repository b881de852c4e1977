package lock

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"relayform/compiler/seal"
)

// The states of a private file.
const (
	Here      = "here"
	Encrypted = "here, encrypted"
	NotHere   = "missing"
)

// Has says whether a private file is in the store.
func (s *Store) Has(name string) string {
	if _, err := s.folder.Read(name); err == nil {
		return Here
	}
	if _, err := s.folder.Read(name + seal.Suffix); err == nil {
		return Encrypted
	}
	return NotHere
}

// Orphans are the private files, as slash-separated paths below the store, that the lock has no use
// for: neither what is in force nor what is set aside.
func (s *Store) Orphans(l *Lock) ([]string, error) {
	used := map[string]bool{}
	for _, c := range l.Every() {
		used[KeyFile(c.SPKI)] = true
	}
	if l.Token != nil {
		used[TokenFile(l.Token.SHA256)] = true
	}
	names, err := s.privateFiles()
	return slices.DeleteFunc(names, func(name string) bool { return used[strings.TrimSuffix(name, seal.Suffix)] }), err
}

// RemoveOrphans removes what Orphans found.
func (s *Store) RemoveOrphans(names []string) error {
	for _, name := range names {
		if err := s.folder.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// privateFiles are the keys and tokens of the store, plain and sealed, but for those that Unlock made.
func (s *Store) privateFiles() ([]string, error) {
	if !s.folder.Exists() {
		return nil, nil
	}
	var names []string
	err := fs.WalkDir(s.folder.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == UnlockedFolder:
			return fs.SkipDir
		case !d.IsDir() && private(strings.TrimSuffix(name, seal.Suffix)):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// private reports whether a file of the store is a key or a token in plain.
func private(name string) bool {
	return strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".token")
}

// openToOthers are the permissions of a private file that anybody but its owner may have.
const openToOthers = 0o077

// Tighten takes from others the right to read private files, and says which these were. A copy or a
// restored backup easily loses the modes; refusing would leave the keys open.
func (s *Store) Tighten() ([]string, error) {
	if !s.folder.Exists() || runtime.GOOS == "windows" { // whose permissions are no modes
		return nil, nil
	}
	folders := map[string]bool{}
	var loose []string
	err := fs.WalkDir(s.folder.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !private(name) {
			return err
		}
		folders[path.Dir(name)] = true
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&openToOthers != 0 {
			loose = append(loose, s.tighten(name, info.Mode()))
		}
		return err
	})
	for _, name := range []string{".", TokenFolder} {
		if info, statErr := fs.Stat(s.folder.FS(), name); folders[name] && statErr == nil && info.Mode().Perm()&openToOthers != 0 {
			loose = append(loose, s.tighten(name, info.Mode()))
		}
	}
	return loose, err
}

func (s *Store) tighten(name string, have fs.FileMode) string {
	at := filepath.Join(s.folder.Path, filepath.FromSlash(name))
	if err := s.folder.Restrict(name); err != nil {
		return fmt.Sprintf("%s: mode %04o, so that others on this machine can read it; it cannot be changed: %v", at, have.Perm(), err)
	}
	return fmt.Sprintf("%s: had mode %04o, so that others on this machine could read it; now they cannot", at, have.Perm())
}
