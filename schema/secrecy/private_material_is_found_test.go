package secrecy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// mixed are forms that also contain public words, which may be shown.
var mixed = map[string]bool{"age in a file": true, "OpenSSL's words": true, "JSON web key": true}

// TestPrivateMaterialIsFound puts each form into each garment, alone and with honest text around it.
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

// TestEachOfSeveralIsHidden puts one private value beside another.
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

// leaks reports whether a part of the private text is left: a long word of it that is not in the honest text.
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

// TestHeldIsTheMaterial checks that Material is the key itself, wherever it was found.
func TestHeldIsTheMaterial(t *testing.T) {
	for _, s := range binaries()[:8] {
		for _, text := range []string{string(s.text), string(armour("PRIVATE KEY", s.text)), "k: |\n   " + indented(string(armour("PRIVATE KEY", s.text)), "   "),
			string(must(json.Marshal(string(armour("X PRIVATE KEY", s.text))))), base64.StdEncoding.EncodeToString(armour("PRIVATE KEY", s.text)), hex.EncodeToString(s.text)} {
			if places := Find([]byte(text)); len(places) != 1 || !bytes.Equal(places[0].Material, s.text) {
				t.Errorf("%s: %d places, holding something else", s.name, len(places))
			}
		}
	}
}

// TestPlaces checks lines and offsets.
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

// TestSlowTextsEnd looks through texts that are made to be slow. A search whose time grows with the square of the size would not end before
// the time limit of go test.
func TestSlowTextsEnd(t *testing.T) {
	size := 1 << 16
	if os.Getenv("RELAYFORM_LONG") != "" {
		size = 1 << 20
	}
	for name, unit := range map[string]string{
		"begin": "-----BEGIN PRIVATE KEY-----", "begin in lines": "-----BEGIN PRIVATE KEY-----\nMIIE\n", "end": "\n-----END PRIVATE KEY-----", "end in a row": "QUJD-----END PRIVATE KEY-----",
		"private": "PRIVATE ", "kty": `"kty":"EC"`, "priv": "priv: 00:", "putty": "Private-Lines:", "escape": `\x41`, "escape in quotes": `"\x41"`, "backslash": `\`,
		"base64": "QUJDREVGR0hJSktMTU5P", "hex": "deadbeef", "pairs": "de:", "words": "some words of prose ", "der": "\x30\x82\x01\x00\x02\x01\x00", "openssh": "openssh-key-v1\x00", "java": string(javaKeys),
		"age": "AGE-SECRET-KEY-1 ", "dashes": "AGE-PLUGIN-", "base64 of marks": base64.StdEncoding.EncodeToString([]byte("openssh-key-v1\x00xxx")), "twice": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("-----BEGIN PRIVATE KEY-----\nM")))),
		"newlines": "\n", "version": "\x02\x01",
	} {
		t.Run(name, func(*testing.T) { Find([]byte(strings.Repeat(unit, size/len(unit))), digest(token)) })
	}
}
