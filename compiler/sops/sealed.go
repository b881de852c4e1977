// Package sops encrypts the private value of a Kubernetes Secret in the format of SOPS, to age recipients, and decrypts it. The format is
// that of github.com/getsops/sops since 3.9: one manifest per file, with one encrypted value under data, and a sops block with its
// encrypted keys. Post-quantum recipients (age1pq1…) need SOPS 3.12 to decrypt.
package sops

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"relayform/compiler/seal"
)

// dataKeySize is the size of an AES-256 data key, in bytes.
const dataKeySize = 32

// Sealed is an encrypted private value: all its random parts.
type Sealed struct {
	Keys         []Key  `json:"keys"`         // the data key for each recipient, in the given order
	LastModified string `json:"lastmodified"` // RFC 3339, UTC, seconds
	Value        string `json:"value"`        // ENC[AES256_GCM,…]
	MAC          string `json:"mac"`          // ENC[AES256_GCM,…]
}

// Key is the data key, encrypted to a recipient: an armored age file.
type Key struct {
	Recipient string `json:"recipient"`
	Enc       string `json:"enc"`
}

// Seal encrypts the private value under a key in a Secret's data, in base64 as in Kubernetes. The data key and the nonces are read from
// random; age uses crypto/rand, so that two calls never return the same.
func Seal(key string, value []byte, recipients []string, random io.Reader, now time.Time) (Sealed, error) {
	if len(value) == 0 { // SOPS does not encrypt it
		return Sealed{}, fmt.Errorf("%s: nothing to encrypt", key)
	}
	dataKey := make([]byte, dataKeySize)
	if _, err := io.ReadFull(random, dataKey); err != nil {
		return Sealed{}, fmt.Errorf("data key: %w", err)
	}
	s := Sealed{LastModified: now.UTC().Format(time.RFC3339)}
	for _, recipient := range recipients {
		enc, err := seal.Ring{Recipients: []string{recipient}}.SealArmored(dataKey)
		if err != nil {
			return Sealed{}, err
		}
		s.Keys = append(s.Keys, Key{Recipient: recipient, Enc: enc})
	}
	text := base64.StdEncoding.EncodeToString(value)
	var err error
	if s.Value, err = encrypt(text, dataKey, path(key), random); err != nil {
		return Sealed{}, fmt.Errorf("%s: %w", key, err)
	}
	if s.MAC, err = encrypt(digest(text), dataKey, s.LastModified, random); err != nil {
		return Sealed{}, fmt.Errorf("mac: %w", err)
	}
	if err := s.Check(); err != nil {
		return Sealed{}, err
	}
	return s, nil
}

// Open decrypts the private value, and checks that value, key, time and MAC belong together. The error is seal.ErrNoIdentity if no identity
// fits. It does not authenticate who encrypted the value, since anyone who knows the recipients can: compare it with its certificate or
// digest.
func (s Sealed) Open(key string, with seal.Ring) ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	dataKey, err := s.dataKey(with)
	if err != nil {
		return nil, err
	}
	text, err := decrypt(s.Value, dataKey, path(key))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	mac, err := decrypt(s.MAC, dataKey, s.LastModified)
	if err != nil {
		return nil, fmt.Errorf("mac, or lastmodified: %w", err)
	}
	if mac != digest(text) {
		return nil, fmt.Errorf("mac: it belongs to a value other than %s", key)
	}
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(value) != text {
		return nil, fmt.Errorf("%s: decrypts to no base64, which a Secret has under data", key)
	}
	return value, nil
}

// dataKey returns the data key that the identities decrypt. Every entry for these identities must contain it: SOPS may use any of them.
func (s Sealed) dataKey(with seal.Ring) ([]byte, error) {
	own, err := with.Own()
	if err != nil {
		return nil, err
	}
	var dataKey []byte
	for _, k := range s.Keys {
		opened, err := with.OpenArmored(k.Enc)
		none, fits := errors.Is(err, seal.ErrNoIdentity), slices.Contains(own, k.Recipient)
		switch {
		case none && !fits:
			continue
		case none, err == nil && !fits:
			err = errors.New("encrypted to another: edited or swapped")
		case err == nil && len(opened) != dataKeySize:
			err = fmt.Errorf("it has %d bytes; want %d", len(opened), dataKeySize)
		case err == nil && dataKey != nil && !slices.Equal(dataKey, opened):
			err = errors.New("not the same as for the recipients before it: edited or swapped")
		}
		if err != nil {
			return nil, fmt.Errorf("data key for %s: %w", k.Recipient, err)
		}
		dataKey = opened
	}
	if dataKey == nil {
		return nil, seal.ErrNoIdentity
	}
	return dataKey, nil
}

// path returns what binds a ciphertext to its place: the names on the path, each followed by a colon (Tree.Encrypt in getsops/sops).
func path(key string) string { return "data:" + key + ":" }

// digest returns what the MAC contains: a hash of only the encrypted values. It begins with its own prefix so that it never equals that of
// all values (MACOnlyEncryptedInitialization in getsops/sops).
func digest(text string) string {
	begin := sha256.Sum256([]byte("sops"))
	return fmt.Sprintf("%X", sha512.Sum512(append(begin[:], text...)))
}
