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

// files is what kustomize may read, and all of it: a file system in memory that never changes, whose
// names may be any, as on disk. Names inside are slash-separated and absolute.
type files struct {
	filesys.FileSystem // nil: whatever is not below would be a change

	base    string // where the tree lies
	tree    Tree
	outside map[string][]byte // files by name
	folders map[string]bool   // the folders that lead to the files outside and to the tree
}

func newFiles(base string, t Tree) *files {
	f := &files{base: base, tree: t, outside: map[string][]byte{}, folders: map[string]bool{}}
	f.lead(base)
	return f
}

// lead makes a folder and all above it known.
func (f *files) lead(dir string) {
	for ; !f.folders[dir]; dir = path.Dir(dir) {
		f.folders[dir] = true
	}
}

// add lays out files below dir, in place of what is there.
func (f *files) add(dir string, more []folder.File) {
	for _, file := range more {
		name := path.Join(dir, file.Name)
		f.outside[name] = file.Data
		f.lead(path.Dir(name))
	}
}

// clean is a name as it is kept, and its part below the tree's base; false where it is not below it.
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

// IsDir reports whether a folder is there.
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

// Exists reports whether a file or a folder is there.
func (f *files) Exists(name string) bool { return f.isFile(name) || f.IsDir(name) }

// ReadFile is the content of a file.
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

// CleanedAbs is the folder and the file that a path leads to.
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
