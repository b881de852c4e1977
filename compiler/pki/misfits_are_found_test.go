package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"net/url"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// TestMisfitsAreFound changes one property at a time in what Issue makes, and signs it with the right key: an edited lockfile must not give
// a certificate more than its role permits.
func TestMisfitsAreFound(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	requests := pki.Requests(pki.Facts{ECDSA: true, DNSNames: []string{"relay"}, Root: 100 * time.Hour, Signing: 50 * time.Hour, Server: 50 * time.Hour})
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	root, err := pki.Issue(requests[0], "demo", 1, key, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		request int
		change  func(*x509.Certificate)
		of      string // the expected misfit; "-" for none
	}{
		"a root":                    {0, func(*x509.Certificate) {}, "-"},
		"a signing CA":              {1, func(*x509.Certificate) {}, "-"},
		"a server":                  {2, func(*x509.Certificate) {}, "-"},
		"other names":               {2, func(c *x509.Certificate) { c.DNSNames = []string{"a", "b"} }, "-"},
		"an address":                {2, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@example.com"} }, "sans"},
		"a URI":                     {2, func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "spiffe", Host: "x"}} }, "sans"},
		"an unknown usage":          {2, func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} }, ""},
		"no basic constraints":      {2, func(c *x509.Certificate) { c.BasicConstraintsValid = false }, ""},
		"another hash":              {2, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA384 }, ""},
		"no path length":            {1, func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = -1, false }, ""},
		"another organisation":      {2, func(c *x509.Certificate) { c.RawSubject, c.Subject.Organization = nil, []string{"evil"} }, "subject"},
		"the name of another key's": {2, func(c *x509.Certificate) { c.RawSubject, c.Subject.CommonName = nil, "relay server g1 00000000" }, "subject"},
	} {
		r := requests[c.request]
		issuer := &pki.Issuer{Certificate: root, Key: key}
		if r.Role == pki.Root {
			issuer = nil
		}
		own, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			t.Fatal(err)
		}
		issued, err := pki.Issue(r, "demo", 1, own, issuer, now)
		if err != nil {
			t.Fatal(err)
		}
		parent, signer := root, key
		if issuer == nil {
			parent, signer = issued, own
		}
		c.change(issued)
		der, err := x509.CreateCertificate(rand.Reader, issued, parent, own.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		misfit := pki.FindMisfit(r.Role, changed, "demo", 1)
		if (misfit == nil) != (c.of == "-") || misfit != nil && misfit.Of != c.of {
			t.Errorf("%s: %+v, want %q", name, misfit, c.of)
		}
		if m := pki.FindMisfit(r.Role, changed, "demo", 2); m == nil {
			t.Errorf("%s: of another generation too", name)
		}
	}
	if m := pki.FindMisfit(pki.Signing, root, "demo", 1); m == nil {
		t.Error("a root is a signing CA")
	}
}
