package pki_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// TestNothingIsIssuedThatHasEnded issues under an expired root: an unusable certificate would be recorded, and replace the previous one.
func TestNothingIsIssuedThatHasEnded(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	requests := pki.Requests(pki.Facts{ECDSA: true, DNSNames: []string{"relay"}, Root: 10 * time.Hour, Signing: 5 * time.Hour, Server: 5 * time.Hour})
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	root, err := pki.Issue(requests[0], "demo", 1, key, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	issuer := &pki.Issuer{Certificate: root, Key: key}
	for after, want := range map[time.Duration]bool{0: true, 10*time.Hour - time.Second: true, 10 * time.Hour: false, 11 * time.Hour: false} {
		c, err := pki.Issue(requests[2], "demo", 1, key, issuer, now.Add(after))
		if (err == nil) != want {
			t.Errorf("%s after the root: %v", after, err)
		}
		if err != nil && !strings.Contains(err.Error(), "is valid until 2026-12-01 only") {
			t.Errorf("%s after the root: %v", after, err)
		}
		if c != nil && (c.NotAfter.After(root.NotAfter) || !c.NotBefore.Equal(now.Add(after-time.Hour))) {
			t.Errorf("%s after the root: valid from %s until %s", after, c.NotBefore, c.NotAfter)
		}
	}
}

// TestAgentsGetWhatTheRelayGives issues an agent's certificate as the relay server does: for a year, with the cluster's name.
func TestAgentsGetWhatTheRelayGives(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	signing := mint(t, "signing", nil, ca)
	c, err := pki.IssueAgent("edge", signing.key, pki.Issuer{Certificate: signing.Certificate, Key: signing.key}, 365*24*time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	if !c.NotAfter.Equal(now.AddDate(1, 0, 0)) || !slices.Equal(c.DNSNames, []string{"edge"}) || c.IsCA || len(c.ExtKeyUsage) != 2 || c.KeyUsage != 1 {
		t.Errorf("valid until %s for %q, usages %v", c.NotAfter, c.DNSNames, c.ExtKeyUsage)
	}
}

// TestKeysAreReadAsWritten writes each kind of key and reads it back. Text around it is skipped; anything that is not a private key, or is
// encrypted, is an error that says what to do.
func TestKeysAreReadAsWritten(t *testing.T) {
	for _, algorithm := range []pki.Algorithm{pki.ECDSAP256, pki.RSA2048} {
		key, err := pki.GenerateKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		text, err := pki.MarshalKey(key)
		if err != nil {
			t.Fatal(err)
		}
		certificate := pki.MarshalCertificates(mint(t, "x", nil, ca).Certificate)
		back, err := pki.ParseKey(slices.Concat([]byte("mine\n"), certificate, text, []byte("-----BEGIN PRIVATE KEY-----\n")))
		if err != nil {
			t.Fatal(err)
		}
		have, _ := pki.SPKI(back.Public())
		if want, _ := pki.SPKI(key.Public()); have != want || pki.AlgorithmOf(back.Public()) != algorithm {
			t.Errorf("%s is read as %s", algorithm, pki.AlgorithmOf(back.Public()))
		}
		if _, err := pki.ParseCertificates(slices.Concat(certificate, text)); err == nil || !strings.Contains(err.Error(), "a private key is among the certificates") {
			t.Errorf("a key beside a certificate: %v", err)
		}
		if _, err := pki.ParseKey(certificate); err == nil || !strings.Contains(err.Error(), "no private key in it") {
			t.Errorf("a certificate: %v", err)
		}
		if all, err := pki.ParseCertificates(slices.Concat(certificate, []byte("between\n"), certificate)); err != nil || len(all) != 2 {
			t.Errorf("%d certificates, %v", len(all), err)
		}
		locked := bytes.ReplaceAll(text, []byte("BEGIN PRIVATE"), []byte("BEGIN ENCRYPTED PRIVATE"))
		locked = bytes.ReplaceAll(locked, []byte("END PRIVATE"), []byte("END ENCRYPTED PRIVATE"))
		if _, err := pki.ParseKey(locked); err == nil || !strings.Contains(err.Error(), "the private key is encrypted; decrypt it with") {
			t.Errorf("a locked key: %v", err)
		}
		if c := pki.ReadPEM(slices.Concat(certificate, text, locked, text[:40])); len(c.Certificates) != 1 || len(c.Keys) != 1 || c.Encrypted != 1 ||
			len(c.Unreadable) != 1 || !strings.Contains(c.Unreadable[0].Message, "1 of its 4 PEM blocks") {
			t.Errorf("read as %+v", c)
		}
	}
	if _, err := pki.ParseCertificates([]byte("nothing")); err == nil {
		t.Error("nothing is a certificate")
	}
	if _, err := pki.GenerateKey("RSA 1024"); err == nil {
		t.Error("a weak key is made")
	}
}

// TestPEMHasALimit reads a file with too many blocks.
func TestPEMHasALimit(t *testing.T) {
	one := pki.MarshalCertificates(mint(t, "x", nil, ca).Certificate)
	most := bytes.Repeat(one, pki.MaxCertificates)
	if c := pki.ReadPEM(most); len(c.Certificates) != pki.MaxCertificates || len(c.Unreadable) != 0 {
		t.Errorf("as many as may be: %d are read, %v", len(c.Certificates), c.Unreadable)
	}
	if c := pki.ReadPEM(append(most, one...)); len(c.Certificates) != 0 || len(c.Unreadable) != 1 {
		t.Errorf("one more: %d are read, %v", len(c.Certificates), c.Unreadable)
	}
}
