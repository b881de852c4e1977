package compiler

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/overlay"
	"relayform/compiler/secret"
)

// workspace lays out in memory what the overlays of a tree reach: the tree, the user's components,
// and the private components with the files given; nil for words in their place.
func (c *compile) workspace(p *Plan, l *lock.Lock, tree overlay.Tree, private []folder.File) (*overlay.Workspace, error) {
	build, err := folder.Real(c.project.Build)
	if err != nil {
		return nil, err
	}
	keys, err := folder.Real(c.project.Keys)
	if err != nil {
		return nil, err
	}
	if len(p.EncryptTo) > 0 {
		keys = filepath.Join(keys, lock.UnlockedFolder)
	}
	dir, err := folder.Real(c.project.dir())
	if err != nil {
		return nil, err
	}
	w := overlay.NewWorkspace(build, tree)
	added := map[string]bool{}
	for cluster := range p.each {
		for _, component := range cluster.Components {
			for _, reached := range component.Reaches {
				if at := filepath.Join(dir, filepath.FromSlash(reached)); !added[at] {
					added[at] = true
					if err := w.AddDisk(at); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	if private == nil {
		private = placeholders(p, l, w)
	}
	w.Add(keys, slices.Concat(private, secret.Local(l, p.Namespace)))
	return w, nil
}

// placeholders are words in the place of what is private. They follow from everything that users add, so
// that no patch can hold one: whatever replaces a private value is seen to.
func placeholders(p *Plan, l *lock.Lock, w *overlay.Workspace) []folder.File {
	components := w.Digest()
	h := sha256.New()
	h.Write(components[:])
	for cluster := range p.each {
		for _, patch := range cluster.Patches {
			fmt.Fprintf(h, "%d ", len(patch.Text))
			h.Write([]byte(patch.Text))
		}
	}
	var files []folder.File
	for _, name := range secret.Files(l) {
		files = append(files, folder.File{Name: name, Data: fmt.Appendf(nil, "in the place of %s: %x\n", name, h.Sum(nil))})
	}
	return files
}

// public takes the private half out of what was rendered.
func public(p *Plan, r *overlay.Rendered) error {
	for _, v := range secret.Private {
		if v.Key == "" {
			if err := r.Drop("Secret", p.Namespace, v.Secret); err != nil {
				return err
			}
		} else if err := r.DropData("Secret", p.Namespace, v.Secret, v.Key); err != nil {
			return err
		}
	}
	return nil
}
