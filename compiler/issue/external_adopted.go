package issue

import (
	"crypto/x509"
	"fmt"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Held is what clusters hold of an external PKI: its anchors, with intermediates beside them, and of each role the certificate, with
// whatever stands behind it.
type Held struct {
	CA     []*x509.Certificate
	Chains map[pki.Role][]*x509.Certificate
}

// Adopt makes the lockfile of what clusters hold: that which an import of the same certificates from files would make.
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
	return before.With(a.entries(before, b, due), nil), nil
}

// Stands judges a lockfile of what clusters hold: a compile that reads the same certificates from files finds nothing to import, and nothing
// that it would refuse. The error is a DueError or a diag.List.
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

// holding is the bundle of what clusters hold.
func (a *external) holding(h Held, l *lockfile.File) *bundle {
	b := &bundle{ca: h.CA, anchors: pki.Anchors(h.CA), chains: map[pki.Role]pki.Chain{}, left: map[string][]*x509.Certificate{}}
	var pairs []*found
	for _, r := range a.plan.ExternalRoles() {
		certs := h.Chains[r.Role]
		if len(certs) == 0 {
			a.fault(diag.BadCertificate, []string{r.Field, "cert"}, "no certificate", "")
			continue
		}
		pairs = append(pairs, &found{role: r.Role, field: r.Field, leaf: certs[0], certs: certs, have: l.Newest(r.Role)})
	}
	if len(a.faults) == 0 {
		a.lead(b, pairs)
	}
	a.limited(b)
	return b
}

// limited refuses more anchors than a Secret holds.
func (a *external) limited(b *bundle) {
	if size := len(pki.MarshalCertificates(b.anchors...)); size > MaxAnchors {
		a.fault(diag.LimitExceeded, []string{"ca"}, fmt.Sprintf("its %d roots have %d bytes as PEM; the limit is %d (512 KiB)", len(b.anchors), size, MaxAnchors), "name the roots alone that sign the relay's certificates")
	}
}
