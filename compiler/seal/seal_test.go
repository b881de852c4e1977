package seal

import (
	"errors"
	"strings"
	"testing"

	"filippo.io/age"
)

func identity(t *testing.T) (recipient, secret string) {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i.Recipient().String(), i.String()
}

// TestEveryRecipientOpens seals to two and opens with either, and with no third.
func TestEveryRecipientOpens(t *testing.T) {
	first, firstKey := identity(t)
	second, secondKey := identity(t)
	_, strangerKey := identity(t)
	sealed, err := Ring{Recipients: []string{first, second}}.Seal([]byte("private"))
	if err != nil {
		t.Fatal(err)
	}
	if !Sealed(sealed) || strings.Contains(string(sealed), "private") {
		t.Error("it is not sealed")
	}
	for _, key := range []string{firstKey, "# a comment\n" + secondKey + "\n"} {
		if text, err := (Ring{Identities: []byte(key)}).Open(sealed); err != nil || string(text) != "private" {
			t.Errorf("got %q: %v", text, err)
		}
	}
	for _, key := range []string{strangerKey, "", " \n"} {
		if _, err := (Ring{Identities: []byte(key)}).Open(sealed); !errors.Is(err, ErrNoIdentity) {
			t.Errorf("got %v, want ErrNoIdentity", err)
		}
	}
}

// TestTornAndForeignTextsAreRefused opens what is no whole sealed file, with no word of the identity.
func TestTornAndForeignTextsAreRefused(t *testing.T) {
	recipient, key := identity(t)
	sealed, err := Ring{Recipients: []string{recipient}}.Seal([]byte("private"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range sealed {
		if text, err := (Ring{Identities: []byte(key)}).Open(sealed[:n]); err == nil {
			t.Fatalf("%d of %d bytes open: %q", n, len(sealed), text)
		}
	}
	_, err = Ring{Identities: []byte(key[:40])}.Open(sealed)
	if err == nil || strings.Contains(err.Error(), key[15:30]) {
		t.Errorf("got %v", err)
	}
	if Check(recipient) != nil || Check("age1xyz") == nil {
		t.Error("recipients are not told from others")
	}
}
