package compiler

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"relayform/compiler/answer"
	"relayform/compiler/delivery"
	"relayform/compiler/emit"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/sops"
	"relayform/schema/diag"
)

// prove builds every overlay with kustomize in memory, only once for identical ones. The error is a diag.List if the user's patches and
// components are at fault.
func (c *compile) prove(p *plan.Plan, l *lockfile.File, tree overlay.Tree) error {
	clusters, names := slices.Collect(p.Each), p.Clusters()
	if !c.options.ProveAll {
		groups := tree.InForm(names)
		clusters, names = firsts(clusters, groups), firsts(names, groups)
	}
	w, err := c.workspace(p, l, tree, nil)
	if err != nil {
		return err
	}
	proof, err := c.newProof(p, delivery.Of(p, l), w)
	if err != nil {
		return err
	}
	var faults diag.List
	err = overlay.RenderEach(w, names, func(i int, r *overlay.Rendered, err error) error {
		return proof.judge(clusters[i], r, err)
	}, func(_ int, err error) error {
		var found diag.List
		if errors.As(err, &found) {
			faults, err = append(faults, found...), nil
		}
		return err
	})
	if err = cmp.Or(err, faults.Err()); err != nil {
		return err
	}
	registration, isFile := p.Registration()
	if isFile || len(p.Agents()) == 0 {
		return nil
	}
	_, err = w.Render(registration)
	return err
}

// firsts returns the first of each group.
func firsts[T any](all []T, groups [][]int) []T {
	first := make([]T, len(groups))
	for i, group := range groups {
		first[i] = all[group[0]]
	}
	return first
}

// proof compares overlays as built with what relayform emits: users must not change what it is responsible for.
type proof struct {
	plan  *plan.Plan
	w     *overlay.Workspace
	to    emit.Links
	parts delivery.Parts

	// The overlay without customizations, built when the first customized cluster needs it.
	management, remote func() (*answer.Emitted, error)
}

func (c *compile) newProof(p *plan.Plan, parts delivery.Parts, w *overlay.Workspace) (*proof, error) {
	to, err := c.links(p)
	if err != nil {
		return nil, err
	}
	f := &proof{plan: p, w: w, to: to, parts: parts}
	f.management = sync.OnceValues(func() (*answer.Emitted, error) { return f.emitted(bare(p.Management)) })
	f.remote = sync.OnceValues(func() (*answer.Emitted, error) {
		of := slices.IndexFunc(p.Remotes, func(c plan.Cluster) bool { return c.Audience == nil }) // with the common audience, if others have their own
		return f.emitted(bare(p.Remotes[of]))
	})
	return f, nil
}

// emitted returns the objects of an overlay without customizations.
func (f *proof) emitted(c plan.Cluster) (*answer.Emitted, error) {
	r, err := f.render(c)
	if err != nil {
		return nil, err
	}
	objects, err := r.Objects()
	var own []answer.Own
	for _, way := range f.plan.Ways() {
		own = append(own, way.Own...)
	}
	return answer.New(objects, f.plan.Product.Keys, own...), err
}

// bare returns a cluster without customizations.
func bare(c plan.Cluster) plan.Cluster {
	return plan.Cluster{Name: c.Name, Agent: c.Agent, Audience: c.Audience}
}

// render builds the overlay of a cluster with the patches and components of the given one.
func (f *proof) render(c plan.Cluster) (*overlay.Rendered, error) {
	of, err := f.parts.For(f.plan, c)
	if err != nil {
		return nil, err
	}
	return f.w.RenderAs(c.Name, emit.Customized(f.plan, of, f.to, c))
}

// judge refuses an overlay that does not build, or in which users changed something they must not.
func (f *proof) judge(c plan.Cluster, r *overlay.Rendered, err error) error {
	if !c.Customized() {
		return err
	}
	ours := f.remote
	switch {
	case c.Name == f.plan.Management.Name:
		ours = f.management
	case c.Audience != nil || f.plan.Product.Has(pki.Agent): // it has its own private part, or its agent's certificate
		ours = func() (*answer.Emitted, error) { return f.emitted(bare(c)) }
	}
	emitted, failed := ours()
	if failed != nil {
		return failed // it does not build even without customizations
	}
	if errors.Is(err, overlay.ErrBudget) {
		return diag.List{f.tooMuch(c, err)} // searching for one of them would take as long again
	}
	if v := look(emitted, r, err); !v.sound() {
		return f.attribute(c, emitted, v)
	}
	return nil
}

// verdict is the result of checking an overlay.
type verdict struct {
	changes []answer.Change // of what relayform is responsible for
	err     error           // why it does not build
}

func (v verdict) sound() bool { return v.err == nil && len(v.changes) == 0 }

func look(emitted *answer.Emitted, r *overlay.Rendered, err error) verdict {
	if err != nil {
		return verdict{err: err}
	}
	objects, err := r.Objects()
	if err != nil {
		return verdict{err: err}
	}
	return verdict{changes: append(emitted.Changes(objects), refusedBySops(objects)...)}
}

// refusedBySops finds Secrets that SOPS, and an engine that decrypts with it, would refuse because of users' additions: it identifies the
// encrypted field by name only, wherever it is.
func refusedBySops(objects []answer.Object) []answer.Change {
	var changes []answer.Change
	for _, o := range objects {
		if o["sops"] == nil {
			continue
		}
		data, _ := o["data"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(data)) {
			if text, ok := data[key].(string); !ok || !sops.Encrypted(text) {
				continue
			}
			if err := sops.CheckManifest(o, key); err != nil {
				metadata, _ := o["metadata"].(map[string]any)
				changes = append(changes, answer.Change{What: fmt.Sprintf("adds to Secret %v %s", metadata["name"], err)})
			}
		}
	}
	return changes
}
