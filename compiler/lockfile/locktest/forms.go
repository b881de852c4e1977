package locktest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// forms are certificates that relayform would not have issued, though the right key signed them.
var forms = []tampering{
	{"a server of another topology", "plain", swap(2, func(m *mint) []lockfile.Certificate { return m.mesh("evil", 1, began) }), nil, "certificates[2].subject", "for this topology, generation and key"},
	{"a signing CA of another topology", "plain", swap(1, func(m *mint) []lockfile.Certificate { return m.mesh("evil", 1, began) }), nil, "certificates[1].subject", "for this topology, generation and key"},
	{"a root of another topology", "plain", swap(0, func(m *mint) []lockfile.Certificate { return m.mesh("evil", 1, began) }), nil, "certificates[0].subject", "for this topology, generation and key"},
	{"a root of a company", "plain", swap(0, (*mint).asOwn), nil, "certificates[0].subject", "for this topology, generation and key"},
	{"a signing CA as server", "plain", func(_ *mint, l *lockfile.File) { as(l, 2, l.Certificates[1]) }, nil, "certificates[2].subject", "relay server g1"},
	{"a server as signing CA", "plain", func(_ *mint, l *lockfile.File) { as(l, 1, l.Certificates[2]) }, nil, "certificates[1].subject", "relay signing CA g1"},
	{"the root as signing CA", "plain", func(_ *mint, l *lockfile.File) { as(l, 1, l.Certificates[0]) }, nil, "certificates[1].subject", "relay signing CA g1"},
	{"another generation of the root", "plain", nil, in(0, line("generation", "2")), "certificates[0].subject", "relay root g2"},
	{"another generation of the server", "plain", nil, in(2, line("generation", "7")), "certificates[2].subject", "relay server g7"},
	{"generations of roots the other way round", "distribute", nil, inOrder(in(0, line("generation", "2")), in(1, line("generation", "1"))), "certificates[0].subject", "relay root g2"},
	{"a server that is a CA", "plain", again(2, func(c *x509.Certificate) { c.IsCA, c.MaxPathLen = true, -1 }), nil, "certificates[2].pem", "the basic constraints CA:FALSE"},
	{"a signing CA that is none", "plain", again(1, func(c *x509.Certificate) { c.IsCA, c.MaxPathLenZero = false, false }), nil, "certificates[1].pem", "the basic constraints CA:TRUE, pathlen:0"},
	{"a signing CA with CAs below it", "plain", again(1, func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 3, false }), nil, "certificates[1].pem", "the basic constraints CA:TRUE, pathlen:0"},
	{"a root without a path length", "plain", again(0, func(c *x509.Certificate) { c.MaxPathLen = -1 }), nil, "certificates[0].pem", "the basic constraints CA:TRUE, pathlen:1"},
	{"a server without serverAuth", "plain", again(2, func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[1:] }), nil, "certificates[2].pem", "the key usages that its role has"},
	{"a server that signs code", "plain", again(2, func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) }), nil, "certificates[2].pem", "the key usages that its role has"},
	{"a server that signs certificates", "plain", again(2, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }), nil, "certificates[2].pem", "the key usages that its role has"},
	{"a server with an address", "plain", again(2, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(203, 0, 113, 7)} }), nil, "certificates[2].sans", "want only DNS names as SANs"},
	{"a server without names", "plain", again(2, func(c *x509.Certificate) { c.DNSNames = nil }), nil, "certificates[2].sans", "want only DNS names as SANs"},
	{"a root with a name", "plain", again(0, func(c *x509.Certificate) { c.DNSNames = []string{"relay"} }), nil, "certificates[0].sans", "want no SANs in a CA"},
	{"another key identifier", "plain", again(0, func(c *x509.Certificate) { c.SubjectKeyId = []byte("mine") }), nil, "certificates[0].pem", "the subject key identifier"},
	{"another extension", "plain", again(2, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: []byte{5, 0}}}
	}), nil, "certificates[2].pem", "want no further extension"},
	{"another name in the subject", "plain", again(2, func(c *x509.Certificate) { c.RawSubject = nil; c.Subject.Country = []string{"XX"} }), nil, "certificates[2].subject", "for this topology, generation and key"},
	{"another algorithm", "plain", func(m *mint, l *lockfile.File) {
		l.Certificates[2] = lockfile.NewCertificate(pki.Server, 1, lockfile.SelfSigned, 9552*time.Hour, m.p384(l.Certificates[0].Chain[0]))
	}, nil, "certificates[2].algorithm", "want a key of RSA 2048 or ECDSA P-256"},
	{"a root that its key did not sign", "plain", func(m *mint, l *lockfile.File) {
		fake := m.own(topology, pki.Root, 1, nil, began)
		t := *l.Certificates[0].Chain[0]
		l.Certificates[0] = lockfile.NewCertificate(pki.Root, 1, lockfile.SelfSigned, l.Certificates[0].Validity, m.sign(&t, m.issuer(fake.Chain[0])))
	}, nil, "certificates[0].pem", "a root is signed by its own key"},
}

// asOwn returns an external PKI's certificates, labelled as relayform's.
func (m *mint) asOwn() []lockfile.Certificate {
	corp := m.external("Corp", 1)
	for i := range corp {
		corp[i] = lockfile.NewCertificate(corp[i].Role, 1, lockfile.SelfSigned, 87600*time.Hour, corp[i].Chain[0])
	}
	return corp
}

// swap replaces an entry with that of a different mesh.
func swap(entry int, other func(m *mint) []lockfile.Certificate) func(*mint, *lockfile.File) {
	return func(m *mint, l *lockfile.File) {
		for _, c := range other(m) {
			if c.Role == l.Certificates[entry].Role {
				l.Certificates[entry] = c
			}
		}
	}
}

// as gives an entry the certificate of another entry.
func as(l *lockfile.File, entry int, c lockfile.Certificate) {
	have := l.Certificates[entry]
	l.Certificates[entry] = lockfile.NewCertificate(have.Role, have.Generation, have.Source, have.Validity, c.Chain...)
}

// again changes an entry's certificate, and has its root sign it again.
func again(entry int, change func(*x509.Certificate)) func(*mint, *lockfile.File) {
	return func(m *mint, l *lockfile.File) {
		l.Certificates[entry] = m.again(l.Certificates[entry], l.Certificates[0], change)
	}
}

func inOrder(changes ...func(*mint, string) string) func(*mint, string) string {
	return func(m *mint, text string) string {
		for _, change := range changes {
			text = change(m, text)
		}
		return text
	}
}
