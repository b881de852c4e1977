package compiler

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// authorityOf is a CA for tests.
type authorityOf struct {
	*x509.Certificate
	key crypto.Signer
}

func (s *testProject) mint(name string, serial int64, key crypto.Signer, ca bool, issuer *authorityOf) *authorityOf {
	s.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true, IsCA: ca, MaxPathLen: -1,
		NotBefore: s.now.Add(-time.Hour), NotAfter: s.now.AddDate(3, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ca {
		c.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else {
		c.DNSNames, c.ExtKeyUsage = []string{"enterprise-networking.gloo-mesh"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	if issuer == nil {
		issuer = &authorityOf{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer.Certificate, key.Public(), issuer.key)
	if err != nil {
		s.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		s.Fatal(err)
	}
	return &authorityOf{made, key}
}

// bringBelow writes the files of an external PKI whose server certificate and signing CA are below an issuer.
func (s *testProject) bringBelow(root, issuer *authorityOf, between []*x509.Certificate) {
	s.Helper()
	s.write("pki1/ca.pem", pki.MarshalCertificates(root.Certificate))
	for i, role := range []string{"server", "signing"} {
		key, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			s.Fatal(err)
		}
		leaf := s.mint("relay "+role, int64(9000+i), key, role == "signing", issuer)
		text, err := pki.MarshalKey(key)
		if err != nil {
			s.Fatal(err)
		}
		s.write("pki1/"+role+".key", text)
		s.write("pki1/"+role+".pem", bytes.Join([][]byte{pki.MarshalCertificates(leaf.Certificate), pki.MarshalCertificates(between...)}, nil))
	}
}

// TestLongChainsAreImported provides a chain of nine intermediates, and a mesh of 36 CAs that sign each other: what Go chains to the root
// is imported, and verify finds no error.
func TestLongChainsAreImported(t *testing.T) {
	key := func() crypto.Signer {
		k, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for name, c := range map[string]struct {
		bring func(s *testProject)
		below int
	}{
		"nine intermediates": {func(s *testProject) {
			root := s.mint("root", 1, key(), true, nil)
			issuer, between := root, []*x509.Certificate(nil)
			for i := range 9 {
				issuer = s.mint(fmt.Sprintf("ca %d", i), int64(10+i), key(), true, issuer)
				between = append(between, issuer.Certificate)
			}
			s.bringBelow(root, issuer, between)
		}, 9},
		"a mesh of 36": {func(s *testProject) {
			root := s.mint("root", 1, key(), true, nil)
			var mesh []*authorityOf
			for i := range 36 {
				mesh = append(mesh, s.mint(fmt.Sprintf("ca %d", i), int64(10+i), key(), true, nil))
			}
			var between []*x509.Certificate
			for i, issuer := range mesh {
				for k := range 13 {
					below := mesh[(i+k+1)%len(mesh)]
					between = append(between, s.mint(below.Subject.CommonName, int64(100+len(between)), below.key, true, issuer).Certificate)
				}
			}
			between = append(between, s.mint(mesh[20].Subject.CommonName, 2, mesh[20].key, true, root).Certificate)
			s.bringBelow(root, mesh[0], between)
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestProject(t)
			c.bring(s)
			r := s.compile(foreignPKI(1, ""))
			if n := len(r.Lock.Newest(pki.Server).Chain) - 1; n != c.below {
				t.Errorf("%d intermediates; want %d", n, c.below)
			}
			report, err := Verify(s.project, s.env(), s.now)
			if err != nil || report.Count(verify.Error) > 0 || report.Until().IsZero() {
				t.Errorf("%v, %v", err, report)
			}
		})
	}
}
