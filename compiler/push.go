package compiler

import (
	"fmt"

	"relayform/compiler/delivery"
	"relayform/compiler/keystore"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// Pushed is a private value that clusters fetch from an external store.
type Pushed struct {
	delivery.Entry
	Value func() ([]byte, error) // from the key store
}

// Push lists what an external store must contain for the clusters of a project, from its lockfile.
func Push(project project.Project, env Env) (*plan.Plan, []Pushed, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	p, l, err := c.complete()
	if err != nil {
		return nil, nil, err
	}
	if p.ExternalSecrets == nil {
		return nil, nil, fmt.Errorf("%s: its clusters fetch no private values from a store; that needs secrets.externalSecrets", project.Topology)
	}
	store, err := c.openStore(p)
	if err != nil {
		return nil, nil, err
	}
	var all []Pushed
	for _, e := range delivery.Entries(p, l) {
		all = append(all, Pushed{e, value(store, e.File)})
	}
	return p, all, nil
}

func value(store *keystore.Store, file string) func() ([]byte, error) {
	return func() ([]byte, error) { return store.Private(file) }
}
