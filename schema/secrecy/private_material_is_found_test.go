package secrecy

import (
	"bytes"
	"crypto/dsa" //nolint:staticcheck // old keys are found, too
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
	"testing"
	"time"
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

// secret is a form of private material: its text, and a part of it that may be shown nowhere.
type secret struct {
	name string
	text []byte
	kind Kind
}

// must is for what cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func armour(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// binaries are private keys and containers as bytes.
func binaries() []secret {
	r := must(rsa.GenerateKey(rand.Reader, 2048))
	e := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	e5 := must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	x := must(ecdh.X25519().GenerateKey(rand.Reader))
	old := dsa.PrivateKey{X: new(big.Int).SetBytes(noise(20))}
	old.P, old.Q, old.G, old.Y = r.N, new(big.Int).SetBytes(noise(20)), r.N, r.N
	return []secret{
		{"PKCS 8 of RSA", must(x509.MarshalPKCS8PrivateKey(r)), Key},
		{"PKCS 8 of ECDSA", must(x509.MarshalPKCS8PrivateKey(e)), Key},
		{"PKCS 8 of P-521", must(x509.MarshalPKCS8PrivateKey(e5)), Key},
		{"PKCS 8 of Ed25519", must(x509.MarshalPKCS8PrivateKey(ed)), Key},
		{"PKCS 8 of X25519", must(x509.MarshalPKCS8PrivateKey(x)), Key},
		{"PKCS 1", x509.MarshalPKCS1PrivateKey(r), Key},
		{"SEC 1", must(x509.MarshalECPrivateKey(e)), Key},
		{"SEC 1 of P-521", must(x509.MarshalECPrivateKey(e5)), Key},
		{"DSA", must(asn1.Marshal([]*big.Int{big.NewInt(0), old.P, old.Q, old.G, old.Y, old.X})), Key},
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

// encryptedKey is an EncryptedPrivateKeyInfo with PBES2 (RFC 5958 3).
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

// container is how a PFX begins (RFC 7292 4).
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

// texts are private material as text.
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

// garments are what private material may be dressed in.
var garments = []struct {
	name   string
	dress  func([]byte) string
	binary bool // fit for bytes that are no text
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

// mixed are forms that hold public words, too, which may be shown.
var mixed = map[string]bool{"age in a file": true, "OpenSSL's words": true, "JSON web key": true}

// TestPrivateMaterialIsFound dresses each form in each garment, alone and among honest text.
func TestPrivateMaterialIsFound(t *testing.T) {
	around := func(s string) string { return "honest: text, and more of it\n" + s + "\nmore: honest text\n" }
	n := 0
	for _, s := range append(texts(), binaries()...) {
		for _, g := range garments {
			printable := !bytes.ContainsFunc(s.text, func(r rune) bool { return r > 0x7e || r < ' ' && r != '\n' && r != '\r' })
			if !g.binary && !printable {
				continue
			}
			for _, text := range []string{g.dress(s.text), around(g.dress(s.text))} {
				n++
				places := Find([]byte(text), digest(token))
				if len(places) != 1 && !(s.name == "JSON web key" && len(places) > 0) {
					t.Errorf("%s, %s: %d places: %v\n%.600s", s.name, g.name, len(places), places, text)
					continue
				}
				if places[0].Kind != s.kind {
					t.Errorf("%s, %s: it is taken for %s", s.name, g.name, places[0].Kind)
				}
				if hidden := string(Hide([]byte(text), places)); len(Find([]byte(hidden), digest(token))) > 0 || !mixed[s.name] && leaks(hidden, text) {
					t.Errorf("%s, %s: some of it is left in\n%.900s\nof\n%.900s", s.name, g.name, hidden, text)
				} else if strings.Count(hidden, "\n") != strings.Count(text, "\n") {
					t.Errorf("%s, %s: lines are lost", s.name, g.name)
				}
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d texts", n)
	}
}

// TestEachOfSeveralIsHidden puts one beside the other.
func TestEachOfSeveralIsHidden(t *testing.T) {
	all := append(texts(), binaries()...)
	for _, s := range all {
		for _, other := range []string{"PEM PRIVATE KEY", "SEC 1", "age", "token"} {
			for _, o := range all {
				if o.name != other || mixed[s.name] {
					continue
				}
				for _, between := range []string{", ", " ", "\n", "\n- ", ": "} {
					for _, g := range garments[7:10] {
						one, two := g.dress(s.text), g.dress(o.text)
						if other == "age" || other == "token" {
							two = string(o.text)
						}
						for _, text := range []string{one + between + two, two + between + one, two + between + two + between + one} {
							hidden := Mask(text, digest(token))
							if len(Find([]byte(hidden), digest(token))) > 0 || leaks(hidden, text) {
								t.Errorf("%s and %s, %s, %q between: some is left in\n%.900s\nof\n%.900s", s.name, other, g.name, between, hidden, text)
							}
						}
					}
				}
			}
		}
	}
}

// leaks reports whether the private half of a text is left: long words of it that honest text has not.
func leaks(hidden, text string) bool {
	for word := range strings.FieldsFuncSeq(hidden, func(r rune) bool { return strings.ContainsRune(" \n\r\t\"'{}:,\\|#", r) }) {
		if len(word) > 24 && strings.Contains(text, word) && !strings.HasPrefix(word, "see/") {
			if b, err := base64.StdEncoding.DecodeString(word); err != nil || !bytes.Contains(b, []byte("kind: Secret")) {
				return true
			}
		}
	}
	return false
}

func TestTokensOfAnyForm(t *testing.T) {
	raw := must(hex.DecodeString(token))
	for name, text := range map[string]string{
		"glued":            "dead" + token + "beef",
		"twice":            token + token,
		"its number":       base64.StdEncoding.EncodeToString(raw),
		"with a break":     base64.StdEncoding.EncodeToString([]byte(token + "\n")),
		"behind a word":    "token=" + token,
		"as its file":      token + "\n",
		"split over lines": token[:30] + "\n  " + token[30:],
	} {
		if places := Find([]byte(text), digest(token)); len(places) == 0 || places[0].Kind != Token || strings.Contains(Mask(text, digest(token)), token) {
			t.Errorf("%s: %v", name, places)
		}
		if places := Find([]byte(text)); len(places) != 0 {
			t.Errorf("%s: found without knowing its digest", name)
		}
	}
}

// TestHeldIsTheMaterial reads keys back from where they were found.
func TestHeldIsTheMaterial(t *testing.T) {
	for _, s := range binaries()[:8] {
		for _, text := range []string{string(s.text), string(armour("PRIVATE KEY", s.text)), "k: |\n   " + indented(string(armour("PRIVATE KEY", s.text)), "   "),
			string(must(json.Marshal(string(armour("X PRIVATE KEY", s.text))))), base64.StdEncoding.EncodeToString(armour("PRIVATE KEY", s.text)), hex.EncodeToString(s.text)} {
			if places := Find([]byte(text)); len(places) != 1 || !bytes.Equal(places[0].Held, s.text) {
				t.Errorf("%s: %d places, holding something else", s.name, len(places))
			}
		}
	}
}

// TestPlaces says where, as an editor would.
func TestPlaces(t *testing.T) {
	text := "a: b\nc: |\n  " + indented(string(armour("PRIVATE KEY", noise(60))), "  ") + "\nd: " + ageKey + "\n"
	places := Find([]byte(text))
	if len(places) != 2 || places[0].Line != 3 || places[1].Line != 8 || text[places[1].Start:places[1].End] != ageKey {
		t.Errorf("got %v", places)
	}
	if got, want := string(Hide([]byte(text), places)), "a: b\nc: |\n  ***\n***\n***\n***\n  \nd: ***\n"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}

// TestTimeIsLinear looks through texts that are made to be slow.
func TestTimeIsLinear(t *testing.T) {
	const size = 1 << 19
	for name, unit := range map[string]string{
		"begin": "-----BEGIN PRIVATE KEY-----", "begin in lines": "-----BEGIN PRIVATE KEY-----\nMIIE\n", "end": "\n-----END PRIVATE KEY-----", "end in a row": "QUJD-----END PRIVATE KEY-----",
		"private": "PRIVATE ", "kty": `"kty":"EC"`, "priv": "priv: 00:", "putty": "Private-Lines:", "escape": `\x41`, "escape in quotes": `"\x41"`, "backslash": `\`,
		"base64": "QUJDREVGR0hJSktMTU5P", "hex": "deadbeef", "pairs": "de:", "words": "some words of prose ", "der": "\x30\x82\x01\x00\x02\x01\x00", "openssh": "openssh-key-v1\x00", "java": string(javaKeys),
		"age": "AGE-SECRET-KEY-1 ", "dashes": "AGE-PLUGIN-", "base64 of marks": base64.StdEncoding.EncodeToString([]byte("openssh-key-v1\x00xxx")), "twice": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("-----BEGIN PRIVATE KEY-----\nM")))),
		"newlines": "\n", "version": "\x02\x01",
	} {
		text := []byte(strings.Repeat(unit, size/len(unit)))
		took := func(text []byte) time.Duration {
			began := time.Now()
			Find(text, digest(token))
			return time.Since(began)
		}
		eighth := took(text[:len(text)/8])
		if whole := took(text); whole > 32*eighth+time.Second {
			t.Errorf("%s: %s for an eighth, %s for all", name, eighth, whole)
		}
	}
}
