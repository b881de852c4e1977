package lockfile

import (
	"slices"

	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// shape is what a lockfile contains in a phase.
type shape struct {
	generations int        // generations of roots in use
	aside       []pki.Role // roles set aside for a rollback
	drains      bool       // drainUntil is required
}

var belowRoot = []pki.Role{pki.Signing, pki.Server, pki.Telemetry}

var shapes = map[Phase]shape{
	"":         {generations: 1},
	Distribute: {generations: 2}, // rolled back from issue, it has a drainUntil
	Issue:      {generations: 2, aside: belowRoot, drains: true},
	Drain:      {generations: 2, aside: belowRoot, drains: true},
	Retire:     {generations: 1, aside: pki.Roles, drains: true},
}

// shape compares the lockfile with what the phase requires.
func (p *parser) shape() {
	s := shapes[p.lock.Phase()]
	if !p.whole(s) {
		return
	}
	p.roots(s)
	for _, role := range belowRoot {
		p.single(role, s)
	}
}

// whole reports whether something of each kind exists.
func (p *parser) whole(s shape) bool {
	before := len(p.faults)
	alone := p.anchorsAlone()
	for _, role := range pki.Roles {
		if alone && role != pki.Root {
			continue
		}
		if p.wants(role) && len(ofRole(p.inForce, role)) == 0 {
			p.faultAt([]string{"certificates"}, "no entry has the role %s", role)
			return false
		}
	}
	for _, role := range s.aside {
		if alone && role != pki.Root {
			continue
		}
		if p.wants(role) && len(ofRole(p.aside, role)) == 0 {
			p.faultAt([]string{"rotation", "aside"}, "no entry has the role %s; %s one is set aside, for the way back", role, p.during())
			return false
		}
	}
	if len(s.aside) == 0 && len(p.aside) > 0 {
		p.faultAt([]string{"rotation", "aside"}, "%s nothing is set aside", p.during())
	}
	if p.lock.Token == nil && p.product.Has(product.Token) && !p.given { // agents that are given certificates may need no token
		p.faultAt([]string{"token"}, "missing; relayform writes a token with the first certificates")
	}
	return len(p.faults) == before
}

// wants reports whether a certificate of a role is required. Where agents' certificates are or were given to them, no signing CA was
// needed: it is added by the next phase, or compile, that needs one.
func (p *parser) wants(role pki.Role) bool {
	return p.product.Knows(role) && !Optional(role) && (role != pki.Signing || !p.bring)
}

// anchorsAlone reports whether there are only anchors of an external PKI, as with issuers in the clusters.
func (p *parser) anchorsAlone() bool {
	every := p.every()
	return len(ofRole(every, belowRoot...)) == 0 && !slices.ContainsFunc(every, func(c placed) bool { return c.Source == SelfSigned })
}

// during describes the phase.
func (p *parser) during() string {
	if phase := p.lock.Phase(); phase != "" {
		return "in the phase " + string(phase)
	}
	return "where no root is being rotated"
}

// roots requires the phase's number of generations, consecutively. An external PKI may have several anchors of one generation; relayform
// issues one root.
func (p *parser) roots(s shape) {
	inForce, aside := generations(ofRole(p.inForce, pki.Root)), generations(ofRole(p.aside, pki.Root))
	all := slices.Concat(aside, inForce)
	for _, g := range all {
		for _, c := range g[1:] {
			if g[0].Source == SelfSigned || c.Source == SelfSigned {
				p.fault(c, "generation", "a second root of generation %d, beside %s; roots of one generation are anchors of one external PKI", c.Generation, g[0])
			}
		}
	}
	switch {
	case len(inForce) < s.generations:
		p.faultAt([]string{"rotation", "phase"}, "%s two generations of roots are in force, and here is one", p.during())
	case len(inForce) > s.generations:
		words := []string{"", "a second generation of roots; %s only one may be in force", "a third generation of roots; %s only two may be in force"}
		p.fault(inForce[s.generations][0], "generation", words[s.generations], p.during())
	case len(aside) > 0 && !slices.Contains(s.aside, pki.Root):
		p.fault(aside[0][0], "role", "%s no root is set aside", p.during())
	case len(aside) > 1:
		p.fault(aside[1][0], "generation", "%s one generation of roots is set aside, and this is a second", p.during())
	default:
		p.consecutive(all)
	}
}

// consecutive requires each generation of roots to follow the previous one: a rotation increments it.
func (p *parser) consecutive(roots [][]placed) {
	for i := range roots[1:] {
		if want, next := roots[i][0].Generation+1, roots[i+1][0]; next.Generation != want {
			p.fault(next, "generation", "want %d, the one after %s", want, roots[i][0])
		}
	}
}

// single requires one certificate of a role in use and, if the phase sets one aside, an older one there.
func (p *parser) single(role pki.Role, s shape) {
	inForce, aside := ofRole(p.inForce, role), ofRole(p.aside, role)
	for _, c := range others(inForce) {
		p.fault(c, "role", "a second %s, beside %s; one is in force at a time", role, inForce[0])
	}
	if !slices.Contains(s.aside, role) {
		return
	}
	for _, c := range others(aside) {
		p.fault(c, "role", "a second %s, beside %s; one is set aside at a time", role, aside[0])
	}
	if len(aside) > 0 && len(inForce) > 0 && aside[0].Generation >= inForce[0].Generation {
		p.fault(aside[0], "generation", "want less than the %d of %s: what is set aside is older than what is in force", inForce[0].Generation, inForce[0])
	}
}

// others returns the entries after the first.
func others(entries []placed) []placed { return entries[min(1, len(entries)):] }

// generations groups sorted roots by generation.
func generations(roots []placed) [][]placed {
	var groups [][]placed
	for _, c := range roots {
		if n := len(groups); n > 0 && groups[n-1][0].Generation == c.Generation {
			groups[n-1] = append(groups[n-1], c)
		} else {
			groups = append(groups, []placed{c})
		}
	}
	return groups
}

// times checks the times of a rotation against each other, and against the newest root's notBefore: no phase begins before it, and
// drainUntil is when earlier agents' certificates have expired.
func (p *parser) times() {
	r := p.lock.Rotation
	if r == nil {
		return
	}
	root := p.lock.Newest(pki.Root)
	began := root.Chain[0].NotBefore
	if r.Since.Before(began) {
		p.faultAt([]string{"rotation", "since"}, "this is before the newest root is valid, from %s on", root.NotBefore)
	}
	switch drained := began.Add(p.product.AgentValidity); {
	case r.DrainUntil.IsZero() && shapes[r.Phase].drains:
		p.faultAt([]string{"rotation", "drainUntil"}, "missing; %s it says until when agents may hold certificates under the other root", p.during())
	case r.DrainUntil.IsZero():
	case p.product.Role(pki.Agent).Issued: // the validity of agents' certificates was a setting of the topology at that time
	case r.DrainUntil.Before(drained):
		p.faultAt([]string{"rotation", "drainUntil"}, "want %s or later: agents' certificates last %s, and the newest root is valid from %s on", inWords(drained), product.Span(p.product.AgentValidity), root.NotBefore)
	case r.Phase == Distribute && !r.DrainUntil.After(r.Since):
		p.faultAt([]string{"rotation", "drainUntil"}, "want a time after since, which is when the certificates under the old root came back")
	}
}
