package lifecycle

import (
	"math"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Keys is the part of the key store that an inventory needs.
type Keys interface {
	Has(name string) string // the state of a private file
	Exists() bool
}

// Inventory lists every certificate of a topology, as of a date. Command formats a relayform command for the project.
func Inventory(p *plan.Plan, l *lockfile.File, keys Keys, at time.Time, command func(verb string) string) *Report {
	r := &Report{Topology: p.Name, At: at.UTC(), Certificates: []Certificate{}, Orphans: []string{}}
	l = l.For(p.Product.Knows)
	for _, entry := range l.Certificates {
		r.Certificates = append(r.Certificates, status(p, l, command, keys, entry, at))
	}
	r.requests(p, l, keys)
	r.agents(p, l, keys, at, command)
	r.issued(p)
	if l.Rotation != nil {
		r.Rotation = &Rotation{Phase: string(l.Rotation.Phase), Since: l.Rotation.Since}
		if until := l.Rotation.DrainUntil; !until.IsZero() && !p.GivesAgents() { // then it does not prevent anything
			r.Rotation.DrainUntil = &until
		}
		for _, entry := range l.Rotation.Aside {
			aside := status(p, l, command, keys, entry, at)
			aside.State, aside.Places, aside.Restarts, aside.RenewedBy = Aside, nil, nil, ""
			r.Certificates = append(r.Certificates, aside)
		}
	}
	if l.Token != nil && p.Product.Has(product.Token) {
		r.Token = &TokenStatus{
			Generation: l.Token.Generation, Key: keys.Has(lockfile.TokenFile(l.Token.SHA256)),
			Places: places(p, product.Token), Restarts: restarts(p, product.Token), RenewedBy: command("renew token"),
		}
	}
	return r
}

func status(p *plan.Plan, l *lockfile.File, command func(string) string, keys Keys, c lockfile.Certificate, at time.Time) Certificate {
	leaf := c.Chain[0]
	s := Certificate{
		Role: string(c.Role), Generation: c.Generation, State: InForce, Source: c.Source,
		Algorithm: c.Algorithm, Subject: c.Subject, SHA256: c.SHA256,
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
		Due:      Due(p.Product.Role(c.Role), leaf.NotBefore, leaf.NotAfter).UTC(),
		DaysLeft: int(math.Floor(leaf.NotAfter.Sub(at).Hours() / 24)),
		Places:   places(p, c.Role), Restarts: restarts(p, c.Role), RenewedBy: renewedBy(p, command, c),
		Kept: !p.Product.Has(c.Role) && p.Product.Knows(c.Role),
	}
	if p.External != nil && l.Request(c.Role) != nil {
		s.RenewedBy = "the certificate that is requested, in pki.external." + string(c.Role) + ".cert"
	}
	switch issuer := l.Issuer(); {
	case c.Role != pki.Root || c.Generation == issuer.Generation:
	case c.Generation > issuer.Generation:
		s.State, s.RenewedBy = Joining, "nothing: it signs from the phase issue on"
	default:
		s.State, s.RenewedBy = Leaving, "nothing: it leaves with the phase retire"
	}
	switch s.Key = keys.Has(lockfile.KeyFile(c.SPKI)); {
	case c.Role == pki.Root && c.Source == lockfile.External:
		s.Key = "with its PKI"
	case !keys.Exists():
		s.Key = "the key store is not on this machine"
	}
	return s
}

func renewedBy(p *plan.Plan, command func(string) string, c lockfile.Certificate) string {
	source := strings.Join(p.Source(), ".")
	switch {
	case c.Role == pki.Root:
		return "a rotation: " + source + ".rotation: {phase: distribute}"
	case p.External != nil:
		return "new files for " + source + "." + string(c.Role) + ", then " + command("compile") + "; or by a request: " + command("renew "+string(c.Role))
	case p.SelfSigned != nil:
		return command("renew " + string(c.Role))
	}
	return ""
}

// agents adds the certificates that agents are given: those in use, then those set aside.
func (r *Report) agents(p *plan.Plan, l *lockfile.File, keys Keys, at time.Time, command func(string) string) {
	if !p.GivesAgents() {
		return
	}
	under, role, where, restart := l.AgentsUnder(), p.Product.Role(pki.Agent), p.Product.Client(), p.Product.AgentDeployment
	by := command("renew agents")
	if p.External != nil {
		by = "new files for " + strings.Join(p.Source(), ".") + ".clients, then " + command("compile")
	}
	var aside []Certificate
	for _, a := range l.Agents {
		leaf := a.Chain[0]
		s := Certificate{
			Role: string(pki.Agent), Cluster: a.Cluster, Generation: a.Generation, State: InForce, Source: a.Source,
			Algorithm: a.Algorithm, Subject: a.Subject, SHA256: a.SHA256, NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
			Due: Due(role, leaf.NotBefore, leaf.NotAfter).UTC(), DaysLeft: int(math.Floor(leaf.NotAfter.Sub(at).Hours() / 24)),
			Key: keys.Has(lockfile.AgentKeyFile(a.Cluster, a.SPKI)),
		}
		if !keys.Exists() {
			s.Key = "the key store is not on this machine"
		}
		if a.Under != under {
			s.State = Aside
			aside = append(aside, s)
			continue
		}
		at := []string{a.Cluster}
		s.Places, s.Restarts, s.RenewedBy = []Place{{Secret: where, Key: p.Product.Keys.Cert, Clusters: at}}, []Workload{{Deployment: restart, Clusters: at}}, by
		r.Certificates = append(r.Certificates, s)
	}
	r.Certificates = append(r.Certificates, aside...)
}
