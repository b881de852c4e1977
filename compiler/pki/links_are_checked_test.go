package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// again creates a CA with an existing CA's key and a different name.
func again(t *testing.T, name string, of *minted) *minted {
	t.Helper()
	template := *of.Certificate
	template.RawSubject, template.Subject = nil, pkix.Name{CommonName: name}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, of.key.Public(), of.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &minted{c, of.key}
}

func certificates(all ...*minted) []*x509.Certificate {
	out := make([]*x509.Certificate, len(all))
	for i, m := range all {
		out[i] = m.Certificate
	}
	return out
}

// TestAKeyUnderAnotherNameIssuedNothing renews a CA with its key under a different name. Verifiers look for the issuer by name, so agents
// would find no chain.
func TestAKeyUnderAnotherNameIssuedNothing(t *testing.T) {
	root := mint(t, "root", nil, ca)
	leaf, renamed := mint(t, "leaf", root, nil), again(t, "renamed", root)
	if pki.Issued(leaf.Certificate, renamed.Certificate) || !pki.Issued(leaf.Certificate, root.Certificate) {
		t.Error("the name of an issuer does not count")
	}
	if _, err := pki.BuildChain(leaf.Certificate, nil, certificates(renamed)); err == nil {
		t.Error("a chain is built by key alone")
	}
	if chains, err := pki.Chains(pki.Server, certificates(leaf), certificates(renamed)); err == nil {
		t.Errorf("%d chains stand by key alone", len(chains))
	}
}

// TestANamesakeIsNamed looks for an issuer and finds its name with a different key. The message must point to the missing certificate, not
// only to the name.
func TestANamesakeIsNamed(t *testing.T) {
	root, namesake := mint(t, "root", nil, ca), mint(t, "root", nil, ca)
	leaf := mint(t, "leaf", root, nil)
	for _, c := range []struct {
		candidates, anchors []*x509.Certificate
		namesake            *minted
	}{
		{nil, certificates(namesake), namesake},
		{certificates(namesake), nil, namesake},
		{certificates(mint(t, "other", nil, ca)), nil, nil},
	} {
		_, err := pki.BuildChain(leaf.Certificate, c.candidates, c.anchors)
		var broken *pki.BrokenChain
		if !errors.As(err, &broken) || broken.At != leaf.Certificate || (broken.Namesake == nil) != (c.namesake == nil) || strings.Contains(err.Error(), "but another key") != (c.namesake != nil) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := pki.Chains(pki.Server, certificates(leaf, namesake), certificates(namesake)); err == nil || !strings.Contains(err.Error(), "but another key") {
		t.Errorf("a chain as it stands: %v", err)
	}
}

// TestAnchorsAreRoots extracts the roots of a bundle: each once, and nothing that another CA signed.
func TestAnchorsAreRoots(t *testing.T) {
	root, other := mint(t, "root", nil, ca), mint(t, "other", nil, ca)
	middle := mint(t, "middle", root, ca)
	got := pki.Anchors(certificates(root, middle, other, root, other))
	if len(got) != 2 || !got[0].Equal(root.Certificate) || !got[1].Equal(other.Certificate) {
		t.Errorf("%d anchors", len(got))
	}
}

// TestChainsStandAsPresented checks chains as a server presents them.
func TestChainsStandAsPresented(t *testing.T) {
	root, other := mint(t, "root", nil, ca), mint(t, "other", nil, ca)
	middle := mint(t, "middle", root, ca)
	leaf := mint(t, "leaf", middle, nil)
	for name, c := range map[string]struct {
		presented, anchors []*x509.Certificate
		chains             int
		says               string
	}{
		"whole":             {certificates(leaf, middle), certificates(other, root), 1, ""},
		"an anchor itself":  {certificates(middle), certificates(middle), 1, ""},
		"two anchors":       {certificates(middle), certificates(middle, root), 2, ""},
		"one too many":      {certificates(leaf, middle, root), certificates(root), 0, "CN=root has no place there: CN=middle below it chains to an anchor already"},
		"one missing":       {certificates(leaf), certificates(root), 0, "the chain breaks at CN=leaf"},
		"no order":          {certificates(leaf, root, middle), certificates(root), 0, "the chain breaks at CN=leaf"},
		"no anchor":         {certificates(leaf, middle), certificates(other), 0, "the chain breaks at CN=middle"},
		"a stranger behind": {certificates(leaf, middle, other), certificates(other), 0, "the chain breaks at CN=middle"},
	} {
		chains, err := pki.Chains(pki.Server, c.presented, c.anchors)
		if len(chains) != c.chains || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %d chains, %v", name, len(chains), err)
		}
	}
}

// TestUncheckableLinksNeedTheirIdentifiers replaces an issuer with a CA of the same name where the signature cannot be checked: only key
// identifiers distinguish the two.
func TestUncheckableLinksNeedTheirIdentifiers(t *testing.T) {
	root := mint(t, "root", nil, ca)
	issuer, impostor := mint(t, "middle", root, ca), mint(t, "middle", root, ca)
	leaf := weakened(t, mint(t, "leaf", issuer, nil).Certificate)
	if _, err := pki.BuildChain(leaf, certificates(impostor), certificates(root)); err == nil {
		t.Error("an impostor issued it")
	}
	if chain, err := pki.BuildChain(leaf, certificates(impostor, issuer), certificates(root)); err != nil || !chain.Intermediates[0].Equal(issuer.Certificate) {
		t.Errorf("its issuer is not found: %v", err)
	}
	own := weakened(t, root.Certificate) // a root's own signature proves nothing, so it need not be checked
	if faults := pki.Stands(pki.Signing, pki.Chain{Leaf: own, Anchor: own}); len(faults) > 0 {
		t.Errorf("a root: %q", faults)
	}
}

// TestKeysOfOddSizesCheckNothing has issuers whose keys are so small that anyone could forge signatures, or so big that no verifier accepts
// them.
func TestKeysOfOddSizesCheckNothing(t *testing.T) {
	signer := mint(t, "anybody", nil, ca)
	for _, bits := range []int{1016, 8200} {
		template := *signer.Certificate
		template.RawSubject, template.Subject, template.SubjectKeyId = nil, pkix.Name{CommonName: "odd"}, nil
		odd := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), bits-1, 1), E: 65537}
		der, err := x509.CreateCertificate(rand.Reader, &template, signer.Certificate, odd, signer.key)
		if err != nil {
			t.Fatal(err)
		}
		parent, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		forged := *parent
		forged.PublicKey = nil
		leaf := mint(t, "leaf", &minted{&forged, signer.key}, nil)
		chain, err := pki.BuildChain(leaf.Certificate, nil, []*x509.Certificate{parent})
		if err != nil {
			t.Fatalf("%d bits: %v", bits, err)
		}
		want := fmt.Sprintf("by a key of RSA %d", bits)
		if faults := words(pki.Stands(pki.Server, chain)); !strings.Contains(faults, want) {
			t.Errorf("%d bits: %q", bits, faults)
		}
	}
}

// TestBlocksOfOtherNamesAreRead reads certificates under the PEM labels that other programs write, and explains why one with an unknown
// curve cannot be read.
func TestBlocksOfOtherNamesAreRead(t *testing.T) {
	text := pki.MarshalCertificates(mint(t, "x", nil, ca).Certificate)
	for name, want := range map[string]int{"CERTIFICATE": 1, "X509 CERTIFICATE": 1, "TRUSTED CERTIFICATE": 1, "CERTIFICATE REQUEST": 0} {
		if c := pki.ReadPEM(bytes.ReplaceAll(text, []byte("CERTIFICATE"), []byte(name))); len(c.Certificates) != want || len(c.Unreadable) != 0 {
			t.Errorf("%s: %d certificates, %v", name, len(c.Certificates), c.Unreadable)
		}
	}
	p256, unknown := []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x7f}
	odd := &x509.Certificate{Raw: bytes.ReplaceAll(mint(t, "x", nil, ca).Raw, p256, unknown)}
	if c := pki.ReadPEM(pki.MarshalCertificates(odd)); len(c.Unreadable) != 1 || c.Unreadable[0].Why != pki.UnknownKeyType {
		t.Errorf("an unknown curve: %+v", c.Unreadable)
	}
	broken := &x509.Certificate{Raw: []byte{0x30, 0x03, 0x02, 0x01, 0x07}}
	if c := pki.ReadPEM(pki.MarshalCertificates(broken)); len(c.Unreadable) != 1 || c.Unreadable[0].Why != pki.Malformed {
		t.Errorf("no certificate: %+v", c.Unreadable)
	}
}

// TestValidityLiesWithinTheIssuers checks the validity period of a certificate against its issuer's.
func TestValidityLiesWithinTheIssuers(t *testing.T) {
	from, until := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	issuer := &x509.Certificate{NotBefore: from, NotAfter: until}
	full := until.Sub(from) - time.Hour // the validity asked for, without the backdating hour
	for name, c := range map[string]struct {
		begins, ends  time.Duration // relative to the issuer's
		nested, lasts bool
	}{
		"the same":        {0, 0, true, true},
		"begins earlier":  {-time.Second, -time.Second, false, false},
		"ends later":      {time.Second, time.Second, false, false},
		"cut at the end":  {time.Hour, 0, true, true},
		"cut for nothing": {time.Hour, -time.Hour, true, false},
	} {
		child := &x509.Certificate{NotBefore: from.Add(c.begins), NotAfter: until.Add(c.ends)}
		if got := pki.Nested(child, issuer); got != c.nested {
			t.Errorf("%s: within its issuer's time: %v", name, got)
		}
		if got := pki.Lasts(child, issuer, full); got != c.lasts {
			t.Errorf("%s: as it was issued: %v", name, got)
		}
	}
	root := &x509.Certificate{NotBefore: from, NotAfter: until}
	if pki.Lasts(root, root, full+time.Hour) || pki.Lasts(root, root, full-time.Hour) || !pki.Lasts(root, root, full) {
		t.Error("a root is cut by itself")
	}
	long := &x509.Certificate{NotBefore: from, NotAfter: until}
	if pki.Lasts(long, issuer, full-time.Hour) {
		t.Error("more than was asked for")
	}
}
