package pki

import (
	"bytes"
	"crypto/x509"
	"testing"
)

// TestPublicKeysAreMarshalledAsX509Does compares the fast path with crypto/x509 for keys of each algorithm.
func TestPublicKeysAreMarshalledAsX509Does(t *testing.T) {
	for _, a := range []Algorithm{ECDSAP256, ECDSAP256, RSA2048} {
		key, err := GenerateKey(a)
		if err != nil {
			t.Fatal(err)
		}
		want, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := marshalPublicKey(key.Public()); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, %v; want %x", a, got, err, want)
		}
	}
}
