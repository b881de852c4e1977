package pki_test

import (
	"crypto/x509"
	"testing"

	"relayform/compiler/pki"
)

// TestNamesakesComeLast has the issuer behind many CAs of its name: the key identifier says which it is, and the
// chain is found before the limit of signatures is reached.
func TestNamesakesComeLast(t *testing.T) {
	root := mint(t, "root", nil, ca)
	middle := mint(t, "middle", root, ca)
	leaf := mint(t, "leaf", middle, nil)
	var between []*x509.Certificate
	for range pki.MaxChecks + 1 {
		between = append(between, mint(t, "middle", nil, ca).Certificate)
	}
	chain, err := pki.BuildChain(leaf.Certificate, append(between, middle.Certificate), certificates(root))
	if err != nil || len(chain.Intermediates) != 1 || !chain.Intermediates[0].Equal(middle.Certificate) {
		t.Errorf("%d intermediates: %v", len(chain.Intermediates), err)
	}
}
