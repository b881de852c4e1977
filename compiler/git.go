package compiler

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"relayform/compiler/keystore"
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

// askGit starts to ask git in the background which private files it tracks.
func (c *compile) askGit() {
	if c.env.Tracked == nil || c.options.Check {
		return
	}
	c.tracked = sync.OnceValues(func() ([]string, error) {
		names, err := c.env.Tracked(c.project.Keys)
		return slices.DeleteFunc(names, func(name string) bool { return !keystore.IsPrivate(name) }), err
	})
	go func() { _, _ = c.tracked() }()
}

// untracked refuses a key store with plain private files that git tracks: what is written there would be committed, too.
func (c *compile) untracked() error {
	if c.tracked == nil {
		return nil
	}
	names, err := c.tracked()
	if err == nil && len(names) > 0 {
		err = errors.New(c.committed(names))
	}
	return err
}

func (c *compile) committed(names []string) string {
	return fmt.Sprintf("%s: git tracks %s; private keys are never committed: run git rm -r --cached %s, or choose another folder with --keys", c.project.Keys, strings.Join(names, ", "), shell.Path(c.project.Keys))
}

// lookAtGit finds what could let git add private files, and what it already tracks.
func (c *compile) lookAtGit(store *keystore.Store) (exposed []string, err error) {
	if store.Exposed() {
		exposed = append(exposed, store.IgnoreFile()+": was changed or removed, so that git could have taken private keys; it is written again")
	}
	if c.tracked == nil || !store.Exists() {
		return exposed, nil
	}
	names, err := c.tracked()
	if len(names) > 0 {
		exposed = append(exposed, c.committed(names)+"; then renew what they belong to: it may have been seen")
	}
	return exposed, err
}

// guarded refuses, if nothing may be written, a store from which git could add private files.
func guarded(store *keystore.Store) error {
	if !store.Exposed() {
		return nil
	}
	return diag.List{{
		Pos: diag.Pos{File: store.IgnoreFile()},
		Fault: *diag.KeysExposed.Fault("not as relayform writes it, so that git could take private keys",
			"run relayform compile, which writes it again; git ls-files says whether a key was committed"),
	}}
}
