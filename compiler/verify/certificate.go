package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// use is a certificate and where it is used.
type use struct {
	*x509.Certificate
	object   string
	file     string
	clusters []string
	ends     bool // it is only used as an anchor, so its signature is not checked
	idle     bool // no chain needs it
}

// said is a finding about a single certificate.
type said struct {
	verdict
	message, hint string
}

// certificates checks each certificate by itself, once, wherever it is. One that no chain needs breaks nothing.
func (j *judge) certificates() {
	uses := j.uses()
	serials := map[string]*use{}
	for _, u := range uses {
		find := func(s said) {
			if u.idle {
				s.severity = Note
			}
			j.add(s.code.Fault(subject(u.Certificate)+": "+s.message, s.hint), s.severity, u.clusters, u.object, u.file)
		}
		for _, s := range about(u.Certificate, j.signsItself(u.Certificate), u.ends, j.at) {
			find(s)
		}
		id := string(u.RawIssuer) + "\x00" + u.SerialNumber.Text(16)
		if other := serials[id]; other != nil {
			find(said{verdict{SerialDuplicate, Warning}, fmt.Sprintf("has the serial number %s, like %s in %s from the same issuer", serialNumber(u.Certificate), subject(other.Certificate), other.object), ""})
		} else {
			serials[id] = u
		}
	}
}

// uses returns every distinct certificate.
func (j *judge) uses() []*use {
	var uses []*use
	at := map[string]*use{}
	put := func(g *group, c *x509.Certificate, object string, s *Secret, needed, ends bool) {
		u := at[string(c.Raw)]
		if u == nil {
			u = &use{Certificate: c, object: object, file: s.At, ends: true, idle: true}
			at[string(c.Raw)] = u
			uses = append(uses, u)
		}
		u.idle, u.ends = u.idle && !needed, u.ends && ends
		u.clusters = append(u.clusters, g.names()...)
	}
	ends := map[string]bool{}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			for _, c := range p.chains {
				ends[string(c.Anchor.Raw)] = true
			}
		}
	}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			for i, c := range p.certs {
				put(g, c, p.object(j.m.Names.Keys.Cert), p.secret, i == 0 || !p.built || p.used[string(c.Raw)], p.built && !p.presented[string(c.Raw)])
			}
		}
		for _, b := range g.bundles() {
			for _, c := range b.certs {
				put(g, c, b.object(), b.secret, ends[string(c.Raw)], true)
			}
		}
	}
	return uses
}

var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSAN              = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidExtendedUsage    = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// extension reports whether a certificate has an extension, and whether it is critical.
func extension(c *x509.Certificate, id asn1.ObjectIdentifier) (has, critical bool) {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return true, e.Critical
		}
	}
	return false, false
}

// about lists the findings about a certificate at a time; own means self-signed. The signature of one that ends a chain is not checked.
func about(c *x509.Certificate, own, ends bool, at time.Time) []said {
	ends = ends || own
	return slices.Concat(form(c, own, ends), algorithms(c, ends), period(c, at))
}

// form checks a certificate against RFC 5280 where verifiers differ in strictness.
func form(c *x509.Certificate, own, ends bool) (all []said) {
	say := func(code diag.Code, severity Severity, message, hint string) {
		all = append(all, said{verdict{code, severity}, message, hint})
	}
	octets := c.SerialNumber.BitLen()/8 + 1 // including the sign bit
	switch {
	case c.SerialNumber.Sign() == 0:
		say(SerialZero, Warning, "has the serial number 0", "")
	case octets > 20:
		say(SerialLong, Warning, fmt.Sprintf("its serial number has %d octets; want at most 20", octets), "")
	}
	if bytes.Equal(c.RawSubject, c.RawIssuer) && !own {
		say(SubjectIsIssuer, Warning, "its subject is its issuer's name, but a different key signed it", "give it a subject of its own")
	}
	if c.Version < 3 {
		severity := Error
		if ends {
			severity = Warning
		}
		say(OldVersion, severity, fmt.Sprintf("it is of version %d, without extensions; want version 3", c.Version), "")
		return all
	}
	if len(c.AuthorityKeyId) == 0 && !ends {
		say(AKIMissing, Warning, "it has no authority key identifier", "")
	}
	all = append(all, usage(c)...)
	if has, critical := extension(c, oidSAN); has && !critical && len(c.Subject.Names) == 0 {
		say(SANNotCritical, Warning, "it has no subject, and its subject alternative names are not critical", "give it a subject, or make the names critical")
	}
	for _, id := range c.UnhandledCriticalExtensions {
		say(CriticalUnknown, Error, fmt.Sprintf("its extension %s is critical, and unknown to verifiers", id), "")
	}
	return all
}

// usage checks basic constraints and key usages against RFC 5280.
func usage(c *x509.Certificate) (all []said) {
	say := func(code diag.Code, severity Severity, message, hint string) {
		all = append(all, said{verdict{code, severity}, message, hint})
	}
	hasUsage, _ := extension(c, oidKeyUsage)
	hasBasic, basicCritical := extension(c, oidBasicConstraints)
	signs := !hasUsage || c.KeyUsage&x509.KeyUsageCertSign != 0
	if c.IsCA {
		if len(c.Subject.Names) == 0 {
			say(SubjectEmpty, Warning, "a CA needs a subject", "")
		}
		if len(c.SubjectKeyId) == 0 {
			say(SKIMissing, Warning, "it has no subject key identifier", "")
		}
		if hasBasic && !basicCritical {
			say(NotCritical, Warning, "its basic constraints are not critical", "")
		}
	} else if hasUsage && signs {
		say(KeyUsage, Warning, "its key usage has keyCertSign, but it is not a CA", "")
	}
	switch {
	case c.IsCA && !hasUsage:
		say(CAWithoutKeyUsage, Warning, "it has no key usage; want keyCertSign and cRLSign, critical", "")
	case hasUsage && c.KeyUsage == 0:
		say(UsageEmpty, Warning, "its key usage is empty; Go reads that as any usage, and OpenSSL as none", "")
	}
	if !c.IsCA && pki.PathLength(c) >= 0 {
		say(PathLengthOdd, Warning, "it has a path length, but is not a CA", "")
	}
	hasExtended, _ := extension(c, oidExtendedUsage)
	known := len(c.ExtKeyUsage) + len(c.UnknownExtKeyUsage)
	switch {
	case hasExtended && known == 0:
		say(UsageEmpty, Warning, "its extended key usage is empty; Go reads that as any usage, and OpenSSL as none", "")
	case known > 0 && !slices.ContainsFunc(c.ExtKeyUsage, func(u x509.ExtKeyUsage) bool { return u != x509.ExtKeyUsageAny }) && len(c.UnknownExtKeyUsage) == 0:
		say(UsageAny, Warning, "its only extended key usage is any; OpenSSL and BoringSSL look for serverAuth and clientAuth by name", "")
	}
	return all
}

// algorithms checks a certificate's key and signature algorithms.
func algorithms(c *x509.Certificate, ends bool) (all []said) {
	if name := c.SignatureAlgorithm.String(); strings.Contains(name, "SHA1") || strings.Contains(name, "MD5") || strings.Contains(name, "MD2") {
		severity := Error
		if ends {
			severity = Note
		}
		all = append(all, said{verdict{WeakSignature, severity}, "it is signed with " + name, "have it issued again, with SHA-256"})
	}
	for _, r := range pki.Unsound(c) {
		all = append(all, said{verdict{diag.Code(r.Code), Error}, r.Message, ""})
	}
	if key, ok := c.PublicKey.(*ecdsa.PublicKey); ok && key.Curve.Params().BitSize == 521 {
		all = append(all, said{verdict{P521Key, Warning}, "its key is ECDSA P-521, which Envoy does not offer", ""})
	}
	return all
}

func period(c *x509.Certificate, at time.Time) []said {
	switch {
	case at.After(c.NotAfter):
		return []said{{verdict{Expired, Error}, "expired on " + pki.Day(c.NotAfter), ""}}
	case at.Before(c.NotBefore):
		return []said{{verdict{NotYetValid, Error}, "is valid from " + pki.Second(c.NotBefore) + " only", ""}}
	}
	return nil
}

func serialNumber(c *x509.Certificate) string { return c.SerialNumber.Text(16) }

func subject(c *x509.Certificate) string { return pki.SubjectOf(c) }
