package pki

import (
	"bytes"
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

// maxChain is the number of certificates that a chain may have; a longer one is a loop.
const maxChain = 8

// BuildChain leads from the leaf to one of the anchors, by signature, through the candidates. The
// error names the certificate at which the chain breaks and the issuer that is missing.
func BuildChain(leaf *x509.Certificate, candidates, anchors []*x509.Certificate) (Chain, error) {
	chain := Chain{Leaf: leaf}
	for at := leaf; len(chain.Intermediates) < maxChain; {
		if i := slices.IndexFunc(anchors, func(a *x509.Certificate) bool { return signed(at, a) }); i >= 0 {
			chain.Anchor = anchors[i]
			return chain, nil
		}
		i := slices.IndexFunc(candidates, func(c *x509.Certificate) bool {
			return !c.Equal(at) && !slices.ContainsFunc(chain.Intermediates, c.Equal) && signed(at, c)
		})
		if i < 0 {
			return chain, fmt.Errorf("the chain breaks at %s: its issuer %s (key identifier %x) is neither in ca nor behind the certificate", at.Subject, at.Issuer, at.AuthorityKeyId)
		}
		at = candidates[i]
		chain.Intermediates = append(chain.Intermediates, at)
	}
	return chain, fmt.Errorf("the chain from %s has more than %d certificates", leaf.Subject, maxChain)
}

// signed reports whether the parent's key made the child's signature, whatever the parent may sign:
// its right to do so is a fault of its own, found later.
func signed(child, parent *x509.Certificate) bool {
	return bytes.Equal(child.RawIssuer, parent.RawSubject) &&
		parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}

// CheckServer says what keeps a chain from serving the relay under the authority.
func CheckServer(c Chain, authority string) []string {
	faults := checkIssuers(c)
	if c.Leaf.IsCA {
		faults = append(faults, "it is a CA; want a leaf (basicConstraints CA:FALSE)")
	}
	if err := c.Leaf.VerifyHostname(authority); err != nil {
		faults = append(faults, fmt.Sprintf("its SANs (%s) do not cover the authority %s", strings.Join(Describe(c.Leaf).SANs, ", "), authority))
	}
	if c.Leaf.KeyUsage != 0 && c.Leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		faults = append(faults, "its key usage lacks digitalSignature")
	}
	return append(faults, lacksUsage(c, x509.ExtKeyUsageServerAuth, "serverAuth")...)
}

// CheckSigning says what keeps a chain from signing agents' certificates.
func CheckSigning(c Chain) []string {
	faults := checkIssuers(c)
	switch {
	case !c.Leaf.IsCA:
		faults = append(faults, "it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates")
	case c.Leaf.KeyUsage != 0 && c.Leaf.KeyUsage&x509.KeyUsageCertSign == 0:
		faults = append(faults, "its key usage lacks keyCertSign")
	}
	return append(faults, lacksUsage(c, x509.ExtKeyUsageClientAuth, "clientAuth")...)
}

// checkIssuers says what keeps the certificates above the leaf from issuing what is below them.
func checkIssuers(c Chain) []string {
	var faults []string
	above := append(slices.Clone(c.Intermediates), c.Anchor)
	for depth, ca := range above {
		switch {
		case !ca.IsCA:
			faults = append(faults, fmt.Sprintf("its issuer %s is not a CA", ca.Subject))
		case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCertSign == 0:
			faults = append(faults, fmt.Sprintf("its issuer %s may not sign certificates (key usage lacks keyCertSign)", ca.Subject))
		case pathLen(ca) >= 0 && pathLen(ca) < depth+cas(c.Leaf):
			faults = append(faults, fmt.Sprintf("its issuer %s allows %d CAs below it, and there are %d", ca.Subject, pathLen(ca), depth+cas(c.Leaf)))
		}
	}
	return faults
}

// pathLen is the path length constraint of a CA, -1 where it has none.
func pathLen(c *x509.Certificate) int {
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
