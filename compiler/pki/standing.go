package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
)

// Issued reports whether the parent issued the child: the child names it as issuer, and its key made the signature.
func Issued(child, parent *x509.Certificate) bool {
	return bytes.Equal(child.RawIssuer, parent.RawSubject) && parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}

// Chains takes a chain as presented, a certificate and then its intermediates in order, and completes it to each of the anchors that issued
// the last, or is the last. An unnecessary intermediate is an error; a missing link is a *BrokenChain.
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

// lasts reports whether a certificate is a way around an anchor: it is valid when the anchor is not, or verifiers refuse the anchor for its
// key or name constraints.
func lasts(c, anchor *x509.Certificate) bool {
	return c.NotAfter.After(anchor.NotAfter) || c.NotBefore.Before(anchor.NotBefore) || len(Unsound(anchor)) > 0 || Constrained(anchor)
}

// ends reports whether a path that has reached a certificate ends at the anchor.
func ends(c, anchor *x509.Certificate) bool { return anchor.Equal(c) || signed(c, anchor) }
