package overlay

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"relayform/compiler/folder"
)

// RenderAs builds an overlay with a different kustomization.
func (w *Workspace) RenderAs(overlay string, kustomization []byte) (*Rendered, error) {
	name := overlay + "/kustomization.yaml"
	files := []folder.File{{Name: name, Data: kustomization}}
	for _, f := range slices.Concat(w.files.tree.Unit("bases"), w.files.tree.Unit(unit(overlay))) {
		if f.Name != name {
			files = append(files, f)
		}
	}
	other := *w.files
	other.tree = NewTree(files)
	return (&Workspace{&other}).Render(overlay)
}

// Digest returns a digest of everything outside the tree.
func (w *Workspace) Digest() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(w.files.outside)) {
		data := w.files.outside[name]
		fmt.Fprintf(h, "%d %s %d ", len(name), name, len(data))
		h.Write(data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
