package compiler

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	mathrand "math/rand/v2"
	"testing"

	"relayform/compiler/pki"
)

// fleetSizedCertificates returns sealing certificates in PEM, each with its own key. Encrypting needs no private key, so a random odd
// number is the RSA modulus, and one ECDSA key signs all certificates.
func fleetSizedCertificates(t testing.TB, n int) []string {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	seed := [32]byte{15}
	random := mathrand.NewChaCha8(seed)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: fixtureTime, NotAfter: fixtureTime.AddDate(10, 0, 0)}
	all := make([]string, n)
	for i := range all {
		modulus := make([]byte, 2048/8)
		_, _ = random.Read(modulus) // never fails
		modulus[0] |= 0x80
		modulus[len(modulus)-1] |= 1
		der, err := x509.CreateCertificate(rand.Reader, template, template, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}, signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(pki.MarshalCertificates(c))
	}
	return all
}
