package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// Chain is a certificate with what leads from it to an anchor.
type Chain struct {
	Leaf          *x509.Certificate
	Intermediates []*x509.Certificate // the leaf's issuer first, the anchor left out
	Anchor        *x509.Certificate
}

// TLS is the chain as a TLS endpoint presents it: leaf, then intermediates, without the anchor.
func (c Chain) TLS() []*x509.Certificate {
	return append([]*x509.Certificate{c.Leaf}, c.Intermediates...)
}

// Anchors are the self-signed certificates of a bundle, each once, in the order of the bundle.
func Anchors(bundle []*x509.Certificate) []*x509.Certificate {
	var anchors []*x509.Certificate
	for _, c := range bundle {
		if SelfIssued(c) && !slices.ContainsFunc(anchors, c.Equal) {
			anchors = append(anchors, c)
		}
	}
	return anchors
}

// signed reports whether the parent's key made the child's signature, whatever the parent may sign:
// its right to do so is a fault of its own, found later. A signature that is too weak, or whose key is too big, to be checked
// counts where names and key identifiers agree; its weakness is a fault of its own, too.
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
	return slices.Contains(weak, child.SignatureAlgorithm) || ok && (key.N.BitLen() < 1024 || key.N.BitLen() > 8192)
}

// CheckServer says what keeps a chain from serving the relay under the authority.
func CheckServer(c Chain, authority string) []string {
	faults := Check(Server, c)
	if err := c.Leaf.VerifyHostname(authority); err != nil {
		faults = append(faults, fmt.Sprintf("its SANs (%s) do not cover the authority %s", strings.Join(Describe(c.Leaf).SANs, ", "), authority))
	}
	return faults
}

// Check says what keeps a chain from its role, signing or server, whatever its names.
func Check(role Role, c Chain) []string {
	faults := checkIssuers(c)
	if role == Signing {
		switch {
		case !c.Leaf.IsCA:
			faults = append(faults, "it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates")
		case c.Leaf.KeyUsage != 0 && c.Leaf.KeyUsage&x509.KeyUsageCertSign == 0:
			faults = append(faults, "its key usage lacks keyCertSign")
		}
		return append(faults, lacksUsage(c, x509.ExtKeyUsageClientAuth, "clientAuth")...)
	}
	if c.Leaf.IsCA {
		faults = append(faults, "it is a CA; want a leaf (basicConstraints CA:FALSE)")
	}
	if c.Leaf.KeyUsage != 0 && c.Leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		faults = append(faults, "its key usage lacks digitalSignature")
	}
	return append(faults, lacksUsage(c, x509.ExtKeyUsageServerAuth, "serverAuth")...)
}

// checkIssuers says what keeps the certificates above the leaf from issuing what is below them.
func checkIssuers(c Chain) []string {
	var faults []string
	above, below := append(slices.Clone(c.Intermediates), c.Anchor), c.TLS()
	for depth, ca := range above {
		switch {
		case uncheckable(below[depth], ca) && !below[depth].Equal(ca): // nobody checks a root's own
			faults = append(faults, fmt.Sprintf("nobody can check whether its issuer %s signed %s: the signature is %s, by a key of %s",
				ca.Subject, below[depth].Subject, kindOf(below[depth].SignatureAlgorithm), AlgorithmOf(ca.PublicKey)))
		case !ca.IsCA:
			faults = append(faults, fmt.Sprintf("its issuer %s is not a CA", ca.Subject))
		case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCertSign == 0:
			faults = append(faults, fmt.Sprintf("its issuer %s may not sign certificates (key usage lacks keyCertSign)", ca.Subject))
		case PathLength(ca) >= 0 && PathLength(ca) < depth+cas(c.Leaf):
			faults = append(faults, fmt.Sprintf("its issuer %s allows %d CAs below it, and there are %d", ca.Subject, PathLength(ca), depth+cas(c.Leaf)))
		}
	}
	return faults
}

func kindOf(a x509.SignatureAlgorithm) string {
	if a == x509.UnknownSignatureAlgorithm {
		return "of a kind that Go does not read"
	}
	return a.String()
}

// PathLength is the path length constraint of a CA, -1 where it has none.
func PathLength(c *x509.Certificate) int {
	if c.MaxPathLen > 0 || c.MaxPathLenZero {
		return c.MaxPathLen
	}
	return -1
}

func cas(c *x509.Certificate) int {
	if c.IsCA {
		return 1
	}
	return 0
}

// lacksUsage finds certificates below the anchor whose extended key usages exclude the wanted one;
// Go, OpenSSL and Java hold a CA's list against what it issues.
func lacksUsage(c Chain, want x509.ExtKeyUsage, name string) []string {
	var faults []string
	for _, cert := range c.TLS() {
		if len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0 {
			continue
		}
		if !slices.Contains(cert.ExtKeyUsage, want) && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny) {
			who := "it"
			if cert != c.Leaf {
				who = "its issuer " + cert.Subject.String()
			}
			faults = append(faults, fmt.Sprintf("%s has extended key usages without %s", who, name))
		}
	}
	return faults
}
