package compiler

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/secret"
	"relayform/schema/diag"
)

func (c *compile) authority(p *Plan, store *lock.Store) authority {
	if p.External != nil {
		return &external{plan: p, dir: c.project.dir(), now: c.env.Now, lookupEnv: c.env.LookupEnv, withoutFiles: c.options.Locked || c.options.Check}
	}
	a := &selfSigned{plan: p, requests: pki.Requests(*p.SelfSigned), newKey: c.env.NewKey, sameKey: c.options.sameKey, now: c.env.Now}
	if store != nil {
		a.key = store.Key
	}
	return a
}

func (c *compile) emit(p *Plan, l *lock.Lock) (overlay.Tree, error) {
	to, err := c.project.links()
	if err != nil {
		return nil, err
	}
	if len(p.EncryptTo) > 0 {
		to.keys = path.Join(to.keys, lock.UnlockedFolder)
	}
	if c.public {
		to.keys = ""
	}
	at, err := c.project.runbookPaths()
	if err != nil {
		return nil, err
	}
	return emit(p, l, to, at)
}

// workspace lays out in memory what the overlays of a tree reach: the tree, the user's components,
// and the private components with the files given.
func (c *compile) workspace(p *Plan, l *lock.Lock, tree overlay.Tree, private func(*lock.Lock) ([]folder.File, error)) (*overlay.Workspace, error) {
	build, err := real(c.project.Build)
	if err != nil {
		return nil, err
	}
	keys, err := real(c.project.Keys)
	if err != nil {
		return nil, err
	}
	if len(p.EncryptTo) > 0 {
		keys = filepath.Join(keys, lock.UnlockedFolder)
	}
	w := overlay.NewWorkspace(build, tree)
	files, err := private(l)
	if err != nil {
		return nil, err
	}
	w.Add(keys, append(files, secret.Local(l, p.Namespace)...))
	dir, err := real(c.project.dir())
	if err != nil {
		return nil, err
	}
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
	return w, nil
}

// prove builds every overlay with kustomize in memory; of those that are alike, one.
func (c *compile) prove(p *Plan, l *lock.Lock, tree overlay.Tree) error {
	clusters, names := slices.Collect(p.each), p.Clusters()
	if !c.options.ProveAll {
		groups := tree.Alike(names)
		for i, group := range groups { // the first of a group never comes before its turn
			clusters[i], names[i] = clusters[group[0]], names[group[0]]
		}
		clusters, names = clusters[:len(groups)], names[:len(groups)]
	}
	w, err := c.workspace(p, l, tree, c.placeholders)
	if err != nil {
		return err
	}
	var faults diag.List
	err = overlay.RenderEach(w, names, func(i int, r *overlay.Rendered, err error) error {
		if err == nil {
			err = c.holds(r, p, clusters[i])
		}
		return err
	}, func(i int, err error) error {
		if err == nil {
			return nil
		}
		fault, ok := blame(p, clusters[i], err)
		if !ok {
			return err
		}
		faults = append(faults, fault)
		return nil
	})
	if err = cmp.Or(err, faults.Err()); err != nil {
		return err
	}
	registration, isFile := p.Registration()
	if isFile {
		return nil
	}
	_, err = w.Render(registration)
	return err
}

// holds checks that an overlay still has every Secret that Helm values name: a user's patch may have
// renamed or removed one.
func (c *compile) holds(rendered *overlay.Rendered, p *Plan, cluster Cluster) error {
	want := []string{product.RootSecret, product.TokenSecret}
	if cluster.Name == p.Management.Name {
		want = append(want, product.ServerSecret, product.SigningSecret)
	}
	for _, name := range want {
		if !rendered.Has("Secret", p.Namespace, name) {
			return fmt.Errorf("the overlay of %s has no Secret %s in namespace %s any more, which Helm values name", cluster.Name, name, p.Namespace)
		}
	}
	return nil
}

// blame puts an overlay that does not build down to what the user added to it; false where that is
// nothing.
func blame(p *Plan, cluster Cluster, err error) (diag.Diagnostic, bool) {
	at := []string{"remotes", cluster.Name}
	if cluster.Name == p.Management.Name {
		at = []string{"management"}
	}
	switch {
	case len(cluster.Patches) > 0:
		return p.doc.FaultAtKey(diag.BadPatch, append(at, "patches"), err.Error(), ""), true
	case len(cluster.Components) > 0:
		return p.doc.FaultAtKey(diag.BadComponent, append(at, "components"), err.Error(), ""), true
	}
	return diag.Diagnostic{}, false
}

// keep makes what was issued last: keys first, then the lockfile, which makes them count. Components
// that would pair an overlay of before with a key of now, or the other way round, are withheld until
// the overlays are written: without them kubectl fails rather than apply what does not belong together.
func (c *compile) keep(made *issued, p *Plan, store *lock.Store) error {
	if err := errors.Join(c.lookAtGit(store), store.Claim()); err != nil {
		return err
	}
	if store.Exposed() { // whatever comes of the rest
		if err := store.Prepare(); err != nil {
			return err
		}
	}
	if len(made.keys) > 0 || made.token != nil {
		if err := c.untracked(); err != nil {
			return err
		}
		if c.options.renew != nil && !store.Exists() { // a new one would hold what is new alone
			return fmt.Errorf("%s: no key store here; restore it from where it is kept", c.project.Keys)
		}
		if err := store.Prepare(); err != nil {
			return err
		}
	}
	if err := store.Settle(); err != nil {
		return err
	}
	for _, key := range made.keys {
		if err := store.PutKey(key); err != nil {
			return err
		}
	}
	if made.token != nil {
		if err := store.PutToken(made.token); err != nil {
			return err
		}
	}
	if len(made.done) > 0 {
		if err := c.project.writeLock(made.lock, c.disk); err != nil {
			return err
		}
	}
	return store.Withhold(secret.Local(made.lock, p.Namespace))
}

// join leads the overlays to the private half, once they are written. The result says what is
// missing of it, and what others could read.
func (c *compile) join(r *Result, store *lock.Store) error {
	lock.Sweep(c.project.Lock)
	err := c.project.tidy(c.disk)
	if err != nil {
		return err
	}
	loose, err := store.Tighten()
	if r.Loose = append(c.exposed, loose...); err != nil {
		return err
	}
	components := secret.Local(r.Lock, r.Plan.Namespace)
	if r.Missing = store.Missing(r.Lock); len(r.Missing) == 0 { // else a component would only hide what is missing
		err = store.PutComponents(components)
	}
	c.lacks(r, store)
	err = errors.Join(err, store.Sweep())
	r.Foreign = store.Foreign()
	return err
}

// lacks finds what kubectl will need and does not have.
func (c *compile) lacks(r *Result, store *lock.Store) {
	r.Missing = store.Missing(r.Lock)
	r.Locked = len(r.Plan.EncryptTo) > 0 && !store.Unlocked(secret.Local(r.Lock, r.Plan.Namespace))
}
