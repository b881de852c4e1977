package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
)

// Issued reports whether the parent issued the child: its name stands there, and its key signed it.
func Issued(child, parent *x509.Certificate) bool {
	return bytes.Equal(child.RawIssuer, parent.RawSubject) && parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}

// Chains takes a chain as it stands, a certificate and then the intermediates above it in order, and
// leads it to each of the anchors that issued the last, or is the last. Where an intermediate is not needed, the
// error says so; where a link is missing, it is a *BrokenChain.
func Chains(role Role, presented, anchors []*x509.Certificate) ([]Chain, error) {
	last := len(presented) - 1
	for i, c := range presented[:last] {
		does := func(a *x509.Certificate) bool {
			return ends(c, a) && !lasts(presented[i+1], a) && len(Stands(role, Chain{presented[0], presented[1 : i+1], a})) == 0
		}
		if slices.ContainsFunc(anchors, does) {
			return nil, fmt.Errorf("the certificate %s has no place there: %s below it chains to an anchor already", presented[i+1].Subject, c.Subject)
		}
		if !signed(c, presented[i+1]) {
			return nil, breaks(c, presented[i+1:i+2])
		}
	}
	var chains []Chain
	for _, a := range anchors {
		if ends(presented[last], a) {
			chains = append(chains, Chain{Leaf: presented[0], Intermediates: presented[1:], Anchor: a})
		}
	}
	if len(chains) == 0 {
		return nil, breaks(presented[last], anchors)
	}
	return chains, nil
}

// lasts reports whether a certificate is in force when an anchor is not, or has a key that verifiers take while the
// anchor's is refused: it is a way around that anchor.
func lasts(c, anchor *x509.Certificate) bool {
	return c.NotAfter.After(anchor.NotAfter) || c.NotBefore.Before(anchor.NotBefore) || len(Unsound(anchor)) > 0 || Constrained(anchor)
}

// ends reports whether a chain that has come to a certificate ends at the anchor.
func ends(c, anchor *x509.Certificate) bool { return anchor.Equal(c) || signed(c, anchor) }
