package seal

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// lock returns the output of age -p.
func lock(t *testing.T, text, passphrase string, letters bool) string {
	t.Helper()
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(4)
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	out := io.Writer(&b)
	if letters {
		out = a
	}
	w, err := age.Encrypt(out, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if letters {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestIdentitiesThatDoNotServe provides what people may have instead of an identity: the error says what it is and what is wanted, and
// quotes no part of it.
func TestIdentitiesThatDoNotServe(t *testing.T) {
	recipient, key := identity(t)
	sealed, err := Ring{Recipients: []string{recipient}}.Seal([]byte("private"))
	if err != nil {
		t.Fatal(err)
	}
	const body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
	for name, c := range map[string]struct{ given, want string }{
		"encrypted with a passphrase": {lock(t, key, "secret", false), "asks for no passphrase"},
		"encrypted, in letters":       {"\n" + lock(t, key, "secret", true), "asks for no passphrase"},
		"encrypted to another":        {string(sealed), "encrypted itself"},
		"an SSH key":                  {"-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\n-----END OPENSSH PRIVATE KEY-----\n", "line 1 begins an SSH key"},
		"an old SSH key":              {"-----BEGIN RSA PRIVATE KEY-----\n" + body, "line 1 begins an SSH key"},
		"an SSH key, Windows' lines":  {"-----BEGIN PRIVATE KEY-----\r\n" + body + "\r\n", "line 1 begins an SSH key"},
		"PuTTY's":                     {"PuTTY-User-Key-File-3: ssh-ed25519\n" + body, "line 1 begins an SSH key"},
		"a plugin's":                  {"#       Serial: 15\nAGE-PLUGIN-YUBIKEY-1" + strings.ToUpper(body), "age plugin's identity in line 2"},
		"a plugin's beside age's":     {key + "\nage-plugin-se-1" + body, "age plugin's identity in line 2"},
		"a recipient":                 {recipient, "recipient in line 1"},
		"an SSH recipient":            {"ssh-ed25519 AAAAC3" + body, "recipient in line 1"},
		"cut short":                   {key[:40], "not an age identity"},
		"lower case":                  {strings.ToLower(key), "not an age identity"},
		"anything":                    {"hunter2 " + body, "not an age identity"},
		"not text":                    {"\x00\xff" + body, "not an age identity"},
	} {
		_, err := Ring{Identities: []byte(c.given)}.Open(sealed)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
			continue
		}
		for from := 0; from+10 < len(c.given); from++ {
			if part := c.given[from : from+10]; strings.Contains(err.Error(), part) && !strings.Contains(intro+wanted, part) {
				t.Errorf("%s: %q repeats %q", name, err, part)
			}
		}
	}
}

// TestFilesThatRelayformDidNotSeal decrypts files that age encrypted in other ways.
func TestFilesThatRelayformDidNotSeal(t *testing.T) {
	_, key := identity(t)
	_, err := Ring{Identities: []byte(key)}.Open([]byte(lock(t, "private", "secret", false)))
	if err == nil || !strings.Contains(err.Error(), "encrypted with a passphrase") {
		t.Errorf("got %v", err)
	}
	foreign := intro + "-> ssh-ed25519 AAAA " + strings.Repeat("A", 43) + "\n" + strings.Repeat("A", 43) + "\n--- " + strings.Repeat("A", 43) + "\n"
	_, err = Ring{Identities: []byte(key)}.Open([]byte(foreign))
	if err == nil || !strings.Contains(err.Error(), "a plugin of age or an SSH key") {
		t.Errorf("got %v", err)
	}
}

// TestRecipientsThatDoNotServe distinguishes a plugin's recipient from an invalid one, and refuses kinds that age does not mix.
func TestRecipientsThatDoNotServe(t *testing.T) {
	for name, c := range map[string]struct{ given, want string }{
		"a plugin's": {"age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt", "the age plugin yubikey"},
		"changed":    {"age1f7467spsgy79xcm6as8vqx48gg47r7qc35nj9fxaqup7a60ecg2s05jhgm", "not an age recipient"},
		"short":      {"age1", "not an age recipient"},
	} {
		if err := Check(c.given); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	quantum, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	old, _ := identity(t)
	mixed := []string{quantum.Recipient().String(), old}
	if _, err := (Ring{Recipients: mixed}).Seal([]byte("private")); err == nil {
		t.Error("age mixes them: nothing is to be refused")
	}
	if err := CheckAll(mixed); err == nil {
		t.Error("a mix is not refused")
	}
	for _, same := range [][]string{mixed[:1], mixed[1:], {old, old}} {
		if err := CheckAll(same); err != nil {
			t.Errorf("%v: %v", same, err)
		}
	}
	sealed, err := Ring{Recipients: mixed[:1]}.Seal([]byte("private"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := (Ring{Identities: []byte(quantum.String())}).Open(sealed); err != nil || string(text) != "private" {
		t.Errorf("got %q: %v", text, err)
	}
	_, stranger := identity(t)
	if _, err := (Ring{Identities: []byte(stranger)}).Open(sealed); err != ErrNoIdentity {
		t.Errorf("got %v, want ErrNoIdentity", err)
	}
}
