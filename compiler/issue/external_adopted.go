package issue

import (
	"crypto/x509"
	"fmt"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Held is what clusters contain of an external PKI: its anchors, with any intermediates beside them, and the certificate of each role with
// its chain.
type Held struct {
	CA     []*x509.Certificate
	Chains map[pki.Role][]*x509.Certificate
	// Clients are the agents' certificate chains, by cluster, if the relay server does not sign them.
	Clients map[string][]*x509.Certificate
}

// Adopt creates the lockfile for what clusters contain: the same as an import of these certificates from files.
func Adopt(p *plan.Plan, h Held, w World) (*lockfile.File, error) {
	a := &external{plan: p, world: w}
	before := &lockfile.File{Topology: p.Name}
	b := a.holding(h, before)
	if err := a.faults.Err(); err != nil {
		return nil, err
	}
	due := []Due{{Role: pki.Root, Reason: "clusters trust it"}}
	for _, r := range p.ExternalRoles() {
		due = append(due, Due{Role: r.Role, Reason: "the management cluster holds it"})
	}
	l := before.With(a.entries(before, b, due), nil)
	return l.WithAgents(a.agentEntries(l, b, a.agentsDue(l, b)), agentsOf(p)), nil
}

// Stands checks a lockfile made from what clusters contain: a compile with the same certificates in files must find nothing to import and
// nothing to refuse. The error is a DueError or a diag.List.
func Stands(p *plan.Plan, h Held, l *lockfile.File, w World) error {
	a := &external{plan: p, world: w}
	b := a.holding(h, l)
	due := a.hold(l, b)
	if err := a.faults.Err(); err != nil {
		return err
	}
	if len(due) > 0 {
		return DueError(due)
	}
	return nil
}

// holding returns the bundle of what clusters contain.
func (a *external) holding(h Held, l *lockfile.File) *bundle {
	b := &bundle{ca: h.CA, anchors: pki.Anchors(h.CA), chains: map[pki.Role]pki.Chain{}, left: map[string][]*x509.Certificate{}}
	var pairs []*found
	for _, r := range a.plan.ExternalRoles() {
		certs := h.Chains[r.Role]
		if len(certs) == 0 {
			a.fault(diag.BadCertificate, []string{r.Field, "cert"}, "no certificate", "")
			continue
		}
		pairs = append(pairs, &found{role: r.Role, at: []string{r.Field, "cert"}, leaf: certs[0], certs: certs, have: l.Newest(r.Role)})
	}
	if len(a.faults) == 0 {
		a.lead(b, pairs)
	}
	a.limited(b)
	if a.plan.BringsAgents() && len(a.faults) == 0 {
		a.holdingClients(h, l, b)
	}
	b.leave(pairs)
	return b
}

// limited refuses more anchors than a Secret can hold.
func (a *external) limited(b *bundle) {
	if size := len(pki.MarshalCertificates(b.anchors...)); size > MaxAnchors {
		a.fault(diag.LimitExceeded, []string{"ca"}, fmt.Sprintf("its %d roots have %d bytes as PEM; the limit is %d (512 KiB)", len(b.anchors), size, MaxAnchors), "name only the roots that sign the relay's certificates")
	}
}

// holdingClients builds chains from agents' certificates to the anchors of a bundle.
func (a *external) holdingClients(h Held, l *lockfile.File, b *bundle) {
	b.ways = map[string]pki.Chain{}
	var lacking []string
	for _, c := range a.plan.Agents() {
		certs := h.Clients[c.Name]
		if len(certs) == 0 {
			lacking = append(lacking, c.Name)
			continue
		}
		f := &found{role: pki.Agent, at: []string{"clients"}, named: c.Name + ": ", leaf: certs[0], certs: certs}
		if have := l.Agent(c.Name); have != nil {
			f.have = &have.Certificate
		}
		if chain, ok := a.clientWay(l, f, b, b); ok {
			b.ways[c.Name] = chain
		}
	}
	a.lacking(l, lacking)
}
