package overlay

import (
	"path"
	"path/filepath"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"

	"relayform/compiler/folder"
)

// Root is what everything in memory lies below: paths in reasons begin there.
const Root = "/project"

// Workspace is a build folder and what its overlays reach outside of it, in memory: for kustomize there
// is nothing else. It lies where relative paths lead to the same as on disk.
type Workspace struct{ files *files }

// NewWorkspace lays out a tree at dir, an absolute slash-separated path that need not be one on disk.
func NewWorkspace(dir string, t Tree) *Workspace { return &Workspace{newFiles(dir, t)} }

// Add lays out files below dir. It refuses those by which kustomize would reach out. What lies
// there gives way.
func (w *Workspace) Add(dir string, files []folder.File) error {
	if err := gate(files); err != nil {
		return err
	}
	w.files.add(dir, files)
	return nil
}

// Warm makes a first build, once in a process, before others run side by side: it sets up kustomize's
// globals, which takes ten times as long as a build after it. What a patch needs of the OpenAPI data
// is loaded by the first that needs it, under kustomize's own lock.
var Warm = sync.OnceFunc(func() {
	w := NewWorkspace("/", Tree{{Name: "warm/kustomization.yaml", Data: []byte("namespace: warm\nsecretGenerator: [{name: warm}]\n")}})
	_, _ = w.build("warm") // what is wrong with kustomize shows in the overlays
})

// Render builds the overlay at the slash-separated path below the build folder. Nothing is fetched
// and nothing is run. The error is an ErrBudget where the build needs too much.
func (w *Workspace) Render(overlay string) (*Rendered, error) {
	Warm()
	r, err := within(perOverlay, func() (*Rendered, error) { return w.build(overlay) })
	if err != nil {
		return nil, &BuildError{Overlay: overlay, Err: err, project: Root}
	}
	return r, nil
}

func (w *Workspace) build(overlay string) (*Rendered, error) {
	options := krusty.MakeDefaultOptions()       // no plugins, no functions, no Helm; files of its own folder only
	options.Reorder = krusty.ReorderOptionLegacy // as kubectl does
	at := filepath.FromSlash(path.Join(w.files.base, overlay))
	resources, err := krusty.MakeKustomizer(options).Run(w.files, at)
	if err != nil {
		return nil, err
	}
	return &Rendered{resources}, nil
}
