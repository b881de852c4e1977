package sops

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"relayform/compiler/seal"
)

// fields returns the strings of a Secret's private value, by name.
func fields(s *Sealed) map[string]*string {
	return map[string]*string{"enc": &s.Keys[0].Enc, "recipient": &s.Keys[0].Recipient, "lastmodified": &s.LastModified, "value": &s.Value, "mac": &s.MAC}
}

func clone(s Sealed) Sealed {
	s.Keys = append([]Key(nil), s.Keys...)
	return s
}

// refused decrypts something that was changed. The error must not ask for another identity if the file is at fault.
func refused(t *testing.T, what string, s Sealed, key string, ring seal.Ring, want string) {
	t.Helper()
	if got, err := s.Open(key, ring); err == nil || got != nil || errors.Is(err, seal.ErrNoIdentity) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s: opens %q: %v, want %q", what, got, err, want)
	}
}

// TestEveryEditIsNoticed changes every character of every field, and removes and adds at every position. A truncation is detected without a
// key.
func TestEveryEditIsNoticed(t *testing.T) {
	recipient, ring := identity(t)
	whole := sealed(t, token, "private", recipient)
	for name := range fields(&whole) {
		text := *fields(&whole)[name]
		for i := range text {
			letter := "A"
			if text[i] == 'A' {
				letter = "B"
			}
			if text[i] >= '0' && text[i] <= '9' && name == "lastmodified" {
				letter = string('0' + (text[i]-'0'+1)%10)
			}
			edited, cut, longer := clone(whole), clone(whole), clone(whole)
			*fields(&edited)[name] = text[:i] + letter + text[i+1:]
			refused(t, name+" edited", edited, token, ring, "")
			*fields(&longer)[name] = text[:i] + letter + text[i:]
			refused(t, name+" longer", longer, token, ring, "")
			*fields(&cut)[name] = text[:i]
			if text[i:] == "\n" {
				continue // YAML may have removed it
			}
			if err := cut.Check(); err == nil {
				t.Errorf("%s: nobody sees that it ends after %d of %d letters", name, i, len(text))
			} else {
				refused(t, name+" cut", cut, token, ring, err.Error())
			}
		}
	}
}

// TestSwapsAreNoticed replaces each field with that of another value for the same recipient, for another place and from an earlier time.
func TestSwapsAreNoticed(t *testing.T) {
	recipient, ring := identity(t)
	one, other := sealed(t, token, "private", recipient), sealed(t, token, "private", recipient)
	other.LastModified = "2026-12-01T11:30:01Z"
	const edited = "edited or swapped since it was encrypted"
	for name, want := range map[string]string{
		"enc":          "token: " + edited,
		"value":        "token: " + edited,
		"mac":          "mac, or lastmodified: " + edited,
		"lastmodified": "mac, or lastmodified: " + edited,
	} {
		swapped := clone(one)
		*fields(&swapped)[name] = *fields(&other)[name]
		if *fields(&one)[name] == *fields(&swapped)[name] {
			t.Fatalf("%s: both have the same", name)
		}
		refused(t, name, swapped, token, ring, want)
	}
	refused(t, "the place of another key", one, tlsKey, ring, "tls.key: "+edited)
	swapped := clone(one)
	swapped.Value, swapped.MAC = one.MAC, one.Value
	refused(t, "value and MAC", swapped, token, ring, "mac: 12 bytes are encrypted")
}

// forged encrypts with a given data key, which only a recipient can know.
func forged(t *testing.T, text, mac string, dataKey []byte, recipient string) Sealed {
	t.Helper()
	enc, err := seal.Ring{Recipients: []string{recipient}}.SealArmored(dataKey)
	if err != nil {
		t.Fatal(err)
	}
	s := Sealed{Keys: []Key{{recipient, enc}}, LastModified: "2026-12-01T11:30:00Z"}
	if s.Value, err = encrypt(text, dataKey, path(token), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if s.MAC, err = encrypt(mac, dataKey, s.LastModified, rand.Reader); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestValueAndMACBelongTogether decrypts values that decrypt but are not private values.
func TestValueAndMACBelongTogether(t *testing.T) {
	recipient, ring := identity(t)
	text := base64.StdEncoding.EncodeToString([]byte("private"))
	dataKey := make([]byte, dataKeySize)
	if got, err := forged(t, text, digest(text), dataKey, recipient).Open(token, ring); err != nil || string(got) != "private" {
		t.Fatalf("%q: %v", got, err)
	}
	for name, c := range map[string]struct {
		text, mac string
		dataKey   []byte
		want      string
	}{
		"another value's MAC":  {text, digest("cHVibGlj"), dataKey, "mac: it belongs to a value other than token"},
		"a MAC in lower case":  {text, strings.ToLower(digest(text)), dataKey, "mac: it belongs to a value other"},
		"no base64":            {"private!", digest("private!"), dataKey, "token: decrypts to no base64"},
		"base64 in two lines":  {"cHJp\ndg\n", digest("cHJp\ndg\n"), dataKey, "token: decrypts to no base64"},
		"base64 that was bent": {"cHJpdh==", digest("cHJpdh=="), dataKey, "token: decrypts to no base64"},
		"a shorter data key":   {text, digest(text), dataKey[:16], "data key for " + recipient + ": it has 16 bytes; want 32"},
	} {
		refused(t, name, forged(t, c.text, c.mac, c.dataKey, recipient), token, ring, c.want)
	}
	enc, err := seal.Ring{Recipients: []string{recipient}}.SealArmored(nil)
	if err != nil {
		t.Fatal(err)
	}
	none := forged(t, text, digest(text), dataKey, recipient)
	none.Keys[0].Enc = enc
	refused(t, "no data key", none, token, ring, "data key for "+recipient+": it has 0 bytes")
}

// TestDataKeysAreTheirRecipients detects a data key that is encrypted to someone other than the file says, or differs from the others.
func TestDataKeysAreTheirRecipients(t *testing.T) {
	first, opensFirst := identity(t)
	second, opensSecond := identity(t)
	third, _ := identity(t)
	both := seal.Ring{Identities: []byte(string(opensFirst.Identities) + "\n" + string(opensSecond.Identities))}
	s := sealed(t, token, "private", first, second)

	const others = "encrypted to another: edited or swapped"
	swapped := clone(s)
	swapped.Keys[0].Enc, swapped.Keys[1].Enc = s.Keys[1].Enc, s.Keys[0].Enc
	refused(t, "swapped", swapped, token, opensFirst, "data key for "+first+": "+others)
	refused(t, "swapped", swapped, token, opensSecond, "data key for "+first+": "+others)

	renamed := clone(s)
	renamed.Keys[0].Recipient = third
	refused(t, "for a third", renamed, token, opensFirst, "data key for "+third+": "+others)

	another := clone(s)
	another.Keys[1] = sealed(t, token, "private", second).Keys[0]
	refused(t, "of another file", another, token, both, "data key for "+second+": not the same as for the recipients before it")
	refused(t, "of another file", another, token, opensSecond, "token: edited or swapped")

	twice := clone(s)
	twice.Keys[1].Recipient = first
	refused(t, "twice", twice, token, opensFirst, first+": this recipient is listed twice")
}
