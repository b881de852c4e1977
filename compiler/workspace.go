package compiler

import (
	"crypto/sha256"
	"fmt"
	"path"

	"relayform/compiler/custom"
	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
)

// workspace lays out in memory what the overlays of a tree refer to: the tree, the user's components as checked, and the given private
// components; nil for ones with placeholders.
func (c *compile) workspace(p *plan.Plan, l *lockfile.File, tree overlay.Tree, private []folder.File) (*overlay.Workspace, error) {
	at, err := layoutOf(c.project)
	if err != nil {
		return nil, err
	}
	if len(p.EncryptTo) > 0 {
		at.keys = path.Join(at.keys, keystore.UnlockedFolder)
	}
	w := overlay.NewWorkspace(at.build, tree)
	added := map[*custom.Component]bool{}
	for cluster := range p.Each {
		for _, component := range cluster.Components {
			if added[component] {
				continue
			}
			added[component] = true
			if err := w.Add(at.topology, component.Files); err != nil {
				return nil, err
			}
		}
	}
	if private == nil {
		if private, err = placeholders(p, l, w); err != nil {
			return nil, err
		}
	}
	return w, w.Add(at.keys, private)
}

// placeholders returns components with placeholders for private values. These depend on everything that users add, so that no patch can
// contain one, and any replacement of a private value is detected.
func placeholders(p *plan.Plan, l *lockfile.File, w *overlay.Workspace) ([]folder.File, error) {
	components := w.Digest()
	h := sha256.New()
	h.Write(components[:])
	for cluster := range p.Each {
		for _, patch := range cluster.Patches {
			fmt.Fprintf(h, "%d ", len(patch.Text))
			h.Write([]byte(patch.Text))
		}
	}
	return delivery.Of(p, l).InMemory(func(name string) ([]byte, error) {
		return fmt.Appendf(nil, "in place of %s: %x\n", name, h.Sum(nil)), nil
	})
}

// public removes private values from what was rendered.
func public(parts delivery.Parts, p *plan.Plan, r *overlay.Rendered) error {
	for _, v := range parts.Private {
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
