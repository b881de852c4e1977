// Package locktest provides lockfiles for tests: some that relayform would write, and many tampered ones.
package locktest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// began is when the first certificates are issued, and second when those of the next root are.
var (
	began  = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	second = began.AddDate(0, 1, 0)
)

const topology = "demo"

// mint issues certificates and keeps their keys.
type mint struct {
	testing.TB
	keys map[string]crypto.Signer // by SPKI digest
}

func (m *mint) key(a pki.Algorithm) crypto.Signer {
	key, err := pki.GenerateKey(a)
	if err != nil {
		m.Fatal(err)
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		m.Fatal(err)
	}
	m.keys[spki] = key
	return key
}

func (m *mint) issuer(c *x509.Certificate) *pki.Issuer {
	return &pki.Issuer{Certificate: c, Key: m.keys[pki.Describe(c).SPKI]}
}

// own returns a certificate as relayform issues it; root is nil for a root.
func (m *mint) own(organisation string, role pki.Role, generation int, root *lockfile.Certificate, now time.Time) lockfile.Certificate {
	facts := pki.Facts{ECDSA: true, DNSNames: []string{"relay", "relay.gloo-mesh"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour}
	for _, r := range pki.Requests(facts) {
		if r.Role != role {
			continue
		}
		var issuer *pki.Issuer
		if root != nil {
			issuer = m.issuer(root.Chain[0])
		}
		c, err := pki.Issue(r, organisation, generation, m.key(r.Algorithm), issuer, now)
		if err != nil {
			m.Fatal(err)
		}
		return lockfile.NewCertificate(role, generation, lockfile.SelfSigned, r.Validity, c)
	}
	m.Fatalf("no request for %s", role)
	return lockfile.Certificate{}
}

// mesh returns a root and what it issued.
func (m *mint) mesh(organisation string, generation int, now time.Time) []lockfile.Certificate {
	root := m.own(organisation, pki.Root, generation, nil, now)
	return []lockfile.Certificate{root, m.own(organisation, pki.Signing, generation, &root, now), m.own(organisation, pki.Server, generation, &root, now)}
}

// sign signs a certificate from any template, with a new key if the template has none. A nil issuer means self-signed.
func (m *mint) sign(template *x509.Certificate, issuer *pki.Issuer) *x509.Certificate {
	t := *template
	var public crypto.PublicKey
	key := m.keys[pki.Describe(template).SPKI]
	if key == nil {
		key = m.key(pki.ECDSAP256)
	}
	public = key.Public()
	parent, signer := &t, key
	if issuer != nil {
		p := *issuer.Certificate
		p.PublicKey = nil // skips the key check, so that a different key can sign in its name
		parent, signer = &p, issuer.Key
	}
	t.SignatureAlgorithm, t.PublicKey, t.Signature = 0, nil, nil
	der, err := x509.CreateCertificate(rand.Reader, &t, parent, public, signer)
	if err != nil {
		m.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		m.Fatal(err)
	}
	return c
}

// p384 returns a server certificate with a key type that relayform does not generate.
func (m *mint) p384(root *x509.Certificate) *x509.Certificate {
	t := *m.corporate("relay.example.com", false, root)
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		m.Fatal(err)
	}
	by := m.issuer(root)
	der, err := x509.CreateCertificate(rand.Reader, &t, by.Certificate, key.Public(), by.Key)
	if err != nil {
		m.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		m.Fatal(err)
	}
	return c
}

// again returns an entry whose certificate is changed and signed again with the issuer's key.
func (m *mint) again(c lockfile.Certificate, issuer lockfile.Certificate, change func(*x509.Certificate)) lockfile.Certificate {
	t := *c.Chain[0]
	change(&t)
	by := m.issuer(issuer.Chain[0])
	if c.Role == pki.Root {
		by = nil
	}
	return lockfile.NewCertificate(c.Role, c.Generation, c.Source, c.Validity, m.sign(&t, by))
}

// corporate issues a certificate of an external PKI.
func (m *mint) corporate(name string, ca bool, issuer *x509.Certificate) *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(m.keys) + 1)), Subject: pkix.Name{CommonName: name, Organization: []string{"Corp"}},
		NotBefore: began.AddDate(-1, 0, 0), NotAfter: began.AddDate(9, 0, 0),
		BasicConstraintsValid: true, IsCA: ca, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ca {
		t.KeyUsage, t.SubjectKeyId = x509.KeyUsageCertSign, []byte(name)
	} else {
		t.DNSNames = []string{"relay.example.com"}
	}
	if issuer == nil {
		t.ExtKeyUsage = nil
		return m.sign(t, nil)
	}
	return m.sign(t, m.issuer(issuer))
}

// external returns what a PKI provides: an anchor, and below an issuing CA the signing CA and the server certificate.
func (m *mint) external(name string, generation int) []lockfile.Certificate {
	root := m.corporate(name+" Root", true, nil)
	policy := m.corporate(name+" Policy CA", true, root)
	issuing := m.corporate(name+" Issuing CA", true, policy)
	signing, server := m.corporate(name+" Signing CA", true, issuing), m.corporate(name+" Relay", false, issuing)
	return []lockfile.Certificate{
		lockfile.NewCertificate(pki.Root, generation, lockfile.External, 0, root),
		lockfile.NewCertificate(pki.Signing, generation, lockfile.External, 0, signing, issuing, policy),
		lockfile.NewCertificate(pki.Server, generation, lockfile.External, 0, server, issuing, policy),
	}
}
