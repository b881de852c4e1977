package compiler

import (
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// Certificates reports a topology's certificates as of a date. It needs no key.
func Certificates(project project.Project, env Env, at time.Time) (*lifecycle.Report, error) {
	c := &compile{project: project, env: env}
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	return c.inventory(plan, l, at, project.Command)
}

// inventory lists the certificates of a topology, and the private files that none of them needs.
func (c *compile) inventory(p *plan.Plan, l *lockfile.File, at time.Time, command func(verb string) string) (*lifecycle.Report, error) {
	store, err := c.openStore(p)
	if err != nil {
		return nil, err
	}
	r := lifecycle.Inventory(p, l, store, at, command)
	orphans, _, err := c.orphans(store, l)
	if err != nil {
		return nil, err
	}
	r.Orphans = append(r.Orphans, orphans...)
	return r, nil
}
