package verify

import (
	"crypto/x509"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// verdict is what a finding is, and how much it matters.
type verdict struct {
	code     diag.Code
	severity Severity
}

// speaker says something of one certificate.
type speaker func(e verdict, message, hint string)

// above is the certificates over the leaf, the anchor last.
func above(c pki.Chain) []*x509.Certificate {
	all := slices.Clone(c.Intermediates)
	if c.Anchor != nil && !c.Anchor.Equal(c.Leaf) {
		all = append(all, c.Anchor)
	}
	return all
}

// issuers says what keeps the certificates over the leaf from issuing what is below them.
func (j *judge) issuers(say speaker, chain pki.Chain) {
	below := 0
	if chain.Leaf.IsCA {
		below = 1
	}
	for _, ca := range above(chain) {
		hasUsage, _ := extension(ca, oidKeyUsage)
		length := pki.PathLength(ca)
		switch {
		case !ca.IsCA && ca.Version == 3:
			say(verdict{IssuerNotCA, Error}, fmt.Sprintf("its issuer %s is no CA", subject(ca)), "")
		case hasUsage && ca.KeyUsage&x509.KeyUsageCertSign == 0:
			say(verdict{MayNotSign, Error}, fmt.Sprintf("its issuer %s may not sign certificates: its key usage lacks keyCertSign", subject(ca)), "")
		case length >= 0 && length < below:
			say(verdict{PathLength, Error}, fmt.Sprintf("its issuer %s allows %d CAs below it, and there are %d", subject(ca), length, below), "")
		}
		below++
	}
}

func allows(c *x509.Certificate, usage x509.ExtKeyUsage) bool {
	return slices.Contains(c.ExtKeyUsage, usage) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// usages finds certificates of a chain, the anchor among them, whose extended key usages shut out
// the wanted one.
func (j *judge) usages(say speaker, chain pki.Chain, want x509.ExtKeyUsage, name string) {
	for _, c := range append([]*x509.Certificate{chain.Leaf}, above(chain)...) {
		if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 {
			continue
		}
		who := "it"
		if c != chain.Leaf {
			who = "its issuer " + subject(c)
		}
		switch {
		case !allows(c, want):
			say(verdict{ExtendedUsage, Error}, fmt.Sprintf("%s has extended key usages without %s", who, name), "")
		case c == chain.Anchor && c != chain.Leaf:
			say(verdict{RootExtendedUsage, Note}, who+" has extended key usages", "")
		}
	}
}

// below is the chain of what the pair's certificate signs.
func (p *pair) below() pki.Chain {
	c := p.chain
	c.Intermediates = append([]*x509.Certificate{p.certs[0]}, c.Intermediates...)
	return c
}

// excludedBy are the names that name constraints of the chain's CAs shut out (RFC 5280 4.2.1.10).
func excludedBy(chain pki.Chain, names []string) []string {
	var excluded []string
	for _, name := range names {
		for _, ca := range above(chain) {
			permitted := len(ca.PermittedDNSDomains) == 0 || slices.ContainsFunc(ca.PermittedDNSDomains, within(name))
			if !permitted || slices.ContainsFunc(ca.ExcludedDNSDomains, within(name)) {
				excluded = append(excluded, name)
				break
			}
		}
	}
	return excluded
}

// within reports of a domain whether the name lies in it; one with a period in front leaves the
// domain itself out, as Go and OpenSSL have it.
func within(name string) func(domain string) bool {
	return func(domain string) bool {
		name, domain := strings.ToLower(name), strings.ToLower(domain)
		return domain == "" || name == domain || strings.HasSuffix(name, "."+strings.TrimPrefix(domain, "."))
	}
}

// ending says of certificates that are in force which of them end too soon.
func (j *judge) ending(say speaker, signing *pair) {
	soon := func(c *x509.Certificate, left time.Duration) bool {
		return !j.at.After(c.NotAfter) && c.NotAfter.Sub(j.at) < left
	}
	if soon(signing.certs[0], product.EarlySigning(j.m.AgentValidity)) {
		say(verdict{SigningShort, Warning}, fmt.Sprintf("ends on %s; agents' certificates last %s and cannot outlive it", pki.Day(signing.certs[0].NotAfter), product.Span(j.m.AgentValidity)), "replace it before "+months(product.EarlySigning(j.m.AgentValidity))+" remain")
	}
	if a := signing.chain.Anchor; a != nil && soon(a, product.EarlyRoot(j.m.AgentValidity)) {
		say(verdict{RootShort, Warning}, fmt.Sprintf("its root %s ends on %s", subject(a), pki.Day(a.NotAfter)), "begin to replace the root")
	}
	if p := j.management.server; p != nil && p.whole && soon(p.certs[0], product.Soon) {
		j.find(j.management, ServerShort, Warning, p.object(j.m.Names.Keys.Cert), p.secret, fmt.Sprintf("%s: ends on %s", subject(p.certs[0]), pki.Day(p.certs[0].NotAfter)), "issue the next one")
	}
}

// months is a time in words, as long as a month and more.
func months(d time.Duration) string {
	return fmt.Sprintf("%d months", int(math.Round(d.Hours()/24/30.4)))
}
