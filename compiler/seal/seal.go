// Package seal encrypts private files to age recipients, and decrypts them with age identities.
package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// Suffix ends the name of a sealed file.
const Suffix = ".age"

// intro is how a sealed file begins (age-encryption.org/v1).
const intro = "age-encryption.org/v1\n"

// ErrNoIdentity means that a file is sealed and none of the identities given opens it.
var ErrNoIdentity = errors.New("encrypted; give an identity that opens it with --identity FILE, or in RELAYFORM_IDENTITY")

var errTorn = errors.New("half copied, or changed since it was encrypted")

// Ring is whom private files are sealed to and what opens them. The zero Ring leaves files as they are.
type Ring struct {
	Recipients []string // age1…; none for files in plain
	Identities []byte   // text of age identity files
}

// Sealing reports whether files are sealed.
func (r Ring) Sealing() bool { return len(r.Recipients) > 0 }

// Check says what is wrong with a recipient.
func Check(recipient string) error {
	_, err := parse(recipient)
	return err
}

// CheckAll says what is wrong with recipients beside one another.
func CheckAll(recipients []string) error {
	quantum := 0
	for _, r := range recipients {
		if strings.HasPrefix(r, "age1pq1") {
			quantum++
		}
	}
	if quantum > 0 && quantum < len(recipients) { // age encrypts to no such company
		return errors.New("post-quantum recipients (age1pq1…) beside others, whom a quantum computer would serve as well; want all of one kind")
	}
	return nil
}

// Digest names a set of recipients, whatever their order: SHA-256, in hexadecimal.
func Digest(recipients []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(recipients)), "\n")))
	return hex.EncodeToString(sum[:])
}

func parse(recipient string) (age.Recipient, error) {
	parsed, err := age.ParseRecipients(strings.NewReader(recipient))
	if err == nil {
		return parsed[0], nil
	}
	if name, ok := strings.CutPrefix(recipient, "age1"); ok { // age1yubikey1…, and no 1 stands in what follows
		if end := strings.LastIndex(name, "1"); end > 0 {
			return nil, fmt.Errorf("a recipient of the age plugin %s, and relayform runs no plugins; want one as age-keygen prints it, age1…", name[:end])
		}
	}
	return nil, errors.New("not an age recipient; want one as age-keygen prints it, age1…")
}

// RecipientOf is the recipient whose files an identity opens; false where it is none, or one of a plugin.
func RecipientOf(identity string) (string, bool) {
	parsed, err := age.ParseIdentities(strings.NewReader(strings.ToUpper(identity)))
	if err != nil || len(parsed) != 1 {
		return "", false
	}
	return recipientOf(parsed[0])
}

func recipientOf(identity age.Identity) (string, bool) {
	switch i := identity.(type) {
	case *age.X25519Identity:
		return i.Recipient().String(), true
	case *age.HybridIdentity:
		return i.Recipient().String(), true
	}
	return "", false
}

// Seal encrypts text to every recipient.
func (r Ring) Seal(text []byte) ([]byte, error) {
	to := make([]age.Recipient, len(r.Recipients))
	for i, name := range r.Recipients {
		var err error
		if to[i], err = parse(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to...)
	if err != nil {
		return nil, err
	}
	if _, err = w.Write(text); err == nil {
		err = w.Close()
	}
	return sealed.Bytes(), err
}

// Open decrypts what Seal made. The error is ErrNoIdentity where no identity fits.
func (r Ring) Open(sealed []byte) ([]byte, error) {
	if !Sealed(sealed) {
		return nil, errors.New("not encrypted with age: half copied, or changed")
	}
	with, err := r.identities()
	if err != nil {
		return nil, err
	}
	var none *age.NoIdentityMatchError
	plain, err := age.Decrypt(bytes.NewReader(sealed), with...)
	if errors.As(err, &none) {
		return nil, mismatch(none)
	}
	if err != nil {
		return nil, errTorn
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		return nil, errTorn
	}
	return text, nil
}

// Sealed reports whether data begins as a sealed file does.
func Sealed(data []byte) bool { return bytes.HasPrefix(data, []byte(intro)) }
