package overlay

import (
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// anyName is kustomize's file system in memory with names of any kind. In memory it makes only those of letters,
// digits and -_.: and so no folder called "My Projects", which kubectl reads from disk all the same. The others
// are written in hexadecimal.
type anyName struct{ filesys.FileSystem }

var plainName = regexp.MustCompile(`^[a-zA-Z0-9_.:-]+$`)

const hexName = "_hex_" // begins a name in hexadecimal

// isPlain reports whether a name is the same in memory.
func isPlain(name string) bool {
	return name == "" || name == "." || name == ".." ||
		plainName.MatchString(name) && !strings.Contains(name, "..") && !strings.HasPrefix(name, hexName)
}

// inMemory is a path as it is in memory.
func inMemory(path string) string {
	return eachName(path, func(name string) string {
		if isPlain(name) {
			return name
		}
		return hexName + hex.EncodeToString([]byte(name))
	})
}

// onDisk is the path that inMemory was given.
func onDisk(path string) string {
	return eachName(path, func(name string) string {
		if encoded, ok := strings.CutPrefix(name, hexName); ok {
			if plain, err := hex.DecodeString(encoded); err == nil {
				return string(plain)
			}
		}
		return name
	})
}

func eachName(path string, change func(string) string) string {
	names := strings.Split(filepath.FromSlash(path), string(filepath.Separator))
	for i, name := range names {
		names[i] = change(name)
	}
	return strings.Join(names, string(filepath.Separator))
}

// nameError is an error that names paths as they are on disk.
type nameError struct {
	error
	text string
}

func (e nameError) Error() string { return e.text }
func (e nameError) Unwrap() error { return e.error }

func named(err error, path string) error {
	if err == nil {
		return nil
	}
	return nameError{err, strings.ReplaceAll(err.Error(), inMemory(path), path)}
}

func (f anyName) IsDir(path string) bool  { return f.FileSystem.IsDir(inMemory(path)) }
func (f anyName) Exists(path string) bool { return f.FileSystem.Exists(inMemory(path)) }

func (f anyName) ReadFile(path string) ([]byte, error) {
	data, err := f.FileSystem.ReadFile(inMemory(path))
	return data, named(err, path)
}

func (f anyName) WriteFile(path string, data []byte) error {
	return named(f.FileSystem.WriteFile(inMemory(path), data), path)
}

func (f anyName) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	dir, name, err := f.FileSystem.CleanedAbs(inMemory(path))
	return filesys.ConfirmedDir(onDisk(string(dir))), onDisk(name), named(err, path)
}
