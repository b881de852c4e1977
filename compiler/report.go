package compiler

import (
	"context"
	"errors"
	"time"

	"relayform/compiler/graph"
	"relayform/compiler/page"
	"relayform/compiler/project"
)

// Reporting is what a report shows beyond the project itself.
type Reporting struct {
	Label string // by whose values many remotes are drawn together; empty for the one that tells them apart best
	Live  bool   // also what the clusters hold now
}

// Report is a project as a page, seen from a date: its picture, its certificates, and what verify says. Without keys it says what
// needs none. It changes nothing. Where some clusters could not be asked, there is a page beside an UnreachableError.
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
	anywhere := func(verb string) string { return "relayform " + verb } // who reads a page has other paths than who writes it
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
