package lockfile

import (
	"crypto/x509"
	"errors"
	"fmt"

	"relayform/compiler/pki"
)

// issued checks signing CA and server certificate against the root that should have issued them: the old one while the next is distributed,
// then the next. What is set aside always chains to the old one.
func (p *parser) issued() {
	inForce, aside := generations(ofRole(p.inForce, pki.Root)), generations(ofRole(p.aside, pki.Root))
	old, signs := inForce[0], inForce[len(inForce)-1]
	if p.lock.Phase() == Distribute {
		signs = old
	}
	if len(aside) > 0 {
		old = aside[0]
	}
	p.under(signs, ofRole(p.inForce, belowRoot...))
	p.under(old, ofRole(p.aside, belowRoot...))
}

// misfit is what is wrong with an entry under its root.
type misfit struct {
	of      placed
	field   string
	message string
	ofRoot  string // the root's field at fault if no entry chains to it
}

// under refuses what roots of one generation did not issue. If that is everything, either the root or all the rest was changed, and a
// single fault says so.
func (p *parser) under(roots, below []placed) {
	var found []misfit
	strays := 0
	for _, c := range below {
		m := underRoot(roots, c)
		if c.Source == External {
			m = p.underAnchors(roots, c)
		}
		if m.message == "" {
			continue
		}
		if m.of = c; m.ofRoot != "" {
			strays++
		}
		found = append(found, m)
	}
	if strays > 1 && strays == len(below) {
		why := fmt.Sprintf("they name the issuer %q", below[0].Issuer)
		if found[0].ofRoot == "source" {
			why = "relayform issued them, and so has issued their root: want " + SelfSigned
		}
		p.fault(roots[0], found[0].ofRoot, "%s and %s do not chain to this root; %s", below[0], below[1], why)
		return
	}
	for _, m := range found {
		p.fault(m.of, m.field, "%s", m.message)
	}
}

// underRoot checks what relayform issued.
func underRoot(roots []placed, c placed) misfit {
	root := roots[0]
	switch cert, issuer := c.Chain[0], root.Chain[0]; {
	case root.Source != SelfSigned:
		return misfit{field: "source", ofRoot: "source", message: fmt.Sprintf("relayform issues under a root of its own, and %s is %s", root, root.Source)}
	case c.Issuer != root.Subject:
		return misfit{field: "issuer", ofRoot: "subject", message: fmt.Sprintf("want %q, the subject of %s: that root issues this certificate", root.Subject, root)}
	case !pki.Issued(cert, issuer):
		return misfit{field: "issuer", ofRoot: "subject", message: fmt.Sprintf("the key of %s, the root of that name, did not sign the certificate in pem", root)}
	case cert.NotAfter.After(issuer.NotAfter):
		return misfit{field: "notAfter", message: fmt.Sprintf("this is after the end of its issuer, %s: %s", root, root.NotAfter)}
	case cert.NotBefore.Before(issuer.NotBefore):
		return misfit{field: "notBefore", message: fmt.Sprintf("this is before its issuer, %s, is valid: %s", root, root.NotBefore)}
	case !pki.Lasts(cert, issuer, c.Validity):
		return misfit{field: "validity", message: fmt.Sprintf("the certificate in pem is valid from %s to %s, which is a different validity", c.NotBefore, c.NotAfter)}
	}
	return misfit{}
}

// underAnchors checks what an external PKI issued: one of its anchors must have issued the last certificate, and each certificate must be
// part of the chain.
func (p *parser) underAnchors(roots []placed, c placed) misfit {
	var anchors []*x509.Certificate
	for _, r := range roots {
		anchors = append(anchors, r.Chain[0])
	}
	chains, err := pki.Chains(c.Role, c.Chain, anchors)
	var broken *pki.BrokenChain
	switch {
	case errors.As(err, &broken):
		m := misfit{field: "pem", message: fmt.Sprintf("it does not chain to %s: %s", roots[0], err)}
		if broken.At == c.Chain[len(c.Chain)-1] {
			m.ofRoot = "subject"
		}
		return m
	case err != nil:
		return misfit{field: "pem", message: err.Error()}
	case roots[0].Source == SelfSigned && pki.FindMisfit(c.Role, c.Chain[0], p.topology, c.Generation) == nil:
		return misfit{field: "source", message: "want selfSigned: relayform issued it"}
	}
	var reasons []pki.Reason
	for _, chain := range chains { // one valid chain is enough
		if reasons = pki.Stands(c.Role, chain); len(reasons) == 0 {
			return misfit{}
		}
	}
	return misfit{field: "pem", message: fmt.Sprintf("it cannot be a %s certificate: %s", c.Role, reasons[0].Message)}
}
