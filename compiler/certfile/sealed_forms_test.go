package certfile_test

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"relayform/compiler/certfile"
	"relayform/compiler/pbe"
	"relayform/compiler/pki"
)

// TestWhatOpenSSLSeals reads a key and its certificates in every form in which OpenSSL encrypts them, and nothing with the wrong password.
func TestWhatOpenSSLSeals(t *testing.T) {
	want, err := pki.ParseKey(file(t, "signing.key"))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(fixtures, "sealed", "*.*"))
	if err != nil || len(paths) < 30 {
		t.Fatal(len(paths), err)
	}
	wrong := func() (string, error) { return "hunter2", nil }
	for _, path := range paths {
		name := filepath.Base(path)
		if name == "make.sh" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			password := secret
			if strings.HasPrefix(name, "empty-") {
				password = certfile.NoPassword
			}
			got, err := certfile.Read(data, password, new(certfile.Allowance))
			if err != nil {
				t.Fatal(err)
			}
			keys, certs := 1, 0
			if strings.HasSuffix(name, ".p12") {
				certs = 2
			}
			switch name {
			case "key-only.p12":
				certs = 0
			case "certificates-only.p12":
				keys = 0
			}
			if len(got.Keys) != keys || len(got.Certificates) != certs {
				t.Errorf("%d keys, %d certificates; want %d and %d", len(got.Keys), len(got.Certificates), keys, certs)
			}
			if len(got.Keys) == 1 && spki(t, got.Keys[0]) != spki(t, want) {
				t.Error("another key")
			}
			if strings.HasPrefix(name, "empty-") {
				return
			}
			got, err = certfile.Read(data, wrong, new(certfile.Allowance))
			if !errors.Is(err, pbe.ErrWrong) || len(got.Keys)+len(got.Certificates) > 0 {
				t.Errorf("with another password: %v", err)
			}
		})
	}
}

// TestWhatOthersSeal reads the output of another implementation, in the form of Java and Windows.
func TestWhatOthersSeal(t *testing.T) {
	key, err := pki.ParseKey(file(t, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := certfile.Read(file(t, "all.pem"), secret, new(certfile.Allowance))
	if err != nil {
		t.Fatal(err)
	}
	root, issuing, server := chain.Certificates[0], chain.Certificates[1], chain.Certificates[2]
	for name, encoder := range map[string]*pkcs12.Encoder{
		"LegacyRC2": pkcs12.LegacyRC2, "LegacyDES": pkcs12.LegacyDES, "Modern2023": pkcs12.Modern2023, "Modern2026": pkcs12.Modern2026, "Passwordless": pkcs12.Passwordless,
	} {
		for _, word := range []string{"correct horse", "pässwörd 密码", ""} {
			if name == "Passwordless" {
				word = ""
			}
			password := func() (string, error) { return word, nil }
			whole, err := encoder.WithRand(rand.Reader).Encode(key, server, []*x509.Certificate{issuing, root}, word)
			if err != nil {
				t.Fatal(name, err)
			}
			trusted, err := encoder.WithRand(rand.Reader).EncodeTrustStore([]*x509.Certificate{root, issuing}, word)
			if err != nil {
				t.Fatal(name, err)
			}
			got, err := certfile.Read(whole, password, new(certfile.Allowance))
			if err != nil || len(got.Keys) != 1 || !slices.EqualFunc(got.Certificates, []*x509.Certificate{server, issuing, root}, (*x509.Certificate).Equal) {
				t.Errorf("%s %q: %d keys, %d certificates, %v", name, word, len(got.Keys), len(got.Certificates), err)
			}
			got, err = certfile.Read(trusted, password, new(certfile.Allowance))
			if err != nil || len(got.Keys) != 0 || !slices.EqualFunc(got.Certificates, []*x509.Certificate{root, issuing}, (*x509.Certificate).Equal) {
				t.Errorf("%s %q: %d keys, %d certificates, %v", name, word, len(got.Keys), len(got.Certificates), err)
			}
		}
	}
}
