package sealedsecret

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const value = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"

// sealedFor encrypts the value with a label.
func sealedFor(t *testing.T, label string) string {
	t.Helper()
	c, err := ReadCertificate([]byte(inPEM("CERTIFICATE", certificateFor(t, sealingKey().Public()))))
	must(t, err)
	text, err := c.Seal(label, []byte(value), rand.Reader)
	must(t, err)
	return text
}

// TestACiphertextOpensAtItsPlace checks that it can be decrypted where it belongs, and nowhere else.
func TestACiphertextOpensAtItsPlace(t *testing.T) {
	for _, c := range []struct {
		scope           Scope
		namespace, name string
		opens           bool
	}{
		{Strict, "gloo-mesh", "relay", true},
		{Strict, "gloo-mesh", "other", false},
		{Strict, "elsewhere", "relay", false},
		{NamespaceWide, "gloo-mesh", "relay", true},
		{NamespaceWide, "gloo-mesh", "other", true},
		{NamespaceWide, "elsewhere", "relay", false},
	} {
		text := sealedFor(t, c.scope.Label("gloo-mesh", "relay"))
		got, err := Unseal(sealingKey(), c.scope.Label(c.namespace, c.name), text)
		if opened := err == nil && string(got) == value; opened != c.opens {
			t.Errorf("%s, at %s/%s: opened is %v, want %v: %v", c.scope, c.namespace, c.name, opened, c.opens, err)
		}
	}
	if _, err := Unseal(sealingKey(), "gloo-mesh", sealedFor(t, "gloo-mesh/relay")); err == nil {
		t.Error("sealed strictly, it opens in the whole namespace")
	}
}

// TestAnotherKeyOpensNothing checks that only the controller's key decrypts it, and that the error says which of the two is wrong if that
// is visible.
func TestAnotherKeyOpensNothing(t *testing.T) {
	text := sealedFor(t, "gloo-mesh")
	for bits, want := range map[int]string{MinBits: "not sealed for this key and gloo-mesh", MinBits + 1024: "sealed for an RSA key of 256 bytes, and this one has 384"} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		must(t, err)
		if _, err := Unseal(key, "gloo-mesh", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bits: %v, want %s", bits, err, want)
		}
	}
}

// TestNothingSealedRepeats checks that two ciphertexts of a value have only their length in common: neither session key nor seed is reused.
func TestNothingSealedRepeats(t *testing.T) {
	decode := func(text string) []byte {
		b, err := base64.StdEncoding.DecodeString(text)
		must(t, err)
		return b[lengthSize:]
	}
	a, b := decode(sealedFor(t, "x")), decode(sealedFor(t, "x"))
	if len(a) != MinBits/8+len(value)+tagSize || len(a) != len(b) {
		t.Fatalf("%d and %d bytes", len(a), len(b))
	}
	for at := 0; at+8 <= len(a); at++ {
		if bytes.Equal(a[at:at+8], b[at:at+8]) {
			t.Errorf("both have %x at %d", a[at:at+8], at)
		}
	}
}

// TestAChangeIsNoticed checks that no bit of a ciphertext can be changed unnoticed: in its length, session key, value or tag.
func TestAChangeIsNoticed(t *testing.T) {
	all, err := base64.StdEncoding.DecodeString(sealedFor(t, "x"))
	must(t, err)
	for _, at := range []int{0, 1, 2, 100, lengthSize + MinBits/8 - 1, lengthSize + MinBits/8, len(all) - tagSize, len(all) - 1} {
		changed := bytes.Clone(all)
		changed[at] ^= 1
		if got, err := Unseal(sealingKey(), "x", base64.StdEncoding.EncodeToString(changed)); err == nil {
			t.Errorf("byte %d: opened as %q", at, got)
		}
	}
}

// TestSealingWithoutRandomness checks that a value is encrypted with all the randomness that it needs or not at all.
func TestSealingWithoutRandomness(t *testing.T) {
	c, err := ReadCertificate([]byte(inPEM("CERTIFICATE", certificateFor(t, sealingKey().Public()))))
	must(t, err)
	broken := errors.New("no randomness")
	for _, n := range []int64{0, sessionSize - 1, sessionSize, sessionSize + 31} {
		text, err := c.Seal("x", []byte(value), io.MultiReader(io.LimitReader(rand.Reader, n), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || text != "" {
			t.Errorf("after %d bytes: %q, %v", n, text, err)
		}
	}
}

// TestRandomnessInPieces checks that every byte of a session key is random if the source returns one byte at a time.
func TestRandomnessInPieces(t *testing.T) {
	c, err := ReadCertificate([]byte(inPEM("CERTIFICATE", certificateFor(t, sealingKey().Public()))))
	must(t, err)
	text, err := c.Seal("x", []byte(value), iotest.OneByteReader(rand.Reader))
	must(t, err)
	wrapped, _, err := parts(text)
	must(t, err)
	session, err := rsa.DecryptOAEP(sha256.New(), nil, sealingKey(), wrapped, []byte("x"))
	must(t, err)
	if len(session) != 32 || bytes.Contains(session, make([]byte, 8)) {
		t.Errorf("session key %x", session)
	}
}

// TestTheFormOfACiphertext checks the format without a key.
func TestTheFormOfACiphertext(t *testing.T) {
	good := sealedFor(t, "x")
	must(t, Check(good))
	all, err := base64.StdEncoding.DecodeString(good)
	must(t, err)
	encode := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "0 bytes, which is too short"},
		{"one byte", "AQ==", "1 bytes, which is too short"},
		{"no base64", "ENC[AES256_GCM]", "standard base64"},
		{"base64 for URLs", base64.URLEncoding.EncodeToString(append([]byte{1, 0, 0xff, 0xff, 0xff}, all...)), "standard base64"},
		{"on two lines", good[:64] + "\n" + good[64:], "on one line"},
		{"with a line's end", good + "\n", "on one line"},
		{"twice in base64", encode([]byte(good)), "it begins with the length"},
		{"a small RSA key", encode(append([]byte{0, 128}, all[2:]...)), "length 128, want the size of an RSA key: 256 to 2048 bytes"},
		{"a large RSA key", encode(append([]byte{0xff, 0xff}, all[2:]...)), "length 65535"},
		{"without its tag", encode(all[:2+256+15]), "truncated: 271 bytes after its length, want at least 272"},
		{"without its value", encode(all[:100]), "truncated: 98 bytes"},
	} {
		if err := Check(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// FuzzCheck checks that any text returns at most an error, and that valid texts have room for all parts.
func FuzzCheck(f *testing.F) {
	f.Add("AgA=")
	f.Add(base64.StdEncoding.EncodeToString(append([]byte{1, 0}, make([]byte, 256+tagSize)...)))
	f.Fuzz(func(t *testing.T, text string) {
		if err := Check(text); err == nil && base64.StdEncoding.DecodedLen(len(text)) < lengthSize+MinBits/8+tagSize {
			t.Errorf("%q passes", text)
		}
	})
}
