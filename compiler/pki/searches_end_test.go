package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"relayform/compiler/pki"
	"strings"
	"testing"
)

// TestLongChainsEnd builds a chain of the maximum length, and one that is longer.
func TestLongChainsEnd(t *testing.T) {
	root := mint(t, "root", nil, ca)
	issuer, candidates := root, []*x509.Certificate(nil)
	for i := range pki.MaxChain {
		issuer = mint(t, fmt.Sprintf("ca %d", i), issuer, ca)
		candidates = append(candidates, issuer.Certificate)
	}
	chain, err := pki.BuildChain(mint(t, "leaf", issuer, nil).Certificate, candidates, certificates(root))
	if err != nil || len(chain.Intermediates) != pki.MaxChain || len(chain.TLS()) != pki.MaxChain+1 || !chain.TLS()[pki.MaxChain].Equal(candidates[0]) {
		t.Fatalf("%d intermediates, %v", len(chain.Intermediates), err)
	}
	issuer = mint(t, "one too many", issuer, ca)
	_, err = pki.BuildChain(mint(t, "leaf", issuer, nil).Certificate, append(candidates, issuer.Certificate), certificates(root))
	var broken *pki.BrokenChain
	if !errors.As(err, &broken) || broken.Namesake != nil || !strings.Contains(err.Error(), "the limit is 64 intermediates") {
		t.Errorf("a longer one: %v", err)
	}
}

// TestAMeshOfCrossSignedCAsIsCrossed has 36 CAs sign each other, as bridges between many organisations do, with one of them under the root:
// the path to it is found, and it is the shortest.
func TestAMeshOfCrossSignedCAsIsCrossed(t *testing.T) {
	root := mint(t, "root", nil, ca)
	var mesh []*minted
	for i := range 36 {
		mesh = append(mesh, mint(t, fmt.Sprintf("ca %d", i), nil, ca))
	}
	var candidates []*x509.Certificate
	cross := func(issuer, below *minted) {
		der, err := x509.CreateCertificate(rand.Reader, below.Certificate, issuer.Certificate, below.key.Public(), issuer.key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		candidates = append(candidates, c)
	}
	for i, issuer := range mesh {
		for k, below := range mesh {
			if i != k {
				cross(issuer, below)
			}
		}
	}
	cross(root, mesh[35])
	leaf := mint(t, "leaf", mesh[0], nil)
	chain, err := pki.BuildChain(leaf.Certificate, candidates, certificates(root))
	if err != nil || len(chain.Intermediates) != 2 {
		t.Fatalf("%d intermediates, %v", len(chain.Intermediates), err)
	}
	if reasons := pki.Stands(pki.Server, chain); len(reasons) > 0 {
		t.Errorf("%v", reasons)
	}
}

// TestCirclesEnd has a dozen CAs sign each other. Without a limit, the search would take days.
func TestCirclesEnd(t *testing.T) {
	var circle []*minted
	for i := range 12 {
		circle = append(circle, mint(t, fmt.Sprintf("ca %d", i), nil, ca))
	}
	var candidates []*x509.Certificate
	for _, issuer := range circle {
		for _, below := range circle {
			der, err := x509.CreateCertificate(rand.Reader, below.Certificate, issuer.Certificate, below.key.Public(), issuer.key)
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			candidates = append(candidates, c)
		}
	}
	leaf := mint(t, "leaf", circle[0], nil)
	if _, err := pki.BuildChain(leaf.Certificate, candidates, certificates(mint(t, "root", nil, ca))); err == nil {
		t.Error("a circle ends at an anchor")
	}
	if chain, err := pki.BuildChain(leaf.Certificate, candidates[:24], certificates(circle[1])); err != nil || len(chain.Intermediates) != 1 {
		t.Errorf("%d intermediates, %v", len(chain.Intermediates), err)
	}
}
