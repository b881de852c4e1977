package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
)

// armored is the first line of an armored file (age-encryption.org/v1).
const armored = "-----BEGIN AGE ENCRYPTED FILE-----"

// plugin is the prefix of an identity for an age plugin.
const plugin = "AGE-PLUGIN-"

const wanted = "want a file as age-keygen writes it, with a line AGE-SECRET-KEY-1…"

// IsIdentity reports whether a text is an identity itself, or one of another program, rather than a file name.
func IsIdentity(text string) bool {
	upper := strings.ToUpper(text)
	for _, begin := range []string{"AGE-SECRET-KEY-", plugin, "-----BEGIN ", strings.ToUpper(intro)} {
		if strings.Contains(upper, begin) {
			return true
		}
	}
	return false
}

// identities parses the given identities.
func (r Ring) identities() ([]age.Identity, error) {
	if len(bytes.TrimSpace(r.Identities)) == 0 {
		return nil, ErrNoIdentity
	}
	with, err := age.ParseIdentities(bytes.NewReader(r.Identities))
	if err != nil { // its text may contain a piece of the identity
		return nil, unusable(string(r.Identities))
	}
	return with, nil
}

// Own returns the recipients of the identities. The error is ErrNoIdentity if there are none.
func (r Ring) Own() ([]string, error) {
	with, err := r.identities()
	if err != nil {
		return nil, err
	}
	var own []string
	for _, identity := range with {
		if recipient, known := recipientOf(identity); known {
			own = append(own, recipient)
		}
	}
	return own, nil
}

// unusable says what is wrong with identities, without quoting them.
func unusable(text string) error {
	if strings.HasPrefix(text, intro) || strings.HasPrefix(strings.TrimSpace(text), armored) {
		return errors.New(`the identity given is encrypted itself, and relayform asks for no passphrase; decrypt it on the way: --identity <(age --decrypt identity.age)`)
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "-----BEGIN ") && strings.HasSuffix(line, " PRIVATE KEY-----"), strings.HasPrefix(line, "PuTTY-User-Key-File"):
			return fmt.Errorf("the identity given is not an age identity: line %d begins an SSH key or another private key; %s", n, wanted)
		case strings.HasPrefix(strings.ToUpper(line), plugin):
			return fmt.Errorf("the identity given has an age plugin's identity in line %d, but relayform runs no plugins; %s", n, wanted)
		case strings.HasPrefix(line, "age1") || strings.HasPrefix(line, "ssh-"):
			return fmt.Errorf("the identity given has a recipient in line %d, which encrypts and does not decrypt; %s", n, wanted)
		}
	}
	return fmt.Errorf("the identity given is not an age identity; %s", wanted)
}

// mismatch says why no identity decrypts a file: it may not be one of relayform's.
func mismatch(err *age.NoIdentityMatchError) error {
	for _, kind := range err.StanzaTypes {
		switch kind {
		case "X25519", "mlkem768x25519":
			return ErrNoIdentity
		case "scrypt":
			return errors.New("encrypted with a passphrase, which relayform never does and does not ask for; put the file back as relayform encrypted it, or as it is in plain: the next compile encrypts it")
		}
	}
	return errors.New("encrypted for a plugin of age or an SSH key, which relayform never does; put the file back as relayform encrypted it, or as it is in plain: the next compile encrypts it")
}
