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

// Suffix is the extension of an encrypted file.
const Suffix = ".age"

// intro is the beginning of an encrypted file (age-encryption.org/v1).
const intro = "age-encryption.org/v1\n"

// ErrNoIdentity means that a file is encrypted and none of the given identities decrypts it.
var ErrNoIdentity = errors.New("encrypted; give an identity that opens it with --identity FILE, or in RELAYFORM_IDENTITY")

var errTorn = errors.New("half copied, or changed since it was encrypted")

// Ring is the recipients to whom private files are encrypted, and the identities to decrypt them. The zero Ring leaves files in plain text.
type Ring struct {
	Recipients []string // age1…; none for plain text
	Identities []byte   // content of age identity files
}

// Sealing reports whether files are encrypted.
func (r Ring) Sealing() bool { return len(r.Recipients) > 0 }

// Check returns an error if a recipient is invalid.
func Check(recipient string) error {
	_, err := parse(recipient)
	return err
}

// CheckAll returns an error if recipients are invalid or cannot be combined.
func CheckAll(recipients []string) error {
	quantum := 0
	for _, r := range recipients {
		if strings.HasPrefix(r, "age1pq1") {
			quantum++
		}
	}
	if quantum > 0 && quantum < len(recipients) { // age does not combine these kinds
		return errors.New("post-quantum recipients (age1pq1…) beside others, whom a quantum computer would serve as well; want all of one kind")
	}
	return nil
}

// Digest returns the SHA-256 of a set of recipients, whatever their order, in hexadecimal.
func Digest(recipients []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(recipients)), "\n")))
	return hex.EncodeToString(sum[:])
}

func parse(recipient string) (age.Recipient, error) {
	parsed, err := age.ParseRecipients(strings.NewReader(recipient))
	if err == nil {
		return parsed[0], nil
	}
	if name, ok := strings.CutPrefix(recipient, "age1"); ok { // age1yubikey1…, without a 1 in the rest
		if end := strings.LastIndex(name, "1"); end > 0 {
			return nil, fmt.Errorf("a recipient of the age plugin %s, but relayform runs no plugins; want one as age-keygen prints it, age1…", name[:end])
		}
	}
	return nil, errors.New("not an age recipient; want one as age-keygen prints it, age1…")
}

// RecipientOf returns the recipient of an identity; false if it is invalid or a plugin's.
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

// Open decrypts the output of Seal. The error is ErrNoIdentity if no identity fits.
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

// Sealed reports whether data begins like an encrypted file.
func Sealed(data []byte) bool { return bytes.HasPrefix(data, []byte(intro)) }
