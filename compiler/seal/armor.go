package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// SealArmored encrypts text to every recipient, in characters that are safe in YAML (age's "ASCII armor").
func (r Ring) SealArmored(text []byte) (string, error) {
	sealed, err := r.Seal(text)
	if err != nil {
		return "", err
	}
	var letters strings.Builder
	w := armor.NewWriter(&letters)
	if _, err = w.Write(sealed); err == nil {
		err = w.Close()
	}
	return letters.String(), err
}

// OpenArmored decrypts the output of SealArmored. The error is ErrNoIdentity if no identity fits.
func (r Ring) OpenArmored(letters string) ([]byte, error) {
	sealed, err := dearmored(letters)
	if err != nil {
		return nil, err
	}
	return r.Open(sealed)
}

// CheckArmored returns an error for faults in an armored file that are visible without an identity.
func CheckArmored(letters string) error {
	_, err := dearmored(letters)
	return err
}

func dearmored(letters string) ([]byte, error) {
	sealed, err := io.ReadAll(armor.NewReader(strings.NewReader(letters)))
	if err != nil || !Sealed(sealed) {
		return nil, errors.New("not a complete age file: half copied, or changed; want " + armored + " to " + armor.Footer)
	}
	if _, err := age.ExtractHeader(bytes.NewReader(sealed)); err != nil {
		return nil, errTorn
	}
	return sealed, nil
}
