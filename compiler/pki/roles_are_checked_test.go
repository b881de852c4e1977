package pki_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// minted is a certificate with its key.
type minted struct {
	*x509.Certificate
	key crypto.Signer
}

// mint signs a certificate from a template with an issuer, or self-signed.
func mint(t *testing.T, name string, issuer *minted, change func(*x509.Certificate)) *minted {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if change != nil {
		change(template)
	}
	if issuer == nil {
		issuer = &minted{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.Certificate, key.Public(), issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &minted{c, key}
}

func ca(c *x509.Certificate) { c.IsCA, c.MaxPathLen = true, -1 }

func words(reasons []pki.Reason) string {
	var all []string
	for _, r := range reasons {
		all = append(all, r.Message)
	}
	return strings.Join(all, "; ")
}

// TestRolesAreChecked checks chains of external PKIs against their roles. A fault that goes unnoticed here fails at the first contact of
// every agent, or lets one certificate impersonate another.
func TestRolesAreChecked(t *testing.T) {
	change := func(changes ...func(*x509.Certificate)) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			for _, f := range changes {
				f(c)
			}
		}
	}
	usage := func(u x509.KeyUsage) func(*x509.Certificate) { return func(c *x509.Certificate) { c.KeyUsage = u } }
	extended := func(all ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = all }
	}
	length := func(n int) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = n, n == 0 }
	}
	unknown := func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} }
	serves, greets := extended(x509.ExtKeyUsageServerAuth), extended(x509.ExtKeyUsageClientAuth)
	for name, c := range map[string]struct {
		role               pki.Role
		root, middle, leaf func(*x509.Certificate) // nil middle for none
		want               string
	}{
		"a server":                       {pki.Server, ca, ca, usage(x509.KeyUsageDigitalSignature), ""},
		"a server under its root":        {pki.Server, ca, nil, serves, ""},
		"a server for anything":          {pki.Server, ca, ca, extended(x509.ExtKeyUsageAny), ""},
		"a server for both":              {pki.Server, ca, ca, extended(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth), ""},
		"a server that is a CA":          {pki.Server, ca, nil, ca, "it is a CA; want a leaf (basicConstraints CA:FALSE)"},
		"a server that cannot sign":      {pki.Server, ca, nil, usage(x509.KeyUsageKeyEncipherment), "its key usage lacks digitalSignature"},
		"a server for clients":           {pki.Server, ca, nil, greets, "it has extended key usages without serverAuth"},
		"a server for unknown usages":    {pki.Server, ca, nil, unknown, "it has extended key usages without serverAuth"},
		"an issuer for clients":          {pki.Server, ca, change(ca, greets), serves, "its issuer CN=middle has extended key usages without serverAuth"},
		"an anchor for clients":          {pki.Server, change(ca, greets), nil, serves, "its issuer CN=root has extended key usages without serverAuth"},
		"an issuer that is not a CA":     {pki.Server, ca, usage(x509.KeyUsageCertSign), nil, "its issuer CN=middle is not a CA"},
		"an issuer that may not sign":    {pki.Server, ca, change(ca, usage(x509.KeyUsageCRLSign)), nil, "its issuer CN=middle may not sign certificates: its key usage lacks keyCertSign"},
		"an issuer that may":             {pki.Server, ca, change(ca, usage(x509.KeyUsageCertSign)), nil, ""},
		"a root that may not sign":       {pki.Server, change(ca, usage(x509.KeyUsageCRLSign)), nil, nil, "its issuer CN=root may not sign certificates: its key usage lacks keyCertSign"},
		"a root with no CA below":        {pki.Server, change(ca, length(0)), nil, nil, ""},
		"a root with one CA too many":    {pki.Server, change(ca, length(0)), ca, nil, "its issuer CN=root allows 0 CAs below it, and there are 1"},
		"a root with as many as it may":  {pki.Server, change(ca, length(1)), ca, nil, ""},
		"a signing CA":                   {pki.Signing, ca, ca, ca, ""},
		"a signing CA for clients":       {pki.Signing, ca, ca, change(ca, greets, usage(x509.KeyUsageCertSign)), ""},
		"a signing CA that is none":      {pki.Signing, ca, ca, nil, "it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates"},
		"a signing CA that may not sign": {pki.Signing, ca, ca, change(ca, usage(x509.KeyUsageDigitalSignature)), "its key usage lacks keyCertSign"},
		"a signing CA for servers":       {pki.Signing, ca, ca, change(ca, serves), "it has extended key usages without clientAuth"},
		"an issuer for servers":          {pki.Signing, ca, change(ca, serves), ca, "its issuer CN=middle has extended key usages without clientAuth"},
		"a signing CA is a CA":           {pki.Signing, change(ca, length(0)), nil, ca, "its issuer CN=root allows 0 CAs below it, and there are 1"},
		"a signing CA beneath another":   {pki.Signing, change(ca, length(1)), ca, ca, "its issuer CN=root allows 1 CAs below it, and there are 2"},
		"a signing CA beneath enough":    {pki.Signing, change(ca, length(2)), change(ca, length(1)), ca, ""},
	} {
		root := mint(t, "root", nil, c.root)
		issuer, above := root, []*x509.Certificate(nil)
		if c.middle != nil {
			issuer = mint(t, "middle", root, c.middle)
			above = []*x509.Certificate{issuer.Certificate}
		}
		chain := pki.Chain{Leaf: mint(t, "leaf", issuer, c.leaf).Certificate, Intermediates: above, Anchor: root.Certificate}
		if got := words(pki.Stands(c.role, chain)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestTheShortestPartOfAChainEndsIt asks until when a leaf chains to an anchor: a path ends with the first certificate to expire, and the
// path that lasts longest counts.
func TestTheShortestPartOfAChainEndsIt(t *testing.T) {
	ends := func(year int) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotAfter = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	root, other := mint(t, "root", nil, func(c *x509.Certificate) { ca(c); ends(2034)(c) }), mint(t, "other", nil, func(c *x509.Certificate) { ca(c); ends(2031)(c) })
	middle := mint(t, "middle", root, func(c *x509.Certificate) { ca(c); ends(2033)(c) })
	cross := *middle
	crossed := &minted{key: middle.key}
	template := *middle.Certificate
	template.NotAfter = time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)
	der, err := x509.CreateCertificate(rand.Reader, &template, other.Certificate, middle.key.Public(), other.key)
	if err != nil {
		t.Fatal(err)
	}
	if crossed.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	leaf := mint(t, "leaf", &cross, func(c *x509.Certificate) {
		ends(2035)(c)
		c.DNSNames, c.ExtKeyUsage = []string{"relay"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	presented := []*x509.Certificate{leaf.Certificate, middle.Certificate, crossed.Certificate}
	for name, c := range map[string]struct {
		anchors []*x509.Certificate
		year    int
	}{
		"one way":        {[]*x509.Certificate{root.Certificate}, 2033},
		"through a root": {[]*x509.Certificate{other.Certificate}, 2031},
		"two ways":       {[]*x509.Certificate{other.Certificate, root.Certificate}, 2033},
	} {
		got, err := pki.Until(presented, c.anchors, at, x509.ExtKeyUsageServerAuth, "relay")
		if err != nil || got.Year() != c.year {
			t.Errorf("%s: until %s, %v; want %d", name, got, err, c.year)
		}
	}
	for name, ask := range map[string]func() (time.Time, error){
		"another name": func() (time.Time, error) {
			return pki.Until(presented, []*x509.Certificate{root.Certificate}, at, x509.ExtKeyUsageServerAuth, "x")
		},
		"another usage": func() (time.Time, error) {
			return pki.Until(presented, []*x509.Certificate{root.Certificate}, at, x509.ExtKeyUsageClientAuth, "relay")
		},
		"another time": func() (time.Time, error) {
			return pki.Until(presented, []*x509.Certificate{root.Certificate}, at.AddDate(9, 0, 0), x509.ExtKeyUsageServerAuth, "relay")
		},
		"another anchor": func() (time.Time, error) {
			return pki.Until(presented[:1], []*x509.Certificate{root.Certificate}, at, x509.ExtKeyUsageServerAuth, "relay")
		},
	} {
		if got, err := ask(); err == nil || !got.IsZero() {
			t.Errorf("%s: until %s", name, got)
		}
	}
}
