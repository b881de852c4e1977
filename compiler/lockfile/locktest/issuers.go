package locktest

import (
	"crypto/x509"
	"slices"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

func twin(m *mint) []lockfile.Certificate { return m.mesh(topology, 1, began) }

// issuers are certificates from the wrong root, though every fact is right.
var issuers = []tampering{
	{"a server of another PKI", "plain", swap(2, twin), nil, "certificates[2].issuer", "that root issues this certificate"},
	{"a signing CA of another PKI", "plain", swap(1, twin), nil, "certificates[1].issuer", "that root issues this certificate"},
	{"a root of another PKI", "plain", swap(0, twin), nil, "certificates[0].subject", "certificates[1] and certificates[2] do not chain to this root"},
	{"all but the root of another PKI", "plain", func(m *mint, l *lockfile.File) { copy(l.Certificates[1:], twin(m)[1:]) }, nil, "certificates[0].subject", "do not chain to this root"},
	{"a server in the root's name", "plain", func(m *mint, l *lockfile.File) { l.Certificates[2] = m.forged(l.Certificates[2], l.Certificates[0]) }, nil, "certificates[2].issuer", "did not sign the certificate in pem"},
	{"a signing CA in the root's name", "plain", func(m *mint, l *lockfile.File) { l.Certificates[1] = m.forged(l.Certificates[1], l.Certificates[0]) }, nil, "certificates[1].issuer", "did not sign the certificate in pem"},
	{"a server of the next root in distribute", "distribute", func(m *mint, l *lockfile.File) {
		l.Certificates[3] = m.own(topology, pki.Server, 1, &l.Certificates[1], second)
	}, nil, "certificates[3].issuer", "the subject of certificates[0]"},
	{"a server of the old root in issue", "issue", func(m *mint, l *lockfile.File) {
		l.Certificates[3] = m.own(topology, pki.Server, 2, &l.Certificates[0], second)
	}, nil, "certificates[3].issuer", "the subject of certificates[1]"},
	{"a signing CA of the old root in retire", "retire", func(m *mint, l *lockfile.File) {
		l.Certificates[1] = m.own(topology, pki.Signing, 2, &l.Rotation.Aside[0], second)
	}, nil, "certificates[1].issuer", "the subject of certificates[0]"},
	{"a server of the next root aside in drain", "drain", func(m *mint, l *lockfile.File) {
		l.Rotation.Aside[1] = m.own(topology, pki.Server, 1, &l.Certificates[1], second)
	}, nil, "rotation.aside[1].issuer", "the subject of certificates[0]"},
	{"another old root in drain", "drain", swap(0, twin), nil, "certificates[0].subject", "rotation.aside[0] and rotation.aside[1] do not chain to this root"},
	{"another new root in drain", "drain", func(m *mint, l *lockfile.File) { l.Certificates[1] = m.own(topology, pki.Root, 2, nil, second) }, nil, "certificates[1].subject", "do not chain to this root"},
	{"another old root in distribute", "distribute", swap(0, twin), nil, "certificates[0].subject", "do not chain to this root"},
	{"another old root in retire", "retire", func(m *mint, l *lockfile.File) { l.Rotation.Aside[0] = twin(m)[0] }, nil, "rotation.aside[0].subject", "do not chain to this root"},
	{"a server that outlives its root", "plain", lasting(2, func(c *x509.Certificate) { c.NotAfter = began.AddDate(30, 0, 0) }), nil, "certificates[2].notAfter", "this is after the end of its issuer"},
	{"a signing CA that begins before its root", "plain", lasting(1, func(c *x509.Certificate) { c.NotBefore = began.AddDate(-1, 0, 0) }), nil, "certificates[1].notBefore", "this is before its issuer"},
	{"a server longer than asked for", "plain", lasting(2, func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(time.Second) }), nil, "certificates[2].validity", "which is a different validity"},
	{"a server that is called external", "plain", nil, in(2, inOrder(line("source", "external"), line("validity", ""))), "certificates[2].source", "want selfSigned: relayform issued it"},
	{"a signing CA that is called external", "plain", nil, in(1, inOrder(line("source", "external"), line("validity", ""))), "certificates[1].source", "want selfSigned: relayform issued it"},
	{"a root that is called external", "plain", nil, in(0, inOrder(line("source", "external"), line("validity", ""))), "certificates[0].source", "want selfSigned"},
	{"an external server that is called relayform's", "external", nil, in(2, inOrder(line("source", "selfSigned"), replace("    intermediates:", "    validity: 9552h\n    intermediates:"))), "certificates[2].pem", "want one certificate"},
}

// forged returns an entry whose certificate names a root, but is signed with a different key.
func (m *mint) forged(c, root lockfile.Certificate) lockfile.Certificate {
	t := *c.Chain[0]
	issuer := m.issuer(root.Chain[0])
	issuer.Key = m.key(pki.ECDSAP256)
	return lockfile.NewCertificate(c.Role, c.Generation, c.Source, c.Validity, m.sign(&t, issuer))
}

// lasting changes the validity period of an entry's certificate.
func lasting(entry int, change func(*x509.Certificate)) func(*mint, *lockfile.File) {
	return again(entry, change)
}

// chains are changes between a certificate of an external PKI and its anchor.
var chains = []tampering{
	{"a stranger behind the chain", "external", func(m *mint, l *lockfile.File) {
		chain(l, 1, append(slices.Clone(l.Certificates[1].Chain[1:]), m.corporate("Stranger", true, nil))...)
	}, nil, "certificates[1].pem", "the certificate CN=Stranger,O=Corp has no place there"},
	{"the anchor behind the chain", "external", func(_ *mint, l *lockfile.File) {
		chain(l, 1, append(slices.Clone(l.Certificates[1].Chain[1:]), l.Certificates[0].Chain[0])...)
	}, nil, "certificates[1].pem", "has no place there"},
	{"a stranger among the chain", "external", func(m *mint, l *lockfile.File) {
		chain(l, 2, slices.Insert(slices.Clone(l.Certificates[2].Chain[1:]), 1, m.corporate("Stranger", true, nil))...)
	}, nil, "certificates[2].pem", "it does not chain to certificates[0]"},
	{"an intermediate twice", "external", func(_ *mint, l *lockfile.File) {
		c := l.Certificates[1].Chain
		chain(l, 1, c[1], c[1], c[2])
	}, nil, "certificates[1].pem", "it does not chain to certificates[0]"},
	{"intermediates in a different order", "external", func(_ *mint, l *lockfile.File) {
		c := l.Certificates[1].Chain
		chain(l, 1, c[2], c[1])
	}, nil, "certificates[1].pem", "it does not chain to certificates[0]"},
	{"an intermediate less", "external", func(_ *mint, l *lockfile.File) { chain(l, 1, l.Certificates[1].Chain[1]) }, nil, "certificates[1].pem", "the chain breaks at CN=Corp Issuing CA,O=Corp"},
	{"no intermediates", "external", func(_ *mint, l *lockfile.File) { chain(l, 1) }, nil, "certificates[1].pem", "the chain breaks at CN=Corp Signing CA,O=Corp"},
	{"an intermediate of that name, of another PKI", "external", func(m *mint, l *lockfile.File) {
		chain(l, 1, m.external("Corp", 1)[1].Chain[1:]...)
	}, nil, "certificates[1].pem", "a certificate of that name is"},
	{"a server of another PKI of that name", "external", swap(2, func(m *mint) []lockfile.Certificate { return m.external("Corp", 1) }), nil, "certificates[2].pem", "it does not chain to certificates[0]"},
	{"a signing CA of another PKI of that name", "external", swap(1, func(m *mint) []lockfile.Certificate { return m.external("Corp", 1) }), nil, "certificates[1].pem", "it does not chain to certificates[0]"},
	{"an anchor of another PKI of that name", "external", swap(0, func(m *mint) []lockfile.Certificate { return m.external("Corp", 1) }), nil, "certificates[0].subject", "certificates[1] and certificates[2] do not chain to this root"},
	{"an anchor that signed nobody", "external", func(m *mint, l *lockfile.File) {
		l.Certificates[0] = lockfile.NewCertificate(pki.Root, 1, lockfile.External, 0, m.corporate("Fake", true, l.Certificates[0].Chain[0]))
	}, nil, "certificates[0].subject", "certificates[1] and certificates[2] do not chain to this root"},
	{"a server as signing CA of a PKI", "external", func(_ *mint, l *lockfile.File) { as(l, 1, l.Certificates[2]) }, nil, "certificates[1].pem", "it cannot be a signing certificate: it is not a CA"},
	{"a signing CA as server of a PKI", "external", func(_ *mint, l *lockfile.File) { as(l, 2, l.Certificates[1]) }, nil, "certificates[2].pem", "it cannot be a server certificate: it is a CA"},
	{"an intermediate that is not a CA", "external", func(m *mint, l *lockfile.File) {
		leaf := m.corporate("Leaf", false, l.Certificates[0].Chain[0])
		l.Certificates[2] = lockfile.NewCertificate(pki.Server, 1, lockfile.External, 0, m.corporate("Relay", false, leaf), leaf)
	}, nil, "certificates[2].pem", "its issuer CN=Leaf,O=Corp is not a CA"},
	{"a signature that nobody checks", "external", func(m *mint, l *lockfile.File) { weaken(m, l, 1) }, nil, "certificates[1].pem", "nobody can check whether its issuer CN=Corp Root,O=Corp signed"},
	{"the old PKI's server in issue", "external, retire", func(_ *mint, l *lockfile.File) { as(l, 2, l.Rotation.Aside[2]) }, nil, "certificates[2].pem", "it does not chain to certificates[0]"},
	{"the new PKI's server aside", "external, retire", func(_ *mint, l *lockfile.File) {
		c := l.Certificates[2]
		l.Rotation.Aside[2] = lockfile.NewCertificate(c.Role, 1, c.Source, 0, c.Chain...)
	}, nil, "rotation.aside[2].pem", "it does not chain to rotation.aside[0]"},
	{"generations of anchors the other way round", "to external", nil, inOrder(in(1, line("generation", "1")), in(0, line("generation", "2"))), "certificates[0].subject", "relay root g2"},
}

// weaken inserts a CA below the anchor whose signature is not verified.
func weaken(m *mint, l *lockfile.File, entry int) {
	root := l.Certificates[0].Chain[0]
	l.Certificates[entry] = lockfile.NewCertificate(pki.Signing, 1, lockfile.External, 0, weak(m, m.corporate("Weak CA", true, root)))
}
