package compiler

import (
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/project"
)

// Certificates tells what certificates a topology has, as seen from a date. It needs no key.
func Certificates(project project.Project, env Env, at time.Time) (*lifecycle.Report, error) {
	c := &compile{project: project, env: env}
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	store, err := c.openStore(plan)
	if err != nil {
		return nil, err
	}
	r := lifecycle.Inventory(plan, l, store, at, project.Command)
	orphans, _, err := c.orphans(store, l)
	if err != nil {
		return nil, err
	}
	r.Orphans = append(r.Orphans, orphans...)
	return r, nil
}
