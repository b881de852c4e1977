package overlay

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"relayform/compiler/folder"
)

// Workspace is a build folder and what its overlays reach outside of it, at the same places as on
// disk, for rendering in memory.
type Workspace struct {
	base    string
	tree    Tree
	outside []folder.File // their names are paths of the system
}

// NewWorkspace lays out a tree as if it lay at dir.
func NewWorkspace(dir string, t Tree) *Workspace { return &Workspace{base: dir, tree: t} }

// Add lays out files below dir.
func (w *Workspace) Add(dir string, files []folder.File) {
	for _, f := range files {
		w.outside = append(w.outside, folder.File{Name: filepath.Join(dir, filepath.FromSlash(f.Name)), Data: f.Data})
	}
}

// files is a file system with what the overlays of one unit may read. Each build gets one of its own:
// in a large one every look-up of kustomize's takes longer.
func (w *Workspace) files(name string) (filesys.FileSystem, error) {
	var fsys filesys.FileSystem = anyName{filesys.MakeFsInMemory()}
	for _, f := range w.outside {
		if err := fsys.WriteFile(f.Name, f.Data); err != nil {
			return nil, err
		}
	}
	for _, f := range slices.Concat(w.tree.Unit("bases"), w.tree.Unit(name)) {
		if err := fsys.WriteFile(filepath.Join(w.base, filepath.FromSlash(f.Name)), f.Data); err != nil {
			return nil, err
		}
	}
	return fsys, nil
}

// MaxComponent is the size, in bytes, of all that a user's component folder may hold.
const MaxComponent = 16 << 20

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
		if size += info.Size(); size > MaxComponent {
			return fmt.Errorf("%s: more than 16 MiB", dir)
		}
		data, err := folder.ReadOwn(path, MaxComponent)
		if err != nil {
			return err
		}
		w.outside = append(w.outside, folder.File{Name: path, Data: data})
		return nil
	})
}

// Warm makes a first build, once in a process, before others run side by side: it sets up kustomize's
// globals, which takes ten times as long as a build after it. What a patch needs of the OpenAPI data
// is loaded by the first that needs it, under kustomize's own lock.
var Warm = sync.OnceFunc(func() {
	w := NewWorkspace(string(filepath.Separator), Tree{{Name: "warm/kustomization.yaml", Data: []byte("namespace: warm\nsecretGenerator: [{name: warm}]\n")}})
	_, _ = w.build("warm") // what is wrong with kustomize shows in the overlays
})

// Render builds the overlay at the slash-separated path below the build folder. Nothing is fetched
// and nothing is run.
func (w *Workspace) Render(overlay string) (*Rendered, error) {
	Warm()
	return w.build(overlay)
}

func (w *Workspace) build(overlay string) (*Rendered, error) {
	fsys, err := w.files(unit(overlay))
	if err != nil {
		return nil, err
	}
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy // as kubectl does
	resources, err := krusty.MakeKustomizer(options).Run(fsys, filepath.Join(w.base, filepath.FromSlash(overlay)))
	if err != nil {
		return nil, &BuildError{Overlay: overlay, Err: err, project: filepath.Dir(w.base)}
	}
	return &Rendered{resources}, nil
}
