package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"slices"
)

// Chain is a certificate with its path to a trust anchor.
type Chain struct {
	Leaf          *x509.Certificate
	Intermediates []*x509.Certificate // the leaf's issuer first, without the anchor
	Anchor        *x509.Certificate
}

// TLS returns the chain as a TLS endpoint presents it: leaf, then intermediates, without the anchor.
func (c Chain) TLS() []*x509.Certificate {
	return append([]*x509.Certificate{c.Leaf}, c.Intermediates...)
}

// Anchors returns the self-signed certificates of a bundle in order, without duplicates.
func Anchors(bundle []*x509.Certificate) []*x509.Certificate {
	var anchors []*x509.Certificate
	for _, c := range bundle {
		if SelfIssued(c) && !slices.ContainsFunc(anchors, c.Equal) {
			anchors = append(anchors, c)
		}
	}
	return anchors
}

// signed reports whether the parent's key made the child's signature, whatever the parent is permitted to sign: that is a separate fault,
// found later. A signature that is too weak, or whose key is too big, to be checked counts if names and key identifiers match; that
// weakness is reported separately, too.
func signed(child, parent *x509.Certificate) bool {
	if !bytes.Equal(child.RawIssuer, parent.RawSubject) {
		return false
	}
	if uncheckable(child, parent) {
		return len(child.AuthorityKeyId) == 0 || len(parent.SubjectKeyId) == 0 || bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId)
	}
	return parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}

func uncheckable(child, parent *x509.Certificate) bool {
	weak := []x509.SignatureAlgorithm{x509.MD2WithRSA, x509.MD5WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256, x509.UnknownSignatureAlgorithm}
	key, ok := parent.PublicKey.(*rsa.PublicKey)
	return slices.Contains(weak, child.SignatureAlgorithm) || ok && key.N.BitLen() < 1024 || outsized(parent)
}

// PathLength returns the path length constraint of a CA, or -1 if it has none.
func PathLength(c *x509.Certificate) int {
	if c.MaxPathLen > 0 || c.MaxPathLenZero {
		return c.MaxPathLen
	}
	return -1
}
