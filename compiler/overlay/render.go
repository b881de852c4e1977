package overlay

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"relayform/compiler/folder"
)

// Workspace is a file system in memory that holds a build folder and what its overlays reach
// outside of it, at the same places as on disk.
type Workspace struct {
	fs   filesys.FileSystem
	base string
}

// NewWorkspace lays out a tree as if it lay at dir.
func NewWorkspace(dir string, t Tree) (*Workspace, error) {
	w := &Workspace{fs: filesys.MakeFsInMemory(), base: dir}
	return w, w.Add(dir, t)
}

// Add lays out files below dir.
func (w *Workspace) Add(dir string, files []folder.File) error {
	for _, f := range files {
		if err := w.fs.WriteFile(filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data); err != nil {
			return err
		}
	}
	return nil
}

// maxComponent is the size, in bytes, of all that a user's component folder may hold.
const maxComponent = 16 << 20

// AddDisk lays out a folder as it is on disk.
func (w *Workspace) AddDisk(dir string) error {
	size := int64(0)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: not a regular file", path)
		}
		if size += info.Size(); size > maxComponent {
			return fmt.Errorf("%s: more than 16 MiB", dir)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return w.fs.WriteFile(path, data)
	})
}

// Rendered is what kustomize made of an overlay.
type Rendered struct{ resources resmap.ResMap }

// YAML is the objects as YAML documents, in kustomize's order.
func (r *Rendered) YAML() ([]byte, error) { return r.resources.AsYaml() }

// Has reports whether an object is there.
func (r *Rendered) Has(kind, namespace, name string) bool {
	for _, o := range r.resources.Resources() {
		if o.GetKind() == kind && o.GetNamespace() == namespace && o.GetName() == name {
			return true
		}
	}
	return false
}

// Render builds the overlay at the slash-separated path below the build folder. Nothing is fetched
// and nothing is run.
func (w *Workspace) Render(overlay string) (*Rendered, error) {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy // as kubectl does
	resources, err := krusty.MakeKustomizer(options).Run(w.fs, filepath.Join(w.base, filepath.FromSlash(overlay)))
	if err != nil {
		return nil, fmt.Errorf("kustomize: %s: %w", overlay, err)
	}
	return &Rendered{resources}, nil
}
