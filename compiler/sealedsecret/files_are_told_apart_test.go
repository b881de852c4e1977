package sealedsecret

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// sealingKey is a controller's key, shared by the tests because generating one is slow.
var sealingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, MinBits)
	if err != nil {
		panic(err)
	}
	return key
})

var begin, end = time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2041, 5, 1, 0, 0, 0, 0, time.UTC)

// certificateFor returns a certificate in DER for a public key, signed by a different one: the signature is not checked.
func certificateFor(t *testing.T, public any) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: begin, NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, sealingKey())
	must(t, err)
	return der
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// modulus returns a public key without a private one.
func modulus(bits, exponent int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits)-1)
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: exponent}
}

// TestTheSealingCertificateIsRead reads it in the forms written by kubeseal, openssl and Windows.
func TestTheSealingCertificateIsRead(t *testing.T) {
	text := inPEM("CERTIFICATE", certificateFor(t, sealingKey().Public()))
	want, err := pki.SPKI(sealingKey().Public())
	must(t, err)
	for name, text := range map[string]string{
		"as it is":               text,
		"with Windows' lines":    strings.ReplaceAll(text, "\n", "\r\n"),
		"below words":            "Certificate:\n    Data:\n" + text,
		"with a byte order mark": "\ufeff" + text,
		"above empty lines":      text + "\n \n",
	} {
		c, err := ReadCertificate([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.SPKI != want || c.Bits != MinBits || !c.NotBefore.Equal(begin) || !c.NotAfter.Equal(end) {
			t.Errorf("%s: %+v", name, c)
		}
		if c.Expired(end) || !c.Expired(end.Add(time.Second)) {
			t.Errorf("%s: it expires at another time than %s", name, end)
		}
	}
}

// TestWhatIsNoSealingCertificate identifies each kind of file, and says what to do about it.
func TestWhatIsNoSealingCertificate(t *testing.T) {
	der := certificateFor(t, sealingKey().Public())
	good := inPEM("CERTIFICATE", der)
	private, err := pki.MarshalKey(sealingKey())
	must(t, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, ec)
	must(t, err)
	const fetches = "kubeseal --fetch-cert > FILE"
	told := map[string]string{}
	for _, c := range []struct{ name, text, what, hint string }{
		{"nothing", " \n", "the file is empty, as after kubeseal failed", "look at the output of: " + fetches},
		{"words", "error: cannot fetch certificate\n", "no certificate in it", fetches},
		{"a private key", string(private), "there is a private key in it", "keep it out of git"},
		{"a private key behind the certificate", good + string(private), "there is a private key in it", fetches},
		{"the controller's Secret", "apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: LS0\n  tls.key: LS0t\n", "a Secret with the controller's private key", "keep it out of git"},
		{"a request", inPEM("CERTIFICATE REQUEST", request), "a certificate request", "makes its own certificate: " + fetches},
		{"a public key", inPEM("PUBLIC KEY", []byte{1}), "a PEM block PUBLIC KEY, want BEGIN CERTIFICATE", fetches},
		{"DER", string(der), "a certificate in DER, want PEM", "openssl x509 -inform der"},
		{"UTF-16", "\xff\xfe-\x00-\x00", "UTF-16, as PowerShell writes it", "Out-File -Encoding ascii"},
		{"a bundle", good + good, "2 certificates in it", fetches},
		{"cut short", good[:len(good)-30], "1 of its 1 PEM blocks are cut short or damaged", fetches},
		{"words behind it", good + "warning: x\n", "other text follows the certificate", fetches},
		{"a block behind it", good + inPEM("PUBLIC KEY", []byte{1}), "beside the certificate there is a PEM block PUBLIC KEY", fetches},
		{"bytes behind it", inPEM("CERTIFICATE", append(bytes.Clone(der), 1, 2)), "2 bytes follow the certificate inside its PEM block", fetches},
		{"broken DER", inPEM("CERTIFICATE", der[:len(der)-9]), "the certificate cannot be read: malformed", fetches},
		{"ECDSA", inPEM("CERTIFICATE", certificateFor(t, ec.Public())), "the certificate's key is ECDSA P-256, want RSA", fetches},
		{"Ed25519", inPEM("CERTIFICATE", certificateFor(t, ed)), "the certificate's key is Ed25519, want RSA", fetches},
		{"Ed448", inPEM("CERTIFICATE", bytes.Replace(certificateFor(t, ed), []byte{6, 3, 0x2b, 0x65, 0x70}, []byte{6, 3, 0x2b, 0x65, 0x71}, 1)), "the certificate's key is of an unknown kind, want RSA", fetches},
		{"a short key", inPEM("CERTIFICATE", certificateFor(t, modulus(1024, 65537))), "RSA key has 1024 bits, want at least 2048", "--key-size"},
		{"a long key", inPEM("CERTIFICATE", certificateFor(t, modulus(MaxBits+8, 65537))), "RSA key has 16392 bits; the limit is 16384", "--key-size"},
		{"an even modulus", inPEM("CERTIFICATE", certificateFor(t, &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537})), "RSA key is malformed", fetches},
		{"an even exponent", inPEM("CERTIFICATE", certificateFor(t, modulus(2048, 4))), "RSA key is malformed", fetches},
		{"a large exponent", inPEM("CERTIFICATE", certificateFor(t, modulus(2048, 1<<31+1))), "RSA key is malformed", fetches},
		{"an exponent of one", inPEM("CERTIFICATE", certificateFor(t, modulus(2048, 1))), "RSA key is malformed", fetches},
		{"a large file", strings.Repeat("x", MaxFile+1), "a file of 1048577 bytes; the limit is 1048576", fetches},
	} {
		have, err := ReadCertificate([]byte(c.text))
		var fault *CertificateError
		if !errors.As(err, &fault) {
			t.Errorf("%s: %+v, %v", c.name, have, err)
			continue
		}
		if !strings.Contains(fault.What, c.what) || !strings.Contains(fault.Hint, c.hint) || err.Error() != fault.What+"; "+fault.Hint {
			t.Errorf("%s: %v; want %s, and %s", c.name, err, c.what, c.hint)
		}
		if other, ok := told[fault.What]; ok && other != c.what {
			t.Errorf("%s is told as another fault is: %s", c.name, fault.What)
		}
		told[fault.What] = c.what
	}
}

// TestNoCertificateIsSealedForInVain checks that crypto/rsa can encrypt with every accepted certificate.
func TestNoCertificateIsSealedForInVain(t *testing.T) {
	for _, public := range []*rsa.PublicKey{&sealingKey().PublicKey, modulus(MinBits, 3), modulus(MinBits+1, 65537), modulus(MaxBits, 1<<31-1)} {
		c, err := ReadCertificate([]byte(inPEM("CERTIFICATE", certificateFor(t, public))))
		must(t, err)
		text, err := c.Seal("gloo-mesh", []byte("token"), rand.Reader)
		if err == nil {
			err = Check(text)
		}
		if err != nil {
			t.Errorf("%d bits, exponent %d: %v", public.N.BitLen(), public.E, err)
		}
	}
}
