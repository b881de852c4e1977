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

// TestEveryRecipientOpens encrypts to two recipients: either can decrypt, a third cannot.
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

// TestTornAndForeignTextsAreRefused decrypts truncated and other files, without quoting the identity.
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

// TestRecipientsAreSealedToOrRefused encrypts to an invalid recipient together with a valid one: a key encrypted to nobody is lost, and one
// not encrypted is readable.
func TestRecipientsAreSealedToOrRefused(t *testing.T) {
	recipient, key := identity(t)
	for _, bad := range []string{"", "age1xyz", key, "# " + recipient, recipient + "x"} {
		for _, to := range [][]string{{bad}, {recipient, bad}, {bad, recipient}} {
			sealed, err := Ring{Recipients: to}.Seal([]byte("private"))
			if err == nil || len(sealed) > 0 || !strings.Contains(err.Error(), "not an age recipient; want one as age-keygen prints it, age1") {
				t.Errorf("%q: sealed %d bytes: %v", to, len(sealed), err)
			}
		}
		if Check(bad) == nil {
			t.Errorf("%q passes for a recipient", bad)
		}
	}
	if _, err := (Ring{}).Seal([]byte("private")); err == nil {
		t.Error("sealed to nobody")
	}
	if (Ring{Identities: []byte(key)}).Sealing() || !(Ring{Recipients: []string{recipient}}).Sealing() {
		t.Error("a ring seals where it has recipients, and only there")
	}
}

// TestDamageIsNotTakenForAMissingIdentity changes each byte of an encrypted file, and decrypts what was never encrypted: the error must not
// ask for another identity.
func TestDamageIsNotTakenForAMissingIdentity(t *testing.T) {
	recipient, key := identity(t)
	sealed, err := Ring{Recipients: []string{recipient}}.Seal([]byte("private"))
	if err != nil {
		t.Fatal(err)
	}
	ring := Ring{Identities: []byte(key)}
	for i := range sealed {
		damaged := append([]byte(nil), sealed...)
		damaged[i] ^= 1
		if text, err := ring.Open(damaged); err == nil {
			t.Fatalf("byte %d of %d is another, and it opens: %q", i, len(sealed), text)
		}
	}
	mac := strings.Index(string(sealed), "\n--- ") + len("\n--- ")
	for where, at := range map[string]int{"its end": len(sealed) - 1, "the seal of its head": mac} {
		damaged := append([]byte(nil), sealed...)
		damaged[at] ^= 1
		if _, err := ring.Open(damaged); err == nil || errors.Is(err, ErrNoIdentity) {
			t.Errorf("%s is another: %v", where, err)
		}
	}
	for _, text := range []string{"", "private", "age-encryption.org/v2\n", "age-encryption.org/v1", " " + string(sealed)} {
		for _, r := range []Ring{ring, {}} {
			if _, err := r.Open([]byte(text)); err == nil || !strings.Contains(err.Error(), "not encrypted with age: half copied, or changed") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
	if _, err := (Ring{Identities: []byte("\n\t " + key)}).Open(sealed); errors.Is(err, ErrNoIdentity) {
		t.Errorf("a space before an identity: %v", err)
	}
}
