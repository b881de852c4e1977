package compiler

import (
	"errors"

	"relayform/compiler/emit"
	"relayform/compiler/folder"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// request creates only requests and their files, and leaves the rest of the build folder unchanged: the topology needs a certificate that
// has not arrived yet, and overlays with a different one, or none, would be wrong to apply.
func (c *compile) request(p *plan.Plan, order *issue.Order, store *keystore.Store, build *folder.Folder) (*Result, error) {
	if !order.Nothing() {
		if err := c.hold.Take(); err != nil {
			return nil, err
		}
	}
	made, err := c.get(p, order)
	if err != nil {
		return nil, err
	}
	at, err := runbookPathsOf(c.project, p)
	if err != nil {
		return nil, err
	}
	tree := overlay.NewTree(emit.Requests(p, made.Lock, at))
	result := &Result{Plan: p, Lock: made.Lock, Issued: made.Done, Waiting: order.WaitingIn(made.Lock)}
	if c.options.Check {
		s := shower{build: c.project.Build, tokens: c.project.Guard().Digests}
		result.Changes, result.Diff, err = tree.DiffUnit(build, plan.RequestsFolder, s.show)
		result.Exposed = s.exposed
		return result, err
	}
	if result.Loose, err = c.commit(made, p, store); err != nil {
		return nil, err
	}
	if result.Changes, err = tree.WriteUnit(build, plan.RequestsFolder); err != nil {
		return nil, err
	}
	project.SweepHold(c.project.Lock)
	loose, err := store.Tighten()
	result.Loose = append(result.Loose, loose...)
	result.Foreign = store.Foreign()
	return result, errors.Join(err, c.project.Tidy(c.disk), store.Sweep())
}
