package review

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// What happens to a certificate.
const (
	Made     = "made"     // there was none for its role
	Kept     = "kept"     // byte for byte
	Replaced = "replaced" // by one of a later generation
	Removed  = "removed"  // from every bundle
	Aside    = "aside"    // kept for a rollback
)

// CertificateChange is what happens to one certificate, or to the token.
type CertificateChange struct {
	Role       pki.Role `json:"role" jsonschema:"What it is for: root, server, signing, agent, token."`
	Generation int      `json:"generation" jsonschema:"The number of the certificate in its role, from 1."`
	What       string   `json:"what" jsonschema:"What happens to it: added, replaced, removed and so on."`
	Subject    string   `json:"subject,omitempty" jsonschema:"Its subject."`
	SHA256     string   `json:"sha256" jsonschema:"The SHA-256 fingerprint, in hexadecimal."`
	NotAfter   string   `json:"notAfter,omitempty" jsonschema:"The day on which it ends."`
	Facts      []string `json:"facts,omitempty" jsonschema:"What differs from the certificate that it replaces."`
	Clusters   []string `json:"clusters,omitempty" jsonschema:"The clusters whose agents have these certificates, one each."`
}

// certificates returns the changes of certificates, in the order of their roles.
func (c *comparison) certificates() []CertificateChange {
	var all []CertificateChange
	for _, role := range pki.Roles {
		was, is := c.before.Lock.All(role), c.after.Lock.All(role)
		for _, x := range is {
			change := describe(x, Made)
			switch {
			case holds(was, x):
				change.What = Kept
			case role != pki.Root && len(was) > 0:
				change.Facts = facts(was[len(was)-1], x)
			}
			all = append(all, change)
		}
		for _, x := range was {
			switch {
			case holds(is, x):
			case holds(c.after.Lock.Every(), x):
				all = append(all, describe(x, Aside))
			case len(is) > 0 && role != pki.Root:
				all = append(all, describe(x, Replaced))
			default:
				all = append(all, describe(x, Removed))
			}
		}
	}
	all = append(all, c.agentChanges()...)
	if t := c.after.Lock.Token; t != nil {
		change := CertificateChange{Role: product.Token, Generation: t.Generation, SHA256: t.SHA256, What: Made}
		if was := c.tokenBefore(); was != nil && was.SHA256 == t.SHA256 {
			change.What = Kept
		} else if was != nil {
			all = append(all, CertificateChange{Role: product.Token, Generation: was.Generation, SHA256: was.SHA256, What: Replaced})
		}
		all = append(all, change)
	}
	return all
}

func (c *comparison) tokenBefore() *lockfile.Token {
	if c.before.Lock == nil {
		return nil
	}
	return c.before.Lock.Token
}

func holds(some []lockfile.Certificate, c lockfile.Certificate) bool {
	return slices.ContainsFunc(some, func(x lockfile.Certificate) bool { return x.Role == c.Role && x.SHA256 == c.SHA256 })
}

func describe(c lockfile.Certificate, what string) CertificateChange {
	return CertificateChange{Role: c.Role, Generation: c.Generation, What: what, Subject: diag.Printable(c.Subject), SHA256: c.SHA256, NotAfter: c.NotAfter}
}

// facts lists the differences between a certificate and its replacement.
func facts(was, is lockfile.Certificate) []string {
	var all lines
	if was.Source != lockfile.SelfSigned || is.Source != lockfile.SelfSigned { // subjects that relayform issues contain the generation
		all.differs("source", was.Source, is.Source)
		all.differs("subject", was.Subject, is.Subject)
		all.differs("issuer", was.Issuer, is.Issuer)
	}
	all.differs("names", strings.Join(was.SANs, ", "), strings.Join(is.SANs, ", "))
	all.differs("key", was.Algorithm, is.Algorithm)
	all.differs("ends", date(was.NotAfter), date(is.NotAfter))
	if was.SPKI == is.SPKI {
		all = append(all, "the same key")
	}
	return all
}

// date returns the day of a time in RFC 3339.
func date(text string) string {
	day, _, _ := strings.Cut(text, "T")
	return day
}

// Trust is who trusts what, before or after the change.
type Trust struct {
	State     string   `json:"state" jsonschema:"The state's name."`
	Roots     []string `json:"roots" jsonschema:"The roots that agents and relay server trust."`
	Server    string   `json:"server" jsonschema:"The relay server's certificate."`
	ServerBy  string   `json:"serverIssuer" jsonschema:"What issued it."`
	Signing   string   `json:"signing" jsonschema:"The signing CA."`
	SigningBy string   `json:"signingIssuer" jsonschema:"What issued it."`
}

// trustOf identifies the certificates as the lockfile does: by role and generation.
func trustOf(s State) Trust {
	t := Trust{State: s.Name, Roots: []string{}}
	roots := s.Lock.All(pki.Root)
	for _, r := range roots {
		t.Roots = append(t.Roots, named(r))
	}
	by := func(c lockfile.Certificate) string {
		for _, r := range roots {
			if _, err := c.Chain[0].Verify(x509.VerifyOptions{
				Roots: pki.Pool([]*x509.Certificate{r.Chain[0]}), Intermediates: pki.Pool(c.Chain[1:]),
				CurrentTime: c.Chain[0].NotBefore.Add(time.Second), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
			}); err == nil {
				return named(r)
			}
		}
		return ""
	}
	if c := s.Lock.Newest(pki.Server); c != nil {
		t.Server, t.ServerBy = named(*c), by(*c)
	}
	if c := s.Lock.Newest(pki.Signing); c != nil {
		t.Signing, t.SigningBy = named(*c), by(*c)
	}
	return t
}

func named(c lockfile.Certificate) string {
	return fmt.Sprintf("%s %d (%s)", c.Role, c.Generation, c.SHA256[:8])
}
