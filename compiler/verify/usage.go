package verify

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"relayform/compiler/product"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// verdict is a finding's code and severity.
type verdict struct {
	code     diag.Code
	severity Severity
}

// speaker reports a finding about one certificate.
type speaker func(e verdict, message, hint string)

// path reports what makes a chain unusable in a pair's role, and what verifiers other than Go would refuse.
func (j *judge) path(p *pair, chain pki.Chain, say speaker) {
	for _, r := range pki.Blocked(p.role, chain) {
		if r.Code != pki.Refused {
			say(verdict{diag.Code(r.Code), Error}, r.Message, "")
		}
	}
	if a := chain.Anchor; a != nil && a != chain.Leaf && len(a.ExtKeyUsage)+len(a.UnknownExtKeyUsage) > 0 && allows(a, p.role) {
		say(verdict{RootExtendedUsage, Note}, fmt.Sprintf("its issuer %s has extended key usages", subject(a)), "")
	}
	if slices.ContainsFunc(append(chain.TLS(), chain.Above()...), pki.Constrained) {
		j.constraints(p, chain, say)
	}
}

func allows(c *x509.Certificate, role pki.Role) bool {
	usage := x509.ExtKeyUsageClientAuth
	if role.Serves() {
		usage = x509.ExtKeyUsageServerAuth
	}
	return slices.Contains(c.ExtKeyUsage, usage) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// refused reports why Go refuses all paths to a verifier's anchors, if no finding says it.
func (j *judge) refused(p *pair, say speaker) {
	for _, w := range p.ways {
		if !w.built || w.ok {
			continue
		}
		if errs, _ := j.faults(p, w.chain); errs+len(pki.Unfit(p.role, p.certs[0])) > 0 {
			continue
		}
		words := pki.InWords(w.err)
		for _, r := range pki.Blocked(p.role, w.chain) {
			words = r.Message
		}
		if strings.Contains(words, "signature check attempts limit") {
			words = "Go gives up after checking 100 signatures to find a chain; remove from tls.crt and ca.crt what is not part of it"
		}
		say(verdict{ChainRefused, Error}, words, "")
	}
}

// constraints reports names in a chain's certificates that its name constraints exclude.
func (j *judge) constraints(p *pair, chain pki.Chain, say speaker) {
	var invalid x509.CertificateInvalidError
	if err := pki.Accepts(p.role, chain, j.at); errors.As(err, &invalid) && invalid.Reason == x509.CANotAuthorizedForThisName {
		names := excludedBy(chain, chain.Leaf.DNSNames)
		message := "name constraints of its issuers exclude its names " + list(names)
		if len(names) == 0 {
			message = "name constraints of its issuers exclude a name: " + invalid.Detail
		}
		say(verdict{NameConstraints, Error}, message, "ask the PKI for certificates without name constraints, or for names within them")
		return
	}
	for _, name := range outside(chain) {
		say(verdict{SubjectConstrained, Warning}, fmt.Sprintf("its subject names %s, which is outside its issuers' name constraints", name), "issue it with a subject that names nothing outside of them")
	}
}

// excludedBy returns the names that name constraints of the chain's CAs exclude (RFC 5280 4.2.1.10).
func excludedBy(chain pki.Chain, names []string) []string {
	var excluded []string
	for _, name := range names {
		for _, ca := range chain.Above() {
			permitted := len(ca.PermittedDNSDomains) == 0 || slices.ContainsFunc(ca.PermittedDNSDomains, within(name))
			if !permitted || slices.ContainsFunc(ca.ExcludedDNSDomains, within(name)) {
				excluded = append(excluded, name)
				break
			}
		}
	}
	return excluded
}

// within returns a predicate for the domains that contain the name; a domain with a leading period excludes itself, as in Go and OpenSSL.
func within(name string) func(domain string) bool {
	return func(domain string) bool {
		name, domain := strings.ToLower(name), strings.ToLower(domain)
		return domain == "" || name == domain || strings.HasSuffix(name, "."+strings.TrimPrefix(domain, "."))
	}
}

var oidEmail = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1} // RFC 2985 5.2.1

// outside returns the host name and the e-mail addresses in the leaf's subject that name constraints exclude. Go checks only subject
// alternative names; OpenSSL and GnuTLS check the subject too.
func outside(chain pki.Chain) []string {
	var names []string
	if cn := chain.Leaf.Subject.CommonName; strings.Contains(cn, ".") && !strings.ContainsAny(cn, " @/:") {
		names = excludedBy(chain, []string{cn})
	}
	for _, part := range chain.Leaf.Subject.Names {
		address, _ := part.Value.(string)
		if part.Type.Equal(oidEmail) && slices.ContainsFunc(chain.Above(), func(ca *x509.Certificate) bool { return shutsMail(ca, address) }) {
			names = append(names, address)
		}
	}
	return names
}

// shutsMail reports whether a CA's name constraints exclude an e-mail address (RFC 5280 4.2.1.10): a constraint is an address, a host, or
// with a leading period the hosts of a domain.
func shutsMail(ca *x509.Certificate, address string) bool {
	_, host, _ := strings.Cut(address, "@")
	covers := func(constraint string) bool {
		switch {
		case strings.Contains(constraint, "@"):
			return strings.EqualFold(constraint, address)
		case strings.HasPrefix(constraint, "."):
			return strings.HasSuffix(strings.ToLower(host), strings.ToLower(constraint))
		}
		return strings.EqualFold(constraint, host)
	}
	permitted := len(ca.PermittedEmailAddresses) == 0 || slices.ContainsFunc(ca.PermittedEmailAddresses, covers)
	return !permitted || slices.ContainsFunc(ca.ExcludedEmailAddresses, covers)
}

// ending reports currently valid certificates that expire too soon.
func (j *judge) ending(say speaker, signing *pair) {
	if j.soon(signing.certs[0], product.EarlySigning(j.m.AgentValidity)) {
		say(verdict{SigningShort, Warning}, fmt.Sprintf("ends on %s; agents' certificates last %s and cannot outlive it", pki.Day(signing.certs[0].NotAfter), product.Span(j.m.AgentValidity)), "replace it before "+months(product.EarlySigning(j.m.AgentValidity))+" remain")
	}
	if a := signing.chain.Anchor; a != nil && j.soon(a, product.EarlyRoot(j.m.AgentValidity)) {
		say(verdict{RootShort, Warning}, fmt.Sprintf("its root %s ends on %s", subject(a), pki.Day(a.NotAfter)), "start to replace the root")
	}
	j.serverEnding()
}

// soon reports whether a certificate is currently valid, and expires within a duration.
func (j *judge) soon(c *x509.Certificate, left time.Duration) bool {
	return !j.at.After(c.NotAfter) && c.NotAfter.Sub(j.at) < left
}

// serverEnding reports that the certificate of the relay server, or of the telemetry gateway, expires soon.
func (j *judge) serverEnding() {
	for _, p := range j.management.issued() {
		if p.role.Serves() && p.whole && j.soon(p.certs[0], j.early(p)) {
			j.find(j.management, ServerShort, Warning, p.object(j.m.Names.Keys.Cert), p.secret, fmt.Sprintf("%s: ends on %s", subject(p.certs[0]), pki.Day(p.certs[0].NotAfter)), j.next(p, "issue the next one"))
		}
	}
}

// months formats a duration of at least a month.
func months(d time.Duration) string {
	return fmt.Sprintf("%d months", int(math.Round(d.Hours()/24/30.4)))
}
