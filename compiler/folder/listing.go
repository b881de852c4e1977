package folder

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Listing is the entries of every folder in a build folder, by slash-separated name. It is made ahead,
// while the topology is read, because listing ten thousand folders takes as long as reading it.
type Listing map[string][]fs.DirEntry

// List lists the folder at dir with all that is below it; nothing where it has no marker, as it is
// none of relayform's then. What cannot be listed is left out, and listed again when it is needed.
func List(dir string) Listing {
	if info, err := os.Lstat(filepath.Join(dir, Marker)); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	l := Listing{}
	l.add(dir, ".")
	return l
}

func (l Listing) add(dir, name string) {
	entries, err := list(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return
	}
	l[name] = entries
	for _, e := range entries {
		if e.IsDir() {
			l.add(dir, path.Join(name, e.Name()))
		}
	}
}

func list(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}
