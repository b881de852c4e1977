package verify_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"relayform/compiler/certfile"
	"relayform/compiler/verify"
)

// TestWhatCannotBeReadIsNamed puts texts into tls.crt that are not certificates in PEM, or contain fewer than it seems. Each is identified,
// in a Secret and in a file of an external PKI that must be PEM.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	good := goodMesh(t)
	text := good.pem(t)["server"]
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "relay"}}, key(t, "server"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text   []byte
		want   string
		secret bool // valid in files
	}{
		"joined":          {bytes.ReplaceAll(bytes.Repeat(text, 2), []byte("-----\n-----"), []byte("----------")), "PEM blocks are joined on one line", false},
		"byte order mark": {append([]byte("\ufeff"), text...), "it begins with a byte order mark", false},
		"DER":             {good.made["server"].Raw, "it is a certificate in DER", true},
		"base64 twice":    {[]byte(base64.StdEncoding.EncodeToString(text)), "base64 was encoded twice", false},
		"base64 of DER":   {[]byte(base64.StdEncoding.EncodeToString(good.made["server"].Raw)), "it is base64 without the lines BEGIN and END", false},
		"CSR":             {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}), "it is a certificate request (CSR), not the certificate", false},
		"CSR in DER":      {request, "it is a certificate request (CSR) in DER", false},
		"UTF-16":          {[]byte("\xff\xfe-\x00-\x00"), "it is UTF-16 text", false},
	} {
		m := goodMesh(t)
		m.edit = func(x *verify.Material) { secret(x, "mgmt", x.Names.Server).Data["tls.crt"] = c.text }
		r := judged(t, m)
		if len(r.Findings) != 1 || r.Findings[0].Code != verify.Unreadable || !strings.HasPrefix(r.Findings[0].Message, c.want) {
			t.Errorf("%s, in a Secret: %+v", name, r.Findings)
		}
		if _, err := certfile.Read(c.text, certfile.NoPassword, new(certfile.Allowance)); !c.secret && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s, in a file: %v", name, err)
		}
	}
}
