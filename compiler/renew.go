package compiler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/certs"
	"relayform/compiler/lock"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// AllDue asks for everything that falls due.
const AllDue = "all-due"

// Renewable is what Renew takes.
var Renewable = []string{string(pki.Server), string(pki.Signing), string(Token), AllDue}

// RenewOptions choose what is renewed.
type RenewOptions struct {
	What    string        // one of Renewable
	Within  time.Duration // AllDue: what falls due before now plus this
	SameKey bool          // a new certificate for the key that is there
	DryRun  bool          // write nothing; the result's Issued is what would be
}

// Renew makes certificates, or the token, anew though the topology did not change: one change of the
// lockfile, and the build folder after it. It refuses where a compile is due besides, so that what
// changes is what was asked for.
func Renew(project Project, env Env, o RenewOptions) (*Result, error) {
	if !slices.Contains(Renewable, o.What) {
		if o.What == string(pki.Root) {
			return nil, fmt.Errorf("root: a new root in one step cuts off every agent; rotate it in the topology: rotation: {phase: distribute}")
		}
		return nil, fmt.Errorf("%s: want one of %s", o.What, strings.Join(Renewable, ", "))
	}
	if o.SameKey && o.What == string(Token) {
		return nil, fmt.Errorf("token: it is its own key; --same-key is for certificates")
	}
	c := &compile{project: project, env: env, renewal: &Renewal{What: o.What, Within: o.Within, SameKey: o.SameKey}}
	if o.DryRun {
		return c.foresee()
	}
	return c.held(c.run)
}

// foresee is what a renewal would issue.
func (c *compile) foresee() (*Result, error) {
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	order, err := c.lacking(plan, l, nil)
	if err != nil {
		return nil, err
	}
	return &Result{Plan: plan, Lock: l, Issued: order.Due}, nil
}

// Renewal is what is to be replaced.
type Renewal struct {
	What    string        // one of Renewable
	Within  time.Duration // AllDue: what falls due before now plus this
	SameKey bool          // a new certificate for the key that is there
}

// due lists what the renewal replaces.
func (o *Renewal) due(p *Plan, l *lock.Lock, now time.Time) ([]Due, error) {
	var due []Due
	var faults diag.List
	for _, role := range []pki.Role{pki.Signing, pki.Server} {
		reason := "its renewal was asked for"
		if o.What == AllDue {
			have := l.Newest(role)
			leaf := have.Chain[0]
			at := footprintOf(role).due(leaf.NotBefore, leaf.NotAfter)
			if !at.Before(now.Add(o.Within)) {
				continue
			}
			reason = "it falls due on " + certs.Date(at)
		} else if o.What != string(role) {
			continue
		}
		if have := l.Newest(role); (have.Source == lock.External) != (p.External != nil) { // under the old root, of the other kind
			faults = append(faults, p.doc.FaultAtKey(diag.NotRenewable, append(p.source(), "rotation"),
				"the "+string(role)+" still stands under the root that leaves, which is no concern of this source; "+reason,
				"go on with the phase issue, which brings another; or give the rotation up first"))
			continue
		}
		if p.External != nil {
			faults = append(faults, p.doc.FaultAtKey(diag.NotRenewable, append(p.source(), string(role)),
				"the "+string(role)+"'s certificate comes from an external PKI; "+reason, "put a new certificate and its key into these files, then run relayform compile"))
			continue
		}
		due = append(due, Due{role, reason})
	}
	if o.What == string(Token) {
		due = append(due, Due{Token, "its renewal was asked for"})
	}
	return due, faults.Err()
}

// Step is what is to be done in clusters after a certificate changed.
type Step struct {
	Role     pki.Role
	Apply    []string // clusters whose overlays are to be applied
	Restarts []certs.Workload
	Note     string
}

// Steps are what is to be done after something was issued, in order.
func (p *Plan) Steps(issued []Due) []Step {
	var steps []Step
	for _, f := range footprints {
		if !isDue(issued, f.role) {
			continue
		}
		s := Step{Role: f.role, Restarts: f.restarts(p), Note: f.note}
		for _, place := range f.places(p) {
			for _, cluster := range place.Clusters {
				if !slices.Contains(s.Apply, cluster) {
					s.Apply = append(s.Apply, cluster)
				}
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// Context is the kube context of a cluster of the plan.
func (p *Plan) Context(cluster string) string {
	if cluster == p.Management.Name {
		return p.Management.Context
	}
	i, found := slices.BinarySearchFunc(p.Remotes, cluster, func(c Cluster, name string) int { return strings.Compare(c.Name, name) })
	if !found {
		return ""
	}
	return p.Remotes[i].Context
}
