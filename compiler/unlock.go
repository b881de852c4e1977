package compiler

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// Unlocking is what Unlock did.
type Unlocking struct {
	Plan     *plan.Plan
	Clusters []string // whose overlays kubectl can build now; none after a removal
	Left     []string // files in the folder that Unlock did not write
}

// Unlock writes the private components that kubectl needs from an encrypted key store to a folder that git ignores; or, with remove,
// removes them.
func Unlock(project project.Project, env Env, remove bool) (*Unlocking, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	if err := c.acquire(); err != nil {
		return nil, err
	}
	defer c.hold.Release()
	plan, before, err := c.load()
	if err != nil {
		return nil, err
	}
	if !plan.Local() && !remove {
		return nil, fmt.Errorf("%s: its overlays do not use the key store, so there is nothing to unlock", project.Topology)
	}
	if len(plan.EncryptTo) == 0 {
		return nil, fmt.Errorf("%s: its keys are not encrypted, so there is nothing to unlock; keys.encryptTo says whom to encrypt them to", project.Topology)
	}
	store, err := c.openStore(plan)
	if err != nil {
		return nil, err
	}
	done := &Unlocking{Plan: plan}
	if remove {
		done.Left, err = store.RemoveUnlocked()
		return done, err
	}
	if _, err := c.lacking(plan, before, store); err != nil {
		return nil, err
	}
	if err := c.current(plan, before); err != nil {
		return nil, err
	}
	parts := delivery.Of(plan, before)
	for _, cluster := range plan.All() {
		of, err := parts.For(plan, cluster)
		if err != nil {
			return nil, err
		}
		if of.Component != "" {
			done.Clusters = append(done.Clusters, cluster.Name)
		}
	}
	if err := store.Unlock(parts); err != nil {
		return nil, err
	}
	return done, nil
}

// current refuses an overlay with certificates other than the lockfile's, as after an interrupted run: the lockfile's keys would not match
// them.
func (c *compile) current(p *plan.Plan, l *lockfile.File) error {
	tree, err := c.emit(p, l)
	if err != nil {
		return err
	}
	build, err := folder.Open(c.project.Build, folder.Build, p.Name)
	if err != nil || !build.Exists() {
		return err
	}
	for _, f := range tree.Unit(p.Management.Name) {
		if strings.HasSuffix(f.Name, ".crt") && !build.Same(f.Name, f.Data) {
			return fmt.Errorf("%s: not the certificate that the lockfile has, so the keys would not fit; run relayform compile first", filepath.Join(build.Path, filepath.FromSlash(f.Name)))
		}
	}
	return nil
}

// orphans returns the private files that no lockfile next to the topology names, as folders may be shared, and other files. An unreadable
// lockfile may name any of them.
func (c *compile) orphans(store *keystore.Store, l *lockfile.File) (orphans, others []string, err error) {
	if orphans, others, err = store.Orphans(l); err != nil {
		return nil, others, err
	}
	named := map[string]bool{}
	for path, read := range c.lockfiles() {
		text, err := read()
		if err != nil {
			return nil, others, fmt.Errorf("%s: cannot be read, and may name any key: %w", path, folder.Cause(err))
		}
		for _, digest := range lockfile.Digests(text) {
			named[digest] = true
		}
	}
	return slices.DeleteFunc(orphans, func(name string) bool {
		digest, _, _ := strings.Cut(path.Base(name), ".")
		return named[digest]
	}), others, nil
}

// Collect removes private files that no lockfile next to the topology uses, or with dryRun only lists them. It returns files that it left
// in the key store because they are not relayform's.
func Collect(project project.Project, env Env, dryRun bool) (orphans, left []string, err error) {
	c := &compile{project: project, env: env}
	if !dryRun {
		if err := c.acquire(); err != nil {
			return nil, nil, err
		}
		defer c.hold.Release()
	}
	plan, l, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	if len(l.Certificates)+len(l.Requests) == 0 {
		return nil, nil, fmt.Errorf("%s: has no certificates, so that every key would seem to be unused; restore it from git, or compile first", project.Lock)
	}
	store, err := c.openStore(plan)
	if err != nil {
		return nil, nil, err
	}
	if orphans, left, err = c.orphans(store, l); err != nil {
		return nil, left, err
	}
	if !dryRun {
		err = store.RemoveOrphans(orphans)
	}
	return orphans, append(left, store.Foreign()...), err
}
