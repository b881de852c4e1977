package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// use is a certificate and where it lies.
type use struct {
	*x509.Certificate
	object   string
	file     string
	clusters []string
	root     bool // it signs itself, so nobody checks that signature
	idle     bool // no chain needs it
}

func (u *use) find(j *judge, code diag.Code, severity Severity, message, hint string) {
	j.add(code.Fault(subject(u.Certificate)+": "+message, hint), severity, u.clusters, u.object, u.file)
}

// certificates looks at each certificate by itself, wherever it lies, once.
func (j *judge) certificates() {
	uses := j.uses()
	serials := map[string]*use{}
	for _, u := range uses {
		j.form(u)
		j.algorithms(u)
		j.period(u)
		id := string(u.RawIssuer) + "\x00" + u.SerialNumber.Text(16)
		if other := serials[id]; other != nil {
			u.find(j, SerialDuplicate, Warning, fmt.Sprintf("has the serial number %s, as %s in %s has, from one issuer", serialNumber(u.Certificate), subject(other.Certificate), other.object), "")
		} else {
			serials[id] = u
		}
	}
}

// uses is every distinct certificate.
func (j *judge) uses() []*use {
	var uses []*use
	at := map[string]*use{}
	put := func(g *group, c *x509.Certificate, object string, s *Secret, needed bool) {
		u := at[string(c.Raw)]
		if u == nil {
			u = &use{Certificate: c, object: object, file: s.At, root: pki.SelfIssued(c), idle: true}
			at[string(c.Raw)] = u
			uses = append(uses, u)
		}
		u.idle = u.idle && !needed
		u.clusters = append(u.clusters, g.names()...)
	}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			for i, c := range p.certs {
				put(g, c, p.object(j.m.Names.Keys.Cert), p.secret, i == 0 || !p.built || slices.ContainsFunc(p.chain.Intermediates, c.Equal))
			}
		}
		for _, b := range g.bundles() {
			for _, c := range b.certs {
				put(g, c, b.object(), b.secret, j.ends(c))
			}
		}
	}
	return uses
}

// ends reports whether a chain of the material ends at a root.
func (j *judge) ends(c *x509.Certificate) bool {
	return slices.ContainsFunc(j.groups, func(g *group) bool {
		return slices.ContainsFunc(g.pairs(), func(p *pair) bool { return p.built && p.chain.Anchor.Equal(c) })
	})
}

var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
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

// form holds a certificate against RFC 5280 where verifiers differ in what they let pass.
func (j *judge) form(u *use) {
	octets := u.SerialNumber.BitLen()/8 + 1 // with the sign
	switch {
	case u.SerialNumber.Sign() == 0:
		u.find(j, SerialZero, Warning, "has the serial number 0", "")
	case octets > 20:
		u.find(j, SerialLong, Warning, fmt.Sprintf("its serial number has %d octets; want at most 20", octets), "")
	}
	if bytes.Equal(u.RawSubject, u.RawIssuer) && !u.root {
		u.find(j, SubjectIsIssuer, Warning, "its subject is its issuer's name, and another key signed it", "give it a subject of its own")
	}
	if u.Version < 3 {
		severity := Error
		if u.root {
			severity = Warning
		}
		u.find(j, OldVersion, severity, fmt.Sprintf("it is of version %d, without extensions; want version 3", u.Version), "")
		return
	}
	if len(u.AuthorityKeyId) == 0 && !u.root {
		u.find(j, AKIMissing, Warning, "it has no authority key identifier", "")
	}
	hasUsage, _ := extension(u.Certificate, oidKeyUsage)
	hasBasic, basicCritical := extension(u.Certificate, oidBasicConstraints)
	signs := !hasUsage || u.KeyUsage&x509.KeyUsageCertSign != 0
	if u.IsCA {
		if len(u.Subject.Names) == 0 {
			u.find(j, SubjectEmpty, Warning, "a CA needs a subject", "")
		}
		if len(u.SubjectKeyId) == 0 {
			u.find(j, SKIMissing, Warning, "it has no subject key identifier", "")
		}
		if !hasUsage {
			u.find(j, CAWithoutKeyUsage, Warning, "it has no key usage; want keyCertSign and cRLSign, critical", "")
		}
		if hasBasic && !basicCritical {
			u.find(j, NotCritical, Warning, "its basic constraints are not critical", "")
		}
	} else if hasUsage && signs {
		u.find(j, KeyUsage, Warning, "its key usage has keyCertSign, and it is no CA", "")
	}
	if !u.IsCA && pki.PathLength(u.Certificate) >= 0 {
		u.find(j, PathLengthOdd, Warning, "it has a path length, and is no CA", "")
	}
	for _, id := range u.UnhandledCriticalExtensions {
		u.find(j, CriticalUnknown, Error, fmt.Sprintf("its extension %s is critical, and unknown to verifiers", id), "")
	}
}

// algorithms judges a certificate's key and signature by algorithm.
func (j *judge) algorithms(u *use) {
	if name := u.SignatureAlgorithm.String(); strings.Contains(name, "SHA1") || strings.Contains(name, "MD5") || strings.Contains(name, "MD2") {
		severity := Error
		if u.root {
			severity = Note
		}
		u.find(j, WeakSignature, severity, "it is signed with "+name, "have it issued again, with SHA-256")
	}
	switch key := u.PublicKey.(type) {
	case *rsa.PublicKey:
		switch bits := key.N.BitLen(); {
		case bits < 2048:
			u.find(j, WeakKey, Error, fmt.Sprintf("its RSA key has %d bits; want at least 2048", bits), "")
		case bits > 8192:
			u.find(j, BigKey, Error, fmt.Sprintf("its RSA key has %d bits; Go verifies with 8192 at most", bits), "")
		}
	case ed25519.PublicKey:
		u.find(j, Ed25519Key, Error, "its key is Ed25519, which Envoy refuses", "")
	case *ecdsa.PublicKey:
		switch key.Curve.Params().BitSize {
		case 521:
			u.find(j, P521Key, Warning, "its key is ECDSA P-521, which Envoy does not offer", "")
		case 224:
			u.find(j, UnknownKey, Error, "its key is ECDSA P-224, which TLS does not take", "")
		}
	default:
		u.find(j, UnknownKey, Error, "its key is of a kind that Go does not read", "")
	}
}

func (j *judge) period(u *use) {
	severity := Error
	if u.idle {
		severity = Note
	}
	switch {
	case j.at.After(u.NotAfter):
		u.find(j, Expired, severity, "expired on "+pki.Day(u.NotAfter), "")
	case j.at.Before(u.NotBefore):
		u.find(j, NotYetValid, severity, "is valid from "+pki.Second(u.NotBefore)+" only", "")
	}
}

func serialNumber(c *x509.Certificate) string { return c.SerialNumber.Text(16) }

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return "a certificate without subject (serial number " + serialNumber(c) + ")"
}
