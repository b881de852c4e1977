package secrecy

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

const (
	token    = "5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee0"
	ageKey   = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
	agePQ    = "AGE-SECRET-KEY-PQ-1XJPLA2X4RS8DFGH5KQ9W3E7T6Y0UNMZVC2X4RS8DFGH5KQ9W3E7T6Y0UNMZVC"
	ageStick = "AGE-PLUGIN-YUBIKEY-1GFPYYSJZGFPYYSJZGFPYYSJZ"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// secret is private material in one form, and its kind.
type secret struct {
	name string
	text []byte
	kind Kind
}

// must returns v, or panics with err.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func armour(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// binaries returns private keys and containers as bytes.
func binaries() []secret {
	r := must(rsa.GenerateKey(rand.Reader, 2048))
	e := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	e5 := must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	x := must(ecdh.X25519().GenerateKey(rand.Reader))
	q, y := new(big.Int).SetBytes(noise(20)), r.N
	return []secret{
		{"PKCS 8 of RSA", must(x509.MarshalPKCS8PrivateKey(r)), Key},
		{"PKCS 8 of ECDSA", must(x509.MarshalPKCS8PrivateKey(e)), Key},
		{"PKCS 8 of P-521", must(x509.MarshalPKCS8PrivateKey(e5)), Key},
		{"PKCS 8 of Ed25519", must(x509.MarshalPKCS8PrivateKey(ed)), Key},
		{"PKCS 8 of X25519", must(x509.MarshalPKCS8PrivateKey(x)), Key},
		{"PKCS 1", x509.MarshalPKCS1PrivateKey(r), Key},
		{"SEC 1", must(x509.MarshalECPrivateKey(e)), Key},
		{"SEC 1 of P-521", must(x509.MarshalECPrivateKey(e5)), Key},
		{"DSA", must(asn1.Marshal([]*big.Int{big.NewInt(0), r.N, q, r.N, y, q})), Key},
		{"encrypted PKCS 8", encryptedKey(), Key},
		{"PKCS 12", container(), Container},
		{"OpenSSH", append([]byte("openssh-key-v1\x00"), noise(300)...), Key},
		{"Java", append([]byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2}, noise(300)...), Container},
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	b[0] |= 0x40 // no leading zero
	return b
}

type algorithm struct {
	ID         asn1.ObjectIdentifier
	Parameters asn1.RawValue
}

// encryptedKey returns an EncryptedPrivateKeyInfo with PBES2 (RFC 5958 3).
func encryptedKey() []byte {
	inner := must(asn1.Marshal(struct{ A, B algorithm }{
		algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}, asn1.NullRawValue},
		algorithm{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, asn1.NullRawValue},
	}))
	return must(asn1.Marshal(struct {
		A algorithm
		B []byte
	}{algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, asn1.RawValue{FullBytes: inner}}, noise(200)}))
}

// container returns the beginning of a PFX (RFC 7292 4).
func container() []byte {
	return must(asn1.Marshal(struct {
		Version int
		Safe    struct {
			ID      asn1.ObjectIdentifier
			Content []byte `asn1:"explicit,tag:0"`
		}
	}{Version: 3, Safe: struct {
		ID      asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, noise(400)}}))
}

// texts returns private material as text.
func texts() []secret {
	all := binaries()
	der := all[1].text
	var out []secret
	for _, kind := range []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "ANY PRIVATE KEY"} {
		out = append(out, secret{"PEM " + kind, armour(kind, der), Key})
	}
	block := pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: noise(600)}
	return append(out,
		secret{"PEM with headers", pem.EncodeToMemory(&block), Key},
		secret{"PGP", bytes.ReplaceAll(armour("PGP PRIVATE KEY BLOCK", noise(600)), []byte("BLOCK-----\n"), []byte("BLOCK-----\nVersion: 1\n\n")), Key},
		secret{"SSH2", fmt.Appendf(nil, "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"me\"\n%s\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", wrap(base64.StdEncoding.EncodeToString(noise(300)), 70)), Key},
		secret{"PuTTY", fmt.Appendf(nil, "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 3\n%s\nPrivate-MAC: 00\n", wrap(base64.StdEncoding.EncodeToString(noise(144)), 64)), Key},
		secret{"without an end", bytes.TrimSuffix(armour("PRIVATE KEY", all[0].text), []byte("-----END PRIVATE KEY-----\n")), Key},
		secret{"without a beginning", bytes.TrimPrefix(armour("PRIVATE KEY", all[0].text), []byte("-----BEGIN PRIVATE KEY-----\n")), Key},
		secret{"JSON web key", must(json.Marshal(map[string]string{"kty": "EC", "crv": "P-256", "d": base64.RawURLEncoding.EncodeToString(noise(32))})), Key},
		secret{"OpenSSL's words", []byte("Private-Key: (2048 bit)\nprivateExponent:\n    00:d5:3c:" + strings.Repeat("ab:\n    cd:", 12) + "01\nprime1:\n"), Key},
		secret{"age", []byte(ageKey), Identity},
		secret{"age in lower case", []byte(strings.ToLower(ageKey)), Identity},
		secret{"age after quantum computers", []byte(agePQ), Identity},
		secret{"age with a stick", []byte(ageStick), Identity},
		secret{"age in a file", []byte("# created: 2026-12-01\n# public key: age1abc\n" + ageKey + "\n"), Identity},
		secret{"token", []byte(token), Token},
		secret{"token in capitals", []byte(strings.ToUpper(token)), Token},
	)
}

func wrap(s string, width int) string {
	var lines []string
	for ; len(s) > width; s = s[width:] {
		lines = append(lines, s[:width])
	}
	return strings.Join(append(lines, s), "\n")
}

func indented(s, by string) string { return strings.ReplaceAll(s, "\n", "\n"+by) }

// garments are the texts and encodings in which private material may appear.
var garments = []struct {
	name   string
	dress  func([]byte) string
	binary bool // also works for bytes that are not text
}{
	{"as it is", func(b []byte) string { return string(b) }, true},
	{"in a YAML block", func(b []byte) string {
		return "data:\n  key: |\n      " + indented(string(b), "      ") + "\n  more: x\n"
	}, false},
	{"in quotes", func(b []byte) string { return `{"key": ` + string(must(json.Marshal(string(b)))) + `, "more": 1}` }, false},
	{"with CRLF", func(b []byte) string { return strings.ReplaceAll(string(b), "\n", "\r\n") }, false},
	{"in a comment", func(b []byte) string { return "a: b\n# " + indented(string(b), "# ") }, false},
	{"escaped", func(b []byte) string {
		var s strings.Builder
		for _, c := range b {
			fmt.Fprintf(&s, "\\x%02x", c)
		}
		return `key: "` + s.String() + `"`
	}, false},
	{"partly escaped", func(b []byte) string {
		return `key: "` + strings.NewReplacer("\n", `\n`, `"`, `\"`, "E", `\u0045`, "5", `\x35`).Replace(string(b)) + `"`
	}, false},
	{"base64", func(b []byte) string { return "data: {tls.key: " + base64.StdEncoding.EncodeToString(b) + "}" }, true},
	{"base64 for URLs", func(b []byte) string { return "key=" + base64.RawURLEncoding.EncodeToString(b) }, true},
	{"base64 in quotes", func(b []byte) string { return `{"tls.key": "` + base64.StdEncoding.EncodeToString(b) + `"}` }, true},
	{"base64 in 76 columns", func(b []byte) string { return wrap(base64.StdEncoding.EncodeToString(b), 76) }, true},
	{"base64 in 11 columns", func(b []byte) string {
		return "key: |\n  " + indented(wrap(base64.StdEncoding.EncodeToString(b), 11), "  ")
	}, true},
	{"base64 in 3 columns", func(b []byte) string { return wrap(base64.StdEncoding.EncodeToString(b), 3) }, true},
	{"base64 with escaped breaks", func(b []byte) string {
		return `"` + strings.ReplaceAll(wrap(base64.StdEncoding.EncodeToString(b), 64), "\n", `\n`) + `"`
	}, true},
	{"base64 as a list", func(b []byte) string {
		return "- " + strings.ReplaceAll(wrap(base64.StdEncoding.EncodeToString(b), 40), "\n", "\n- ")
	}, true},
	{"base64 with CRLF", func(b []byte) string {
		return strings.ReplaceAll(wrap(base64.StdEncoding.EncodeToString(b), 64), "\n", "\r\n")
	}, true},
	{"with a sign that cannot be seen", func(b []byte) string {
		at := len(b) / 2
		return string(b[:at]) + "\u200b" + string(b[at:])
	}, false},
	{"base64 behind a word", func(b []byte) string { return "see/secret/" + base64.StdEncoding.EncodeToString(b) }, true},
	{"base64 of base64", func(b []byte) string {
		return base64.StdEncoding.EncodeToString([]byte(wrap(base64.StdEncoding.EncodeToString(b), 76)))
	}, true},
	{"base64 of base64 of base64", func(b []byte) string {
		for range 3 {
			b = []byte(base64.StdEncoding.EncodeToString(b))
		}
		return string(b)
	}, true},
	{"base64 of a file around it", func(b []byte) string {
		return base64.StdEncoding.EncodeToString([]byte("kind: Secret\nstringData:\n  x: |\n    " + indented(string(b), "    ")))
	}, false},
	{"base64 of JSON with base64", func(b []byte) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"data":{"a":"Yg==","k":"` + base64.StdEncoding.EncodeToString(b) + `"}}`))
	}, true},
	{"hexadecimal", func(b []byte) string { return "x: " + hex.EncodeToString(b) }, true},
	{"hexadecimal in capitals", func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }, true},
	{"hexadecimal in 32 columns", func(b []byte) string { return wrap(hex.EncodeToString(b), 32) }, true},
	{"hexadecimal with colons", func(b []byte) string {
		var pairs []string
		for i, c := range b {
			if pairs = append(pairs, fmt.Sprintf("%02x", c)); i%15 == 14 {
				pairs[i] = pairs[i] + "\n   "
			}
		}
		return "    " + strings.ReplaceAll(strings.Join(pairs, ":"), "\n   :", ":\n    ")
	}, true},
	{"base64 of hexadecimal", func(b []byte) string { return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(b))) }, true},
}
