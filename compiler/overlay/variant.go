package overlay

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"relayform/compiler/folder"
)

// RenderAs builds an overlay as it would be with another kustomization.
func (w *Workspace) RenderAs(overlay string, kustomization []byte) (*Rendered, error) {
	name := overlay + "/kustomization.yaml"
	files := []folder.File{{Name: name, Data: kustomization}}
	for _, f := range slices.Concat(w.tree.Unit("bases"), w.tree.Unit(unit(overlay))) {
		if f.Name != name {
			files = append(files, f)
		}
	}
	other := *w
	other.tree = NewTree(files)
	return other.Render(overlay)
}

// Digest is of all that lies outside of the tree.
func (w *Workspace) Digest() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range w.outside {
		fmt.Fprintf(h, "%d %s %d ", len(f.Name), f.Name, len(f.Data))
		h.Write(f.Data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
