package pki_test

import (
	"crypto/x509"
	"testing"

	"relayform/compiler/pki"
)

// TestNamesakesComeLast puts the issuer behind many CAs with its name. The key identifier tells which it is, so the chain is found before
// the limit on signature checks.
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
