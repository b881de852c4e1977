package seal

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// TestLettersHoldTheSameFile armors an encrypted file: its recipients can decrypt it as they can the file itself, and a truncated one is
// refused.
func TestLettersHoldTheSameFile(t *testing.T) {
	recipient, key := identity(t)
	_, stranger := identity(t)
	for _, size := range []int{0, 1, 32, 1000} { // short last lines, and full ones
		text := bytes.Repeat([]byte("p"), size)
		letters, err := Ring{Recipients: []string{recipient}}.SealArmored(text)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(letters, armored+"\n") || !strings.HasSuffix(letters, armor.Footer+"\n") || CheckArmored(letters) != nil {
			t.Errorf("not in letters: %q", letters)
		}
		if got, err := (Ring{Identities: []byte(key)}).OpenArmored(letters); err != nil || !bytes.Equal(got, text) {
			t.Errorf("opens %q: %v", got, err)
		}
		for _, other := range []string{stranger, ""} {
			if _, err := (Ring{Identities: []byte(other)}).OpenArmored(letters); !errors.Is(err, ErrNoIdentity) {
				t.Errorf("got %v, want ErrNoIdentity", err)
			}
		}
		for n := range len(letters) - 1 { // the last is a line end
			if CheckArmored(letters[:n]) == nil {
				t.Errorf("nobody sees that it ends after %d of %d letters", n, len(letters))
			}
			if got, err := (Ring{Identities: []byte(key)}).OpenArmored(letters[:n]); err == nil || errors.Is(err, ErrNoIdentity) {
				t.Errorf("%d of %d letters open %q: %v", n, len(letters), got, err)
			}
		}
	}
	for _, bad := range []string{"", "private", intro, key, armored + "\nAAAA\n" + armor.Footer, armored + "\n" + "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==\n" + armor.Footer} {
		if CheckArmored(bad) == nil {
			t.Errorf("passes for a file in letters: %q", bad)
		}
		if _, err := (Ring{Identities: []byte(key)}).OpenArmored(bad); err == nil || errors.Is(err, ErrNoIdentity) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if letters, err := (Ring{Recipients: []string{recipient, "age1xyz"}}).SealArmored([]byte("private")); err == nil || letters != "" {
		t.Errorf("%q: %v", letters, err)
	}
}

// TestIdentitiesNameTheirRecipients reads a mixture of all kinds of identities.
func TestIdentitiesNameTheirRecipients(t *testing.T) {
	recipient, key := identity(t)
	quantum, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{recipient, quantum.Recipient().String()}
	if own, err := (Ring{Identities: []byte(key + "\n# a comment\n" + quantum.String() + "\n")}).Own(); err != nil || !slices.Equal(own, want) {
		t.Errorf("got %q: %v", own, err)
	}
	if own, err := (Ring{Recipients: want}).Own(); !errors.Is(err, ErrNoIdentity) || own != nil {
		t.Errorf("got %q: %v", own, err)
	}
	if _, err := (Ring{Identities: []byte("hunter2")}).Own(); err == nil || !strings.Contains(err.Error(), "not an age identity") {
		t.Errorf("got %v", err)
	}
}
