package overlay

import (
	"path"
	"path/filepath"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"

	"relayform/compiler/folder"
)

// Root is the parent of everything in memory: paths in reasons begin with it.
const Root = "/project"

// Workspace is a build folder and the files outside it that its overlays refer to, in memory: kustomize sees nothing else. It is laid out
// so that relative paths work as on disk.
type Workspace struct{ files *files }

// NewWorkspace puts a tree at dir, an absolute slash-separated path that need not exist on disk.
func NewWorkspace(dir string, t Tree) *Workspace { return &Workspace{newFiles(dir, t)} }

// Add puts files below dir, replacing existing ones. It refuses files with which kustomize would access anything outside.
func (w *Workspace) Add(dir string, files []folder.File) error {
	if err := gate(files); err != nil {
		return err
	}
	w.files.add(dir, files)
	return nil
}

// Warm runs a first build, once per process, before parallel ones: it initializes kustomize's globals, which takes ten times as long as a
// later build. The OpenAPI data for patches is loaded by the first build that needs it, under kustomize's own lock.
var Warm = sync.OnceFunc(func() {
	w := NewWorkspace("/", Tree{{Name: "warm/kustomization.yaml", Data: []byte("namespace: warm\nsecretGenerator: [{name: warm}]\n")}})
	_, _ = w.build("warm") // any fault of kustomize shows up in the overlays
})

// Render builds the overlay at a slash-separated path below the build folder. Nothing is fetched or run. The error is ErrBudget if the
// build needs too much.
func (w *Workspace) Render(overlay string) (*Rendered, error) {
	Warm()
	r, err := within(perOverlay, func() (*Rendered, error) { return w.build(overlay) })
	if err != nil {
		return nil, &BuildError{Overlay: overlay, Err: err, project: Root}
	}
	return r, nil
}

func (w *Workspace) build(overlay string) (*Rendered, error) {
	options := krusty.MakeDefaultOptions()       // no plugins, functions or Helm; only files in the overlay's own folder
	options.Reorder = krusty.ReorderOptionLegacy // like kubectl
	at := filepath.FromSlash(path.Join(w.files.base, overlay))
	resources, err := krusty.MakeKustomizer(options).Run(w.files, at)
	if err != nil {
		return nil, err
	}
	return &Rendered{resources}, nil
}
