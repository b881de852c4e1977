package compiler

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"relayform/compiler/delivery"
	"relayform/compiler/emit"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// world returns what issuing takes from outside. A nil store has no keys.
func (c *compile) world(store *keystore.Store) issue.World {
	w := issue.World{Now: c.env.Now, NewKey: c.env.NewKey, Dir: c.project.Dir(), LookupEnv: c.env.LookupEnv, WithoutFiles: c.options.Locked || c.options.Check}
	if store != nil {
		w.Key, w.AgentKey, w.Private = store.Key, store.AgentKey, store.Private
	}
	return w
}

// lacking returns what has to be issued. The error is a DueError or a SealingError if issuing is needed but forbidden, a WaitingError if
// the topology cannot be compiled before a certificate arrives.
func (c *compile) lacking(p *plan.Plan, l *lockfile.File, store *keystore.Store) (*issue.Order, error) {
	order, err := c.order(p, l, store)
	if err == nil && order.Held() {
		return nil, issue.WaitingError(order.Waiting())
	}
	return order, err
}

// order is lacking without the WaitingError, for when only requests can be created.
func (c *compile) order(p *plan.Plan, l *lockfile.File, store *keystore.Store) (*issue.Order, error) {
	order, err := issue.Lacking(p, l, c.world(store), issue.Wish{ReissueRoot: c.options.ReissueRoot, Renewal: c.renewal})
	if err == nil {
		p.Warnings, p.Notes = append(p.Warnings, order.Said.Warnings...), order.Said.Notes
	}
	if err == nil && (c.options.Locked || c.options.Check) {
		err = order.Forbidden()
	}
	if err != nil {
		return nil, err
	}
	return order, nil
}

// get obtains what is due, and refuses a lockfile that could not be loaded again.
func (c *compile) get(p *plan.Plan, order *issue.Order) (*issue.Issued, error) {
	made, err := order.Get()
	if err == nil && len(made.Done)+len(made.Sealed) > 0 {
		err = c.project.Loads(p, made.Lock)
	}
	return made, err
}

// foretell checks the overlays with placeholders for certificates before one is issued, so that a refused patch costs no key. From here on,
// issuing holds the project, so that no two runs issue a root.
func (c *compile) foretell(p *plan.Plan, order *issue.Order) error {
	if order.Nothing() {
		return nil
	}
	foretold, err := order.Foretold()
	if err != nil {
		return err
	}
	tree, err := c.emit(p, foretold)
	if err != nil {
		return err
	}
	if err := c.prove(p, foretold, tree); err != nil {
		return err
	}
	return c.hold.Take()
}

func (c *compile) emit(p *plan.Plan, l *lockfile.File) (overlay.Tree, error) {
	return c.emitAs(p, l, delivery.Of(p, l))
}

// emitAs emits overlays with these parts.
func (c *compile) emitAs(p *plan.Plan, l *lockfile.File, parts delivery.Parts) (overlay.Tree, error) {
	to, err := c.links(p)
	if err != nil {
		return nil, err
	}
	at, err := runbookPathsOf(c.project, p)
	if err != nil {
		return nil, err
	}
	files, err := emit.Emit(p, l, parts, to, at)
	return overlay.NewTree(files), err
}

// links returns the paths from the overlays to the keys that kubectl reads.
func (c *compile) links(p *plan.Plan) (emit.Links, error) {
	to, err := linksOf(c.project)
	if len(p.EncryptTo) > 0 {
		to.Keys = path.Join(to.Keys, keystore.UnlockedFolder)
	}
	return to, err
}

// commit writes what was issued: keys first, then the lockfile, which puts them in use. It returns what could let git add private files.
func (c *compile) commit(made *issue.Issued, p *plan.Plan, store *keystore.Store) (exposed []string, err error) {
	exposed, err = c.lookAtGit(store)
	if err := errors.Join(err, store.Claim()); err != nil {
		return nil, err
	}
	if store.Exposed() { // whatever happens next
		if err := store.Prepare(); err != nil {
			return nil, err
		}
	}
	if len(made.Keys)+len(made.Agents) > 0 || made.Token != nil {
		if err := c.untracked(); err != nil {
			return nil, err
		}
		if c.renewal != nil && !store.Exists() { // a new one would contain only the new values
			return nil, fmt.Errorf("%s: no key store here; restore it from where it is kept", c.project.Keys)
		}
		if err := store.Prepare(); err != nil {
			return nil, err
		}
	}
	if err := store.Settle(); err != nil {
		return nil, err
	}
	for _, key := range made.Keys {
		if err := store.PutKey(key); err != nil {
			return nil, err
		}
	}
	for _, a := range made.Agents {
		if err := store.PutAgentKey(a.Cluster, a.Key); err != nil {
			return nil, err
		}
	}
	if made.Token != nil {
		if err := store.PutToken(made.Token); err != nil {
			return nil, err
		}
	}
	if len(made.Done) > 0 || made.Left || len(made.Lock.Agents) != len(made.Before.Agents) {
		both := made.Lock.WithSealed(slices.Concat(made.Lock.Sealed, made.Before.Sealed)) // whichever lockfile is valid after a crash
		if err := c.project.WriteSealed(both, c.disk); err != nil {
			return nil, err
		}
		if err := c.project.WriteLock(made.Lock, c.disk); err != nil {
			return nil, err
		}
	}
	if len(made.Sealed) > 0 || len(made.Lock.Sealed) != len(made.Before.Sealed) {
		if err := c.project.WriteSealed(made.Lock, c.disk); err != nil {
			return nil, err
		}
	}
	return exposed, store.Finish()
}

// publishComponents writes the components for the overlays' private values, after the overlays. The result lists missing values, and
// private files that others can read.
func (c *compile) publishComponents(r *Result, store *keystore.Store) error {
	project.SweepHold(c.project.Lock)
	err := c.project.Tidy(c.disk)
	if err != nil {
		return err
	}
	loose, err := store.Tighten()
	if r.Loose = append(r.Loose, loose...); err != nil {
		return err
	}
	if c.missing(r, store); len(r.Missing) == 0 { // otherwise a component would only hide what is missing
		err = store.PutComponents(delivery.Of(r.Plan, r.Lock))
		c.missing(r, store)
	}
	err = errors.Join(err, store.Sweep())
	r.Foreign = store.Foreign()
	return err
}

// missing finds what kubectl will need but does not exist.
func (c *compile) missing(r *Result, store *keystore.Store) {
	parts := delivery.Of(r.Plan, r.Lock)
	if len(parts.Components) == 0 {
		return // overlays do not use the key store
	}
	r.Missing = store.Missing(r.Lock, r.Plan.Product.Has)
	r.Sealed = len(r.Plan.EncryptTo) > 0 && !store.Unlocked(parts)
}
