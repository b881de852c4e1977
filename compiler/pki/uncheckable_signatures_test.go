package pki_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"

	"relayform/compiler/pki"
)

// weakened returns a certificate whose signature algorithm Go does not know: such a signature is never checked, so anyone could write one.
// Its names and key identifiers are its issuer's.
func weakened(t *testing.T, c *x509.Certificate) *x509.Certificate {
	t.Helper()
	ecdsaWithSHA256 := []byte{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}
	ofThatLength := []byte{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05} // md5, which Go supports for no signature
	weak, err := x509.ParseCertificate(bytes.ReplaceAll(c.Raw, ecdsaWithSHA256, ofThatLength))
	if err != nil {
		t.Fatal(err)
	}
	return weak
}

// TestSignaturesThatNobodyChecksAreRefused checks such a certificate against its role, at each position in a chain.
func TestSignaturesThatNobodyChecksAreRefused(t *testing.T) {
	root, issuing, server := imported(t, "root")[0], imported(t, "issuing")[0], imported(t, "server")[0]
	for name, c := range map[string]struct {
		chain []*x509.Certificate
		want  string
	}{
		"none":             {[]*x509.Certificate{server, issuing}, ""},
		"the leaf":         {[]*x509.Certificate{weakened(t, server), issuing}, "nobody can check whether its issuer CN=Example Issuing CA,O=Example Corp signed CN=relay.example.com,O=Example Corp: the signature is of a kind that Go does not read, by a key of ECDSA P-256"},
		"the intermediate": {[]*x509.Certificate{server, weakened(t, issuing)}, "nobody can check whether its issuer CN=Example Root,O=Example Corp signed CN=Example Issuing CA,O=Example Corp"},
	} {
		built, err := pki.BuildChain(c.chain[0], c.chain[1:], []*x509.Certificate{root})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		standing, err := pki.Chains(pki.Server, c.chain, []*x509.Certificate{root})
		if err != nil || len(standing) != 1 {
			t.Fatalf("%s: %d chains, %v", name, len(standing), err)
		}
		for _, chain := range []pki.Chain{built, standing[0]} {
			if faults := words(pki.Stands(pki.Server, chain)); (c.want == "") != (faults == "") || !strings.Contains(faults, c.want) {
				t.Errorf("%s: %q, want %q", name, faults, c.want)
			}
		}
	}
}
