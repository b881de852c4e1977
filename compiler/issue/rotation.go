package issue

import (
	"fmt"
	"slices"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// turn moves the lockfile to the phase that the plan asks for: the next one, or one back. Only here is the clock read, so that a recorded
// phase compiles to the same result at any time. The error is a diag.List.
func turn(p *plan.Plan, l *lockfile.File, now time.Time) (*lockfile.File, []Due, error) {
	from, to := l.Phase(), lockfile.Phase(p.Rotation.Phase)
	t := turning{plan: p, lock: l, from: from, to: to, now: now}
	if err := t.stays(); err != nil {
		return nil, nil, err
	}
	if from == to {
		return restate(p, l)
	}
	if err := t.judge(); err != nil {
		return nil, nil, err
	}
	now = notBefore(l.Newest(pki.Root), now)
	next := l.Turn(to, now)
	if r := next.Rotation; r != nil {
		r.AgentsReissued = p.Rotation.AgentsReissued
		// The old signing CA may have signed until this phase was applied to the management cluster. Entering drain confirms that it was,
		// so the waiting time is counted again from now.
		if t.signerChanges() || from == lockfile.Issue && to == lockfile.Drain {
			r.DrainUntil = now.UTC().Truncate(time.Second).Add(p.AgentValidity())
		}
	}
	return next, []Due{{Role: RootRotation, Reason: t.String()}}, nil
}

// notBefore returns now or, if later, the beginning of the newest root's validity: with a slow clock, a phase must not begin before its
// root.
func notBefore(root *lockfile.Certificate, now time.Time) time.Time {
	if root != nil && now.Before(root.Chain[0].NotBefore) {
		return root.Chain[0].NotBefore
	}
	return now
}

// restate records what the topology says about agents if that changed and the phase did not.
func restate(p *plan.Plan, l *lockfile.File) (*lockfile.File, []Due, error) {
	if l.Rotation == nil || l.Rotation.AgentsReissued == p.Rotation.AgentsReissued {
		return l, nil, nil
	}
	next, r := *l, *l.Rotation
	r.AgentsReissued = p.Rotation.AgentsReissued
	next.Rotation = &r
	return &next, []Due{{Role: RootRotation, Reason: fmt.Sprintf("the topology says agentsReissued: %t", r.AgentsReissued)}}, nil
}

// turning is a step from one phase to another.
type turning struct {
	plan     *plan.Plan
	lock     *lockfile.File
	from, to lockfile.Phase
	now      time.Time
}

// String describes the step.
func (t turning) String() string {
	switch {
	case t.from == "":
		return "the rotation begins: phase " + string(t.to)
	case t.to == "" && t.from == lockfile.Retire:
		return "the rotation is over"
	case t.to == "":
		return "the rotation is cancelled"
	}
	return fmt.Sprintf("phase %s follows %s", t.to, t.from)
}

// signerChanges reports whether agents get their certificates under a different root than before.
func (t turning) signerChanges() bool {
	return t.from == lockfile.Distribute && t.to == lockfile.Issue || t.from == lockfile.Issue && t.to == lockfile.Distribute
}

// fault returns a diagnostic at the phase, or at the PKI's source if the topology has no phase.
func (t turning) fault(message, hint string) error {
	at := append(t.plan.Source(), "rotation", "phase")
	if t.to == "" {
		return diag.List{t.plan.Doc.FaultAtKey(t.plan.Source(), diag.RotationPhase.Fault(message, hint))}
	}
	return diag.List{t.plan.Doc.Fault(at, diag.RotationPhase.Fault(message, hint))}
}

func (t turning) judge() error {
	if t.from == "" && len(t.lock.Certificates) == 0 {
		return t.fault("no root exists yet, so there is nothing to rotate", "remove rotation: the first compile makes the root")
	}
	if !lockfile.Adjacent(t.from, t.to) {
		return t.apart()
	}
	if t.plan.Rotation.AgentsReissued && (t.signerChanges() || t.from == "") {
		at := append(t.plan.Source(), "rotation", "agentsReissued")
		return diag.List{t.plan.Doc.Fault(at, diag.RotationPhase.Fault(fmt.Sprintf("no agent can have a certificate from a signing CA that the phase %s has not brought yet", t.to), "remove it until every agent has one"))}
	}
	if t.from == lockfile.Issue && t.to == lockfile.Distribute {
		for _, c := range t.lock.Rotation.Aside {
			if until := c.Chain[0].NotAfter; !t.now.Before(until) {
				return t.fault(fmt.Sprintf("going back is not safe: the %s certificate under the old root expired on %s", c.Role, pki.Day(until)),
					"continue with the phase drain")
			}
		}
	}
	return t.drained()
}

// drained refuses to remove a root from the bundles while agents may have certificates under it.
func (t turning) drained() error {
	r := t.lock.Rotation
	leaves := t.to == lockfile.Retire || t.from == lockfile.Distribute && t.to == ""
	if !leaves || t.plan.GivesAgents() || r.DrainUntil.IsZero() || !t.now.Before(r.DrainUntil) || t.plan.Rotation.AgentsReissued {
		return nil
	}
	until := pki.Stamp(r.DrainUntil)
	if t.to == "" {
		if r.AgentsReissued {
			return nil
		}
		return t.fault("going back is not safe: agents may hold certificates under the next root until "+until,
			"keep phase: distribute until then; or, once every agent has a certificate from the signing CA in force, compile it with agentsReissued: true first")
	}
	return t.fault("agents may hold certificates under the old root until "+until,
		"keep phase: drain until then; or, once every agent has a certificate under the new root, state agentsReissued: true beside the phase")
}

// apart says which phase would be next.
func (t turning) apart() error {
	at, to := slices.Index(lockfile.Circle, t.from), slices.Index(lockfile.Circle, t.to)
	switch {
	case t.from == "":
		return t.fault(fmt.Sprintf("no rotation is under way, but this asks for the phase %s", t.to), "start with phase: distribute")
	case t.to == "":
		return t.fault(fmt.Sprintf("the topology has no rotation any more, but the lockfile is at its phase %s", t.from),
			fmt.Sprintf("restore it: continue with phase: %s, or go back to phase: %s", lockfile.Circle[at+1], lockfile.Circle[at-1]))
	case t.from == lockfile.Retire && t.to == lockfile.Distribute:
		return t.fault("this asks for phase distribute, but the lockfile is at retire", "the rotation is done: remove rotation from the topology and compile; then the next one can begin")
	case to > at:
		return t.fault(fmt.Sprintf("phase %s is skipped: the lockfile is at %s, but this asks for %s", lockfile.Circle[at+1], t.from, t.to),
			fmt.Sprintf("one phase at a time, each applied to every cluster before the next: set phase: %s", lockfile.Circle[at+1]))
	}
	return t.fault(fmt.Sprintf("phase %s is skipped on the way back: the lockfile is at %s, but this asks for %s", lockfile.Circle[at-1], t.from, t.to),
		fmt.Sprintf("one phase at a time, each applied to every cluster before the next: set phase: %s", lockfile.Circle[at-1]))
}
