package issue

import (
	"slices"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// IssuerChange stands for certificates that cert-manager issues from now on, and that are removed from the lockfile.
const IssuerChange pki.Role = "certificates"

// rootsAlone refuses leaf certificates among the roots of cert-manager's chains: every renewal replaces them.
func (a *external) rootsAlone(b *bundle) {
	if a.plan.CertManager == nil {
		return
	}
	for _, c := range b.ca {
		if !c.IsCA && !pki.SelfIssued(c) {
			a.fault(diag.BadCertificate, []string{"ca"}, "it holds "+pki.SubjectOf(c)+", which is a leaf and signs nothing; want the root in which the issuers' chains end",
				"take the root from the PKI, not from a Secret that cert-manager wrote")
			b.ca = nil // other faults in it would be consequences
			return
		}
	}
}

// handOver removes from a lockfile the certificates that cert-manager issues from now on. This is refused during a root rotation, when
// clusters may still have the certificates of the previous phase.
func handOver(p *plan.Plan, l *lockfile.File) (*lockfile.File, []Due, error) {
	theirs := func(c lockfile.Certificate) bool {
		return p.CertManager != nil && c.Role != pki.Root && !p.Product.Knows(c.Role)
	}
	issued := len(l.Certificates) > 0 && !slices.ContainsFunc(l.Every(), func(c lockfile.Certificate) bool { return c.Role == pki.Server })
	switch {
	case !slices.ContainsFunc(l.Every(), theirs) && !(issued && p.CertManager == nil && p.Product.Knows(pki.Server)):
		return l, nil, nil
	case l.Rotation != nil:
		at := append(p.Source(), "rotation", "phase")
		return nil, nil, diag.List{p.Doc.Fault(at, diag.RotationPhase.Fault("certificates move between cert-manager and relayform in one step, but a rotation takes four",
			"first change the source of certificates under the lockfile's roots, if needed with pki.external; then rotate"))}
	case p.CertManager == nil:
		return l, nil, nil
	}
	return l.Without(theirs), []Due{{Role: IssuerChange, Reason: "cert-manager issues them from now on"}}, nil
}
