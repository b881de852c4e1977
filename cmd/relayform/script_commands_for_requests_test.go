package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// authority NAME creates a CA with that name: NAME.crt and NAME.key.
func authority(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: authority NAME")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	c := &x509.Certificate{
		Subject: pkix.Name{Organization: []string{"Example Corp"}, CommonName: args[0]}, SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

// sign AUTHORITY REQUEST CERTIFICATE answers a request like a CA that copies the requested extensions.
func sign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sign AUTHORITY REQUEST CERTIFICATE")
	}
	read := func(name string) []byte {
		block, _ := pem.Decode([]byte(ts.ReadFile(name)))
		if block == nil {
			ts.Fatalf("%s: no PEM", name)
		}
		return block.Bytes
	}
	ca, err := x509.ParseCertificate(read(args[0] + ".crt"))
	ts.Check(err)
	key, err := x509.ParsePKCS8PrivateKey(read(args[0] + ".key"))
	ts.Check(err)
	csr, err := x509.ParseCertificateRequest(read(args[1]))
	ts.Check(err)
	ts.Check(csr.CheckSignature())
	c := &x509.Certificate{
		RawSubject: csr.RawSubject, SerialNumber: big.NewInt(time.Now().UnixNano()), ExtraExtensions: csr.Extensions,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(3, 0, 0), SubjectKeyId: []byte(args[2]),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, ca, csr.PublicKey, key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
}
