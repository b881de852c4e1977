package compiler

import (
	"context"
	"errors"
	"time"

	"relayform/compiler/graph"
	"relayform/compiler/page"
	"relayform/compiler/project"
)

// Reporting is what a report shows in addition to the project itself.
type Reporting struct {
	Label string // by whose values many remotes are grouped; empty for the one that distinguishes them best
	Live  bool   // also the clusters' current contents
}

// Report returns a project as a page, as of a date: its diagram, its certificates, and the result of verify. Without keys, it omits what
// needs them. It changes nothing. If some clusters could not be queried, it returns a page with an UnreachableError.
func Report(ctx context.Context, project project.Project, env Env, at time.Time, of Reporting) (*page.Page, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	p := &page.Page{Plan: plan, Tokens: project.Guard().Digests}
	if p.Picture, err = graph.Of(plan, l, of.Label); err != nil {
		return nil, err
	}
	anywhere := func(verb string) string { return "relayform " + verb } // readers of a page have different paths than its author
	if p.Certificates, err = c.inventory(plan, l, at, anywhere); err != nil {
		return nil, err
	}
	m, withoutKeys, err := c.material(plan, l)
	if err != nil {
		return nil, err
	}
	if p.Judged, err = c.verdict(m, withoutKeys, at); err != nil || !of.Live {
		return p, err
	}
	p.Held, err = c.live(ctx, plan, l, wantedOf(m, l), at, "")
	if unreachable := new(UnreachableError); err != nil && (p.Held == nil || !errors.As(err, &unreachable)) {
		return nil, err
	}
	return p, err
}
