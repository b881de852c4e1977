package overlay

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"relayform/compiler/folder"
)

// files is the complete file system for kustomize: immutable, in memory, with any file name a disk may have. Names inside are
// slash-separated and absolute.
type files struct {
	filesys.FileSystem // nil: only writing methods are not overridden

	base    string // path of the tree
	tree    Tree
	outside map[string][]byte // files by name
	folders map[string]bool   // parent folders of the tree and of the files outside
}

func newFiles(base string, t Tree) *files {
	f := &files{base: base, tree: t, outside: map[string][]byte{}, folders: map[string]bool{}}
	f.lead(base)
	return f
}

// lead adds a folder and its parents.
func (f *files) lead(dir string) {
	for ; !f.folders[dir]; dir = path.Dir(dir) {
		f.folders[dir] = true
	}
}

// add adds files below dir, and replaces existing ones.
func (f *files) add(dir string, more []folder.File) {
	for _, file := range more {
		name := path.Join(dir, file.Name)
		f.outside[name] = file.Data
		f.lead(path.Dir(name))
	}
}

// clean returns a name in canonical form, and its part below the tree's base; ok is false outside of it.
func (f *files) clean(name string) (abs, inTree string, ok bool) {
	abs = path.Join("/", filepath.ToSlash(name))
	if f.base == "/" {
		return abs, abs[1:], abs != "/"
	}
	inTree, ok = strings.CutPrefix(abs, f.base+"/")
	return abs, inTree, ok
}

func (f *files) isFile(name string) bool {
	abs, inTree, ok := f.clean(name)
	if ok {
		if _, ok = f.tree.find(inTree); ok {
			return true
		}
	}
	_, ok = f.outside[abs]
	return ok
}

// IsDir reports whether a folder exists.
func (f *files) IsDir(name string) bool {
	abs, inTree, ok := f.clean(name)
	if ok {
		i, _ := f.tree.find(inTree + "/")
		if i < len(f.tree) && strings.HasPrefix(f.tree[i].Name, inTree+"/") {
			return true
		}
	}
	return f.folders[abs]
}

// Exists reports whether a file or a folder exists.
func (f *files) Exists(name string) bool { return f.isFile(name) || f.IsDir(name) }

// ReadFile returns a file's content.
func (f *files) ReadFile(name string) ([]byte, error) {
	abs, inTree, ok := f.clean(name)
	if ok {
		if i, there := f.tree.find(inTree); there {
			return f.tree[i].Data, nil
		}
	}
	if data, ok := f.outside[abs]; ok {
		return data, nil
	}
	return nil, &fs.PathError{Op: "read", Path: abs, Err: fs.ErrNotExist}
}

// CleanedAbs splits a path into its folder and file.
func (f *files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	abs, _, _ := f.clean(name)
	switch {
	case f.IsDir(abs):
		return filesys.ConfirmedDir(filepath.FromSlash(abs)), "", nil
	case f.isFile(abs):
		return filesys.ConfirmedDir(filepath.FromSlash(path.Dir(abs))), path.Base(abs), nil
	}
	return "", "", fmt.Errorf("'%s' doesn't exist", abs)
}
