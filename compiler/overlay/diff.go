package overlay

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"relayform/compiler/folder"
)

// Diff returns what Write would change, as a unified diff. If show is not nil, it converts each file for display.
func (t Tree) Diff(f *folder.Folder, show func(name string, data []byte) []byte) (Changes, []byte, error) {
	c, err := t.Compare(f)
	if err != nil {
		return c, nil, err
	}
	return t.diff(f, c, show)
}

// DiffUnit returns what WriteUnit would change.
func (t Tree) DiffUnit(f *folder.Folder, name string, show func(name string, data []byte) []byte) (Changes, []byte, error) {
	c, err := t.compareWith(f, name)
	if err != nil {
		return c, nil, err
	}
	return t.diff(f, c, show)
}

func (t Tree) diff(f *folder.Folder, c Changes, show func(name string, data []byte) []byte) (Changes, []byte, error) {
	names := slices.Sorted(slices.Values(slices.Concat(c.Added, c.Changed, c.Removed)))
	var out bytes.Buffer
	for _, name := range names {
		old, err := f.Read(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return c, nil, err
		}
		path := filepath.ToSlash(filepath.Join(f.Path, name))
		out.Write(diff.Diff(side("a/"+path, old), shown(show, name, old), side("b/"+path, t.Find(name)), shown(show, name, t.Find(name))))
	}
	return c, out.Bytes(), nil
}

// side returns a file's name for a diff; a missing file is called /dev/null, as in git.
func side(name string, data []byte) string {
	if data == nil {
		return "/dev/null"
	}
	return name
}

func shown(show func(string, []byte) []byte, name string, data []byte) []byte {
	if data == nil {
		return nil
	}
	if s := show(name, data); s != nil {
		return s
	}
	return data
}
