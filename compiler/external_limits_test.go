package compiler

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"relayform/compiler/certfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// namesakes returns roots with the name of a given one but different keys, and if forged, with its key identifier.
func namesakes(t *testing.T, of *x509.Certificate, count int, forged bool) []byte {
	t.Helper()
	var all bytes.Buffer
	for i := range count {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 2)), RawSubject: of.RawSubject, Subject: of.Subject, NotBefore: of.NotBefore, NotAfter: of.NotAfter,
			BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		}
		if forged {
			template.SubjectKeyId = of.SubjectKeyId
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(pki.MarshalCertificates(c))
	}
	return all.Bytes()
}

// root returns the project's external root.
func (s *testProject) root(t *testing.T) *x509.Certificate {
	t.Helper()
	certs, err := pki.ParseCertificates([]byte(s.all()["pki1/ca.pem"]))
	if err != nil {
		t.Fatal(err)
	}
	return certs[0]
}

// TestLimitsOfAnExternalPKI checks that thousands of files, certificates, and certificates with the same name take no more work than the
// limits allow, and that the fault names the limit.
func TestLimitsOfAnExternalPKI(t *testing.T) {
	if !everyCase() {
		t.Skip("make long brings PKIs at their limits")
	}
	t.Parallel()
	const folder = "external: {ca: pki1/ca.pem, more: [more%s], server: {cert: pki1/server.pem, key: pki1/server.key}, signing: {cert: pki1/signing.pem, key: pki1/signing.key}}"
	one := fmt.Sprintf(folder, "/0")
	for _, c := range []struct {
		name    string
		block   string
		prepare func(t *testing.T, s *testProject)
		want    string
	}{
		{"roots of one name", one, func(t *testing.T, s *testProject) { s.write("more/0/ca.pem", namesakes(t, s.root(t), 600, false)) }, ""},
		{"roots of one name and key identifier", one, func(t *testing.T, s *testProject) {
			real := s.root(t)
			s.write("pki1/ca.pem", namesakes(t, real, 600, true))
			s.write("more/0/ca.pem", pki.MarshalCertificates(real))
		}, "was not found among 601 certificates of that name; the limit is 256 signatures that are checked"},
		{"roots that no Secret has room for", one, func(t *testing.T, s *testProject) { s.write("more/0/ca.pem", namesakes(t, s.root(t), 900, false)) }, "the limit is 524288 (512 KiB)"},
		{"certificates", one, func(t *testing.T, s *testProject) {
			text := bytes.Repeat([]byte(s.all()["pki1/signing.pem"]), 200)
			for i := range 6 {
				s.write(fmt.Sprintf("more/0/%d.pem", i), text)
			}
		}, "more than 1000 certificates in all, which is the limit"},
		{"files of a folder", one, func(t *testing.T, s *testProject) {
			for i := range certfile.MaxFiles + 1 {
				s.write(fmt.Sprintf("more/0/%d.pem", i), []byte(s.all()["pki1/ca.pem"]))
			}
		}, "the folder has 257 files; the limit is 256"},
		{"files of many folders", fmt.Sprintf(folder, "/0, more/1"), func(t *testing.T, s *testProject) {
			text := []byte(s.all()["pki1/ca.pem"])
			for i := range 300 {
				s.write(fmt.Sprintf("more/%d/%d.pem", i%2, i), text)
			}
		}, "more than 256 files in all, which is the limit"},
		{"one folder many times", fmt.Sprintf(folder, strings.Repeat("/0, more", 500)+"/0"), func(t *testing.T, s *testProject) {
			s.write("more/0/1.pem", []byte(s.all()["pki1/ca.pem"]))
		}, "more than 256 files in all, which is the limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTestProject(t)
			s.bring(1)
			c.prepare(t, s)
			_, err := s.try(c.block, Options{})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				report, err := Verify(s.project, s.env(), s.now)
				if err != nil || report.Count(verify.Error) > 0 {
					t.Errorf("verify: %v, %v", err, report)
				}
				return
			}
			var faults diag.List
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) || len(faults) > 2 {
				t.Errorf("got %v; want %s", err, c.want)
			}
		})
	}
}
