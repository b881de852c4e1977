package compiler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

// RenewOptions choose what is renewed.
type RenewOptions struct {
	What     string        // one of Renewable
	Agents   []string      // with AllAgents: these clusters, due or not; empty for all that are due
	Within   time.Duration // with AllDue, and AllAgents without clusters: what is due before now plus this
	SameKey  bool          // a new certificate for the existing key
	Withdraw bool          // renew no certificate, but withdraw the pending request for one
	Reseal   bool          // renew no certificate, but encrypt the clusters' values in git again
	DryRun   bool          // write nothing; the result's Issued is what would be issued
}

// Renew reissues certificates, or the token, though the topology did not change: one change of the lockfile, and of the build folder. It is
// refused if a compile has anything else to issue, so that only what was asked for changes.
func Renew(project project.Project, env Env, o RenewOptions) (*Result, error) {
	if !slices.Contains(issue.Renewable, o.What) {
		if o.What == string(pki.Root) {
			return nil, fmt.Errorf("root: a new root in one step cuts off every agent; rotate it in the topology: rotation: {phase: distribute}")
		}
		return nil, fmt.Errorf("%s: want one of %s", o.What, strings.Join(issue.Renewable, ", "))
	}
	if o.SameKey && o.What == string(product.Token) {
		return nil, fmt.Errorf("token: it is its own key; --same-key is for certificates")
	}
	if o.Withdraw && o.What != string(pki.Server) && o.What != string(pki.Signing) {
		return nil, fmt.Errorf("--withdraw: want server or signing, whose request is taken back")
	}
	c := &compile{project: project, env: env, renewal: &issue.Renewal{What: o.What, Agents: o.Agents, Within: o.Within, SameKey: o.SameKey, Withdraw: o.Withdraw, Reseal: o.Reseal}}
	if o.DryRun {
		return c.foresee()
	}
	return c.exclusively(c.run)
}

// foresee returns what a renewal would issue.
func (c *compile) foresee() (*Result, error) {
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	order, err := c.lacking(plan, l, nil)
	if err != nil {
		return nil, err
	}
	return &Result{Plan: plan, Lock: l, Issued: order.Due, Newly: order.Seal}, nil
}
