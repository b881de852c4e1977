package compiler

import (
	"math"
	"strings"
	"time"

	"relayform/compiler/certs"
	"relayform/compiler/lock"
	"relayform/compiler/pki"
)

// Certificates tells what certificates a topology has, as seen from a date. It needs no key.
func Certificates(project Project, env Env, at time.Time) (*certs.Report, error) {
	c := &compile{project: project, env: env}
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	store, err := c.openStore(plan)
	if err != nil {
		return nil, err
	}
	r := &certs.Report{Topology: plan.Name, At: at.UTC(), Certificates: []certs.Certificate{}, Orphans: []string{}}
	for _, entry := range l.Certificates {
		r.Certificates = append(r.Certificates, status(plan, l, project, store, entry, at))
	}
	if l.Rotation != nil {
		r.Rotation = &certs.Rotation{Phase: string(l.Rotation.Phase), Since: l.Rotation.Since}
		if until := l.Rotation.DrainUntil; !until.IsZero() {
			r.Rotation.DrainUntil = &until
		}
		for _, entry := range l.Rotation.Aside {
			aside := status(plan, l, project, store, entry, at)
			aside.State, aside.Places, aside.Restarts, aside.RenewedBy = certs.Aside, nil, nil, ""
			r.Certificates = append(r.Certificates, aside)
		}
	}
	if l.Token != nil {
		f := footprintOf(Token)
		r.Token = &certs.Token{
			Generation: l.Token.Generation, Key: store.Has(lock.TokenFile(l.Token.SHA256)),
			Places: f.places(plan), Restarts: f.restarts(plan), RenewedBy: project.Command("renew token"),
		}
	}
	orphans, _, err := store.Orphans(l)
	if err != nil {
		return nil, err
	}
	r.Orphans = append(r.Orphans, orphans...)
	return r, nil
}

func status(p *Plan, l *lock.Lock, project Project, store *lock.Store, c lock.Certificate, at time.Time) certs.Certificate {
	f, leaf := footprintOf(c.Role), c.Chain[0]
	s := certs.Certificate{
		Role: string(c.Role), Generation: c.Generation, State: certs.InForce, Source: c.Source,
		Algorithm: c.Algorithm, Subject: c.Subject, SHA256: c.SHA256,
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
		Due:      f.due(leaf.NotBefore, leaf.NotAfter).UTC(),
		DaysLeft: int(math.Floor(leaf.NotAfter.Sub(at).Hours() / 24)),
		Places:   f.places(p), Restarts: f.restarts(p), RenewedBy: renewedBy(p, project, c),
	}
	switch issuer := l.Issuer(); {
	case c.Role != pki.Root || c.Generation == issuer.Generation:
	case c.Generation > issuer.Generation:
		s.State, s.RenewedBy = certs.Joining, "nothing: it signs from the phase issue on"
	default:
		s.State, s.RenewedBy = certs.Leaving, "nothing: it leaves with the phase retire"
	}
	switch s.Key = store.Has(lock.KeyFile(c.SPKI)); {
	case c.Role == pki.Root && c.Source == lock.External:
		s.Key = "with its PKI"
	case !store.Exists():
		s.Key = "the key store is not on this machine"
	}
	return s
}

func renewedBy(p *Plan, project Project, c lock.Certificate) string {
	source := strings.Join(p.source(), ".")
	switch {
	case c.Role == pki.Root:
		return "a rotation: " + source + ".rotation: {phase: distribute}"
	case p.External != nil:
		return "new files for " + source + "." + string(c.Role) + ", then " + project.Command("compile")
	}
	return project.Command("renew " + string(c.Role))
}
