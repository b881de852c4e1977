package compiler

import (
	"errors"
	"fmt"
	"path"

	"relayform/compiler/lock"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/secret"
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
	to, err := c.links(p)
	if err != nil {
		return nil, err
	}
	at, err := c.project.runbookPaths()
	if err != nil {
		return nil, err
	}
	return emit(p, l, to, at)
}

// links lead from the overlays to the keys that kubectl reads.
func (c *compile) links(p *Plan) (links, error) {
	to, err := c.project.links()
	if len(p.EncryptTo) > 0 {
		to.keys = path.Join(to.keys, lock.UnlockedFolder)
	}
	return to, err
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
