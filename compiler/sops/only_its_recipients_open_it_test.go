package sops

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"relayform/compiler/seal"
)

const (
	tlsKey = "tls.key"
	token  = "token"
)

var now = time.Date(2026, 12, 1, 12, 30, 0, 5, time.FixedZone("CET", 3600))

func identity(t *testing.T) (recipient string, opens seal.Ring) {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i.Recipient().String(), seal.Ring{Identities: []byte(i.String())}
}

func quantum(t *testing.T) (recipient string, opens seal.Ring) {
	t.Helper()
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return i.Recipient().String(), seal.Ring{Identities: []byte(i.String())}
}

func sealed(t *testing.T, key, value string, recipients ...string) Sealed {
	t.Helper()
	s, err := Seal(key, []byte(value), recipients, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOnlyItsRecipientsOpenIt encrypts to one recipient of each kind: either can decrypt, a third cannot.
func TestOnlyItsRecipientsOpenIt(t *testing.T) {
	first, opensFirst := identity(t)
	second, opensSecond := quantum(t)
	_, stranger := identity(t)
	_, quantumStranger := quantum(t)
	for _, key := range []string{tlsKey, token} {
		for _, value := range []string{"x", "private", "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIB\n", 700), "\x00\xff"} {
			s := sealed(t, key, value, first, second)
			if len(s.Keys) != 2 || s.Keys[0].Recipient != first || s.Keys[1].Recipient != second || s.LastModified != "2026-12-01T11:30:00Z" {
				t.Errorf("keys for %d recipients, of %s", len(s.Keys), s.LastModified)
			}
			both := seal.Ring{Identities: bytes.Join([][]byte{stranger.Identities, opensFirst.Identities, opensSecond.Identities}, []byte("\n"))}
			for who, ring := range map[string]seal.Ring{"first": opensFirst, "second": opensSecond, "both": both} {
				if got, err := s.Open(key, ring); err != nil || string(got) != value {
					t.Errorf("%s opens %q: %v", who, got, err)
				}
			}
			for who, ring := range map[string]seal.Ring{"a stranger": stranger, "a quantum stranger": quantumStranger, "nobody": {}, "a recipient": {Recipients: []string{first}}} {
				if got, err := s.Open(key, ring); !errors.Is(err, seal.ErrNoIdentity) || got != nil {
					t.Errorf("%s opens %q: %v", who, got, err)
				}
			}
		}
	}
	s := sealed(t, token, "private", first)
	if _, err := s.Open(token, seal.Ring{Identities: []byte("hunter2")}); err == nil || errors.Is(err, seal.ErrNoIdentity) || !strings.HasPrefix(err.Error(), "the identity given is not an age identity") {
		t.Errorf("no identity at all: %v", err)
	}
}

// TestNothingIsEncryptedToNobody encrypts to no recipient, to an invalid one, to the same one twice, and an empty value: the result would
// be lost, or in plain text.
func TestNothingIsEncryptedToNobody(t *testing.T) {
	recipient, _ := identity(t)
	for name, c := range map[string]struct {
		value      string
		recipients []string
		want       string
	}{
		"to nobody":    {"private", nil, "encrypted to nobody"},
		"to no one":    {"private", []string{"age1xyz"}, "age1xyz: not an age recipient"},
		"beside a one": {"private", []string{recipient, ""}, "not an age recipient"},
		"twice":        {"private", []string{recipient, recipient}, "this recipient is listed twice"},
		"nothing":      {"", []string{recipient}, "token: nothing to encrypt"},
	} {
		s, err := Seal(token, []byte(c.value), c.recipients, rand.Reader, now)
		if err == nil || !strings.Contains(err.Error(), c.want) || s.Value != "" || s.Keys != nil {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if s, err := Seal(token, []byte("private"), []string{recipient}, rand.Reader, now.AddDate(9000, 0, 0)); err == nil {
		t.Errorf("a time that RFC 3339 cannot write: %s", s.LastModified)
	}
}

// TestRandomnessIsNeverShort provides less randomness than the data key and two nonces need, and exactly enough: missing bytes are not
// zero, and nothing is used twice.
func TestRandomnessIsNeverShort(t *testing.T) {
	recipient, opens := identity(t)
	const needed = dataKeySize + 2*nonceSize
	for n := range int64(needed) {
		want := []string{"data key: ", "token: ", "mac: "}[n/32]
		s, err := Seal(token, []byte("private"), []string{recipient}, io.LimitReader(rand.Reader, n), now)
		if err == nil || !strings.HasPrefix(err.Error(), want) || s.Keys != nil {
			t.Fatalf("%d of %d bytes: %v, want %q", n, needed, err, want)
		}
	}
	s, err := Seal(token, []byte("private"), []string{recipient}, io.LimitReader(rand.Reader, needed), now)
	if err != nil {
		t.Fatal(err)
	}
	again := sealed(t, token, "private", recipient)
	value, _ := parse(s.Value)
	other, _ := parse(again.Value)
	if bytes.Equal(value.nonce, other.nonce) || bytes.Equal(value.data, other.data) {
		t.Error("the same value twice is encrypted the same")
	}
	mac, _ := parse(s.MAC)
	if bytes.Equal(value.nonce, mac.nonce) {
		t.Error("value and MAC have one nonce")
	}
	one, err := opens.OpenArmored(s.Keys[0].Enc)
	if err != nil {
		t.Fatal(err)
	}
	two, err := opens.OpenArmored(again.Keys[0].Enc)
	if err != nil || bytes.Equal(one, two) {
		t.Errorf("two values have one data key (%v)", err)
	}
	fixed := bytes.NewReader(bytes.Repeat([]byte{7}, needed))
	if _, err := Seal(token, []byte("private"), []string{recipient}, fixed, now); err == nil || !strings.Contains(err.Error(), "the same iv") {
		t.Errorf("randomness that repeats itself: %v", err)
	}
}
