package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

// States of a private file.
const (
	Here      = "here"
	Encrypted = "here, encrypted"
	NotHere   = "missing"
)

// Has returns the state of a private file in the store.
func (s *Store) Has(name string) string {
	if _, err := s.folder.Read(name); err == nil {
		return Here
	}
	if _, err := s.folder.Read(name + seal.Suffix); err == nil {
		return Encrypted
	}
	return NotHere
}

// Orphans returns the private files, as slash-separated paths below the store, that the lockfile does not need: neither in use nor set
// aside. Others are those whose content does not match their name, so that it is unknown what they are.
func (s *Store) Orphans(l *lockfile.File) (orphans, others []string, err error) {
	used := map[string]bool{}
	for _, c := range l.Every() {
		used[c.SPKI] = true
	}
	for _, a := range l.Agents {
		used[a.SPKI] = true
	}
	for _, r := range l.Requests {
		used[r.SPKI] = true
	}
	if l.Token != nil {
		used[l.Token.SHA256] = true
	}
	names, err := s.privateFiles()
	for _, name := range names {
		switch {
		case used[digestOf(name)]:
		case s.holds(name):
			orphans = append(orphans, name)
		default:
			others = append(others, name)
		}
	}
	return orphans, others, err
}

// RemoveOrphans removes the files that Orphans found.
func (s *Store) RemoveOrphans(names []string) error {
	for _, name := range names {
		if err := s.folder.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// privateFiles returns the keys and tokens in the store, plain and encrypted, except those from Unlock.
func (s *Store) privateFiles() ([]string, error) { return privateIn(s.folder) }

func privateIn(f *folder.Folder) ([]string, error) {
	if !f.Exists() {
		return nil, nil
	}
	var names []string
	dirs, err := places(f)
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		entries, err := fs.ReadDir(f.FS(), dir)
		if err != nil && !(dir == lockfile.TokenFolder && errors.Is(err, fs.ErrNotExist)) {
			return nil, unreadable(filepath.Join(f.Path, dir), err)
		}
		for _, e := range entries {
			if name := path.Join(dir, e.Name()); e.Type().IsRegular() && isPrivate(strings.TrimSuffix(name, seal.Suffix)) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// isPrivate reports whether a path below a store is one where relayform stores a key or a token, or a component's copy of one.
func isPrivate(name string) bool {
	extension := path.Ext(name)
	if stem := strings.TrimSuffix(path.Base(name), extension); !isDigest(stem) {
		return false
	}
	switch dir := path.Dir(name); {
	case dir == "." || isAgentFolder(dir):
		return extension == ".key" || extension == delivery.PrivateSuffix
	case dir == lockfile.TokenFolder:
		return extension == ".token" || extension == delivery.PrivateSuffix
	}
	return false
}

// isHeld reports whether the path of a private file is a component's copy.
func isHeld(name string) bool { return path.Ext(name) == delivery.PrivateSuffix }

// digestOf returns the digest in a private file's name.
func digestOf(name string) string {
	stem, _, _ := strings.Cut(path.Base(name), ".")
	return stem
}

// isDigest reports whether a text is a SHA-256 digest in relayform's form.
func isDigest(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// IsPrivate reports whether a file in git could contain a plain key or token, whatever its name.
func IsPrivate(name string) bool {
	return strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".token") || isHeld(name) && isDigest(digestOf(name))
}

// holds reports whether a private file's content matches its name or, for an encrypted one, whether it is encrypted.
func (s *Store) holds(name string) bool {
	text, err := s.folder.Read(name)
	if err != nil {
		return false
	}
	if strings.HasSuffix(name, seal.Suffix) {
		return seal.Sealed(text)
	}
	return isNamed(name, text)
}

// isNamed reports whether a plain key or token matches its file name.
func isNamed(name string, text []byte) bool {
	if isHeld(name) {
		value, ok := delivery.ValueIn(text)
		if !ok {
			return false
		}
		text = value
	}
	if path.Dir(name) == lockfile.TokenFolder {
		return lockfile.TokenDigest(text) == digestOf(name)
	}
	key, err := pki.ParseKey(text)
	if err != nil {
		return false
	}
	spki, err := pki.SPKI(key.Public())
	return err == nil && spki == digestOf(name)
}

// openToOthers masks the permissions of group and others.
const openToOthers = 0o077

// Tighten removes the permissions of group and others from private files, and returns those files. A copy or a restored backup easily loses
// the modes; refusing to run would leave the keys readable.
func (s *Store) Tighten() ([]string, error) {
	if !s.folder.Exists() || runtime.GOOS == "windows" { // its permissions are not modes
		return nil, nil
	}
	loose, err := tighten(s.folder)
	if unlocked, notOurs := s.unlocked(); err == nil && notOurs == nil {
		var more []string
		more, err = tighten(unlocked)
		loose = append(loose, more...)
	}
	return loose, err
}

func tighten(f *folder.Folder) (loose []string, err error) {
	names, err := privateIn(f)
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, seal.Suffix) })
	used := map[string]bool{}
	for _, name := range names {
		used[path.Dir(name)] = true
	}
	names = append(names, slices.Sorted(maps.Keys(used))...)
	for _, name := range names {
		info, statErr := fs.Stat(f.FS(), name)
		if statErr != nil || info.Mode().Perm()&openToOthers == 0 {
			continue
		}
		at, mode := filepath.Join(f.Path, filepath.FromSlash(name)), info.Mode().Perm()
		if failed := f.Restrict(name); failed != nil {
			loose = append(loose, fmt.Sprintf("%s: mode %04o, so that others on this machine can read it; it cannot be changed: %v", at, mode, failed))
			continue
		}
		loose = append(loose, fmt.Sprintf("%s: had mode %04o, so that others on this machine could read it; now they cannot", at, mode))
	}
	return loose, err
}
