package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Misfit is a property that a certificate would have if Issue had made it, but does not have.
type Misfit struct {
	Of      string // subject, algorithm or sans; empty for what a Description does not contain
	Message string
}

// forms are the properties that Issue gives every certificate of a role, whatever its names and validity.
var forms = []struct {
	of   string
	fits func(c, want *x509.Certificate) bool
	want func(want *x509.Certificate) string
}{
	{"subject", sameSubject, func(want *x509.Certificate) string {
		return fmt.Sprintf("want the subject %q, for this topology, generation and key", want.Subject)
	}},
	{"sans", sameKindOfNames, func(want *x509.Certificate) string {
		if want.IsCA {
			return "want no SANs in a CA"
		}
		return "want only DNS names as SANs, at least one"
	}},
	{"", sameConstraints, func(want *x509.Certificate) string {
		if want.IsCA {
			return fmt.Sprintf("want the basic constraints CA:TRUE, pathlen:%d", PathLength(want))
		}
		return "want the basic constraints CA:FALSE"
	}},
	{"", sameUsages, func(*x509.Certificate) string { return "want the key usages that its role has" }},
	{"", func(c, want *x509.Certificate) bool { return bytes.Equal(c.SubjectKeyId, want.SubjectKeyId) },
		func(want *x509.Certificate) string {
			return fmt.Sprintf("want the subject key identifier %x, that of its key", want.SubjectKeyId)
		}},
	{"", func(c, _ *x509.Certificate) bool {
		return c.Version == 3 && (c.SignatureAlgorithm == x509.SHA256WithRSA || c.SignatureAlgorithm == x509.ECDSAWithSHA256)
	}, func(*x509.Certificate) string { return "want version 3, signed with SHA-256" }},
	{"", func(c, _ *x509.Certificate) bool { return !slices.ContainsFunc(c.Extensions, foreign) },
		func(*x509.Certificate) string { return "want no further extension" }},
}

// written are the extensions that Issue writes (RFC 5280 4.2.1).
var written = []asn1.ObjectIdentifier{{2, 5, 29, 14}, {2, 5, 29, 15}, {2, 5, 29, 17}, {2, 5, 29, 19}, {2, 5, 29, 35}, {2, 5, 29, 37}}

// FindMisfit returns the first property in which a certificate differs from those that Issue makes for a role, or nil. Names that the
// topology chooses, and the validity period, are not checked here.
func FindMisfit(role Role, c *x509.Certificate, organisation string, generation int) *Misfit {
	var algorithms []string
	for _, ecdsa := range []bool{false, true} {
		facts := Facts{ECDSA: ecdsa}
		for _, r := range append(Requests(facts), facts.Agent("")) {
			if r.Role != role {
				continue
			}
			if r.Algorithm == AlgorithmOf(c.PublicKey) {
				return misfit(c, r.template(organisation, generation, c.RawSubjectPublicKeyInfo))
			}
			algorithms = append(algorithms, string(r.Algorithm))
		}
	}
	return &Misfit{"algorithm", fmt.Sprintf("want a key of %s", strings.Join(algorithms, " or "))}
}

func misfit(c, want *x509.Certificate) *Misfit {
	for _, f := range forms {
		if !f.fits(c, want) {
			return &Misfit{f.of, f.want(want)}
		}
	}
	return nil
}

func sameSubject(c, want *x509.Certificate) bool {
	der, err := asn1.Marshal(want.Subject.ToRDNSequence())
	return err == nil && bytes.Equal(der, c.RawSubject)
}

func sameKindOfNames(c, want *x509.Certificate) bool {
	return len(c.IPAddresses)+len(c.URIs)+len(c.EmailAddresses) == 0 && (len(c.DNSNames) == 0) == want.IsCA
}

func sameConstraints(c, want *x509.Certificate) bool {
	return c.BasicConstraintsValid && c.IsCA == want.IsCA && PathLength(c) == PathLength(want)
}

func sameUsages(c, want *x509.Certificate) bool {
	return c.KeyUsage == want.KeyUsage && slices.Equal(c.ExtKeyUsage, want.ExtKeyUsage) && len(c.UnknownExtKeyUsage) == 0
}

// Lasts reports whether a certificate has the validity period that Issue gives it: never beyond its issuer's (a root is its own issuer),
// and shorter than asked for only because of the issuer's. If the clock was behind the issuer's notBefore, the difference is unknown.
func Lasts(c, issuer *x509.Certificate, validity time.Duration) bool {
	full := c.NotBefore.Add(backdate).Add(validity)
	cut := c != issuer && (c.NotAfter.Equal(issuer.NotAfter) || c.NotBefore.Equal(issuer.NotBefore))
	return Nested(c, issuer) && (c.NotAfter.Equal(full) || cut && c.NotAfter.Before(full))
}

// Nested reports whether a certificate's validity period is within its issuer's.
func Nested(c, issuer *x509.Certificate) bool {
	return !c.NotBefore.Before(issuer.NotBefore) && !c.NotAfter.After(issuer.NotAfter)
}

func foreign(e pkix.Extension) bool {
	return !slices.ContainsFunc(written, e.Id.Equal)
}

// ValidityOf estimates the validity that was asked for when Issue made a certificate, in whole hours: its actual validity, or the usual one
// if that is longer and the issuer's notAfter cut it short.
func ValidityOf(c, issuer *x509.Certificate, usual time.Duration) time.Duration {
	lasts := c.NotAfter.Sub(c.NotBefore.Add(backdate))
	whole := lasts.Truncate(time.Hour)
	if whole < lasts {
		whole += time.Hour
	}
	if c != issuer && c.NotAfter.Equal(issuer.NotAfter) {
		return max(whole, usual)
	}
	return whole
}
