package pki_test

import (
	"crypto"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// TestValidityIsKnownFromTimes issues with clocks that are ahead of the issuer's notBefore and behind it, and derives the requested
// validity from the certificate.
func TestValidityIsKnownFromTimes(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	requests := pki.Requests(pki.Facts{ECDSA: true, DNSNames: []string{"relay"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour})
	key := func() crypto.Signer {
		key, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	root := &pki.Issuer{Key: key()}
	var err error
	if root.Certificate, err = pki.Issue(requests[0], "demo", 1, root.Key, nil, now); err != nil {
		t.Fatal(err)
	}
	for after, wrong := range map[time.Duration]time.Duration{
		-48 * time.Hour:   9000 * time.Hour,
		0:                 9551 * time.Hour,
		time.Minute:       9553 * time.Hour,
		87000 * time.Hour: 0,
	} {
		server, err := pki.Issue(requests[2], "demo", 1, key(), root, now.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		if !pki.Lasts(server, root.Certificate, 9552*time.Hour) || pki.Lasts(server, root.Certificate, wrong) {
			t.Errorf("%s after its root: %s to %s is not known for 9552h", after, server.NotBefore, server.NotAfter)
		}
	}
	if !pki.Lasts(root.Certificate, root.Certificate, 87600*time.Hour) || pki.Lasts(root.Certificate, root.Certificate, 87601*time.Hour) {
		t.Error("a root's validity is not known")
	}
}
