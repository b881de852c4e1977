package certfile_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/certfile"
	"relayform/compiler/pki"
)

const fixtures = "../../fixtures/import"

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func secret() (string, error) { return "correct horse", nil }

func spki(t *testing.T, key crypto.Signer) string {
	t.Helper()
	s, err := pki.SPKI(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryFormIsRead(t *testing.T) {
	names := func(cn ...string) []string { return cn }
	const root, issuing, server = "Example Root", "Example Issuing CA", "relay.example.com"
	for _, c := range []struct {
		file  string
		certs []string // in the file's order; PKCS #7 is a set, so sorted there
		key   string   // the file with the same key
	}{
		{"any-order.pem", names(root, issuing, server, issuing), ""},
		{"server.der", names(server), ""},
		{"chain.pem.p7b", names(issuing, root, server), ""},
		{"chain.p7b", names(issuing, root, server), ""},
		{"combined.pem", names(server, issuing), "server.key"},
		{"modern.p12", names(server, issuing, root), "server.key"},
		{"legacy.pfx", names(server, issuing, root), "server.key"},
		{"open.p12", names(server, issuing, root), "server.key"},
		{"pkcs8.key", nil, "server.key"},
		{"pkcs1.key", nil, "server.key"},
		{"sec1.key", nil, "signing.key"},
		{"pkcs8.der", nil, "server.key"},
		{"pkcs1.der", nil, "server.key"},
		{"sec1.der", nil, "signing.key"},
		{"aes.key", nil, "server.key"},
		{"aes.der", nil, "server.key"},
		{"scrypt.key", nil, "server.key"},
		{"des3.key", nil, "server.key"},
		{"signing-aes.key", nil, "signing.key"},
	} {
		t.Run(c.file, func(t *testing.T) {
			got, err := certfile.Read(file(t, c.file), secret, new(certfile.Allowance))
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, cert := range got.Certificates {
				have = append(have, cert.Subject.CommonName)
			}
			if strings.Contains(c.file, "p7b") {
				slices.Sort(have)
			}
			if !slices.Equal(have, c.certs) {
				t.Errorf("certificates %q, want %q", have, c.certs)
			}
			if c.key == "" {
				if len(got.Keys) > 0 {
					t.Error("a key where none is")
				}
				return
			}
			want, err := pki.ParseKey(file(t, c.key))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Keys) != 1 || spki(t, got.Keys[0]) != spki(t, want) {
				t.Errorf("%d keys; want that of %s", len(got.Keys), c.key)
			}
		})
	}
}

func TestWhatCannotBeReadSaysHowToConvertIt(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"a key in OpenSSL's old encryption", file(t, "old-encrypted.key"), "openssl pkcs8 -topk8"},
		{"a certificate with trust settings", file(t, "trusted.pem"), "openssl x509 -in FILE"},
		{"base64 without lines", file(t, "bare.b64"), "openssl base64 -d"},
		{"a block cut short", file(t, "cut.pem"), "1 of its 2 PEM blocks"},
		{"a Java key store", []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0}, "keytool -importkeystore"},
		{"UTF-16", []byte("\xff\xfe-\x00-\x00"), "iconv -f UTF-16"},
		{"other DER", []byte{0x30, 0x03, 0x02, 0x01, 0x05}, "openssl asn1parse"},
		{"nothing", []byte(" \n"), "the file is empty"},
		{"text", []byte("hello"), "openssl storeutl"},
		{"a key that takes minutes to open", file(t, "slow.key"), "opening it would take 20000000 rounds"},
		{"PKCS #12 that takes minutes to open", file(t, "slow.p12"), "opening it would take 20000000 rounds"},
		{"a key that fills the memory", hugeScrypt(t), "opening it with scrypt would take more than 256 MiB"},
		{"damaged PKCS #12", append(file(t, "modern.p12")[:900:900], make([]byte, 400)...), "openssl"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := certfile.Read(c.data, secret, new(certfile.Allowance))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPasswords(t *testing.T) {
	wrong := func() (string, error) { return "hunter2", nil }
	for _, name := range []string{"modern.p12", "legacy.pfx", "aes.key", "aes.der", "scrypt.key"} {
		if _, err := certfile.Read(file(t, name), certfile.NoPassword, new(certfile.Allowance)); !errors.Is(err, certfile.ErrNoPassword) {
			t.Errorf("%s: without a password: %v", name, err)
		}
		_, err := certfile.Read(file(t, name), wrong, new(certfile.Allowance))
		if err == nil || !strings.Contains(err.Error(), "the password does not open") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: with a wrong password: %v", name, err)
		}
	}
}

// hugeScrypt returns an encrypted key whose scrypt parameters need far more memory than OpenSSL permits.
func hugeScrypt(t *testing.T) []byte {
	t.Helper()
	block, _ := pem.Decode(file(t, "scrypt.key"))
	// N is 16384: an INTEGER of two octets. Replace it with the largest of two octets, and r with 127.
	der := bytes.Replace(block.Bytes, []byte{2, 2, 0x40, 0, 2, 1, 8}, []byte{2, 2, 0x7f, 0xff, 2, 1, 0x7f}, 1)
	if bytes.Equal(der, block.Bytes) {
		t.Fatal("scrypt.key has other parameters than expected")
	}
	return der
}
