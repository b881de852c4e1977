package sealedsecret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The parts of a ciphertext: the length of the second, the session key for RSA, the value for the session key.
const (
	lengthSize  = 2  // bytes, big endian
	sessionSize = 32 // bytes: AES-256
	tagSize     = 16 // bytes, at the end of what AES-GCM makes
)

// Seal encrypts a value for the controller, to be opened under the label alone. The session key and the seed of RSA-OAEP
// (RFC 8017 7.1.1) are read from random. That crypto/rsa does so holds for Go 1.26, and is not promised.
func (c *Certificate) Seal(label string, value []byte, random io.Reader) (string, error) {
	session := make([]byte, sessionSize)
	if _, err := io.ReadFull(random, session); err != nil {
		return "", fmt.Errorf("session key: %w", err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), random, c.key, session, []byte(label))
	if err != nil {
		return "", fmt.Errorf("session key: %w", err)
	}
	with, err := gcm(session)
	if err != nil {
		return "", err
	}
	text := binary.BigEndian.AppendUint16(nil, uint16(len(wrapped))) // MaxBits keeps it in
	text = append(text, wrapped...)
	return base64.StdEncoding.EncodeToString(with.Seal(text, make([]byte, with.NonceSize()), value, nil)), nil
}

// gcm is AES-GCM under a session key. It takes a nonce of zeros, which is safe as each key encrypts one value.
func gcm(session []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, fmt.Errorf("session key: %d bytes, want %d", len(session), sessionSize)
	}
	return cipher.NewGCM(block)
}

// Check says what is wrong with the form of a ciphertext. No key is needed: whether it opens is not known.
func Check(text string) error {
	_, _, err := parts(text)
	return err
}

// parts are the wrapped session key of a ciphertext, and the value encrypted under it.
func parts(text string) (wrapped, sealed []byte, err error) {
	all, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodedLen(len(all)) != len(text) { // line breaks are skipped
		return nil, nil, errors.New("ciphertext: want standard base64 on one line")
	}
	if len(all) < lengthSize {
		return nil, nil, fmt.Errorf("ciphertext: %d bytes, which is too short to be one", len(all))
	}
	size, rest := int(binary.BigEndian.Uint16(all)), all[lengthSize:]
	if size < MinBits/8 || size > MaxBits/8 {
		return nil, nil, fmt.Errorf("ciphertext: it begins with the length %d, want the size of an RSA key: %d to %d bytes", size, MinBits/8, MaxBits/8)
	}
	if least := size + tagSize; len(rest) < least {
		return nil, nil, fmt.Errorf("ciphertext: cut short: %d bytes after its length, want at least %d", len(rest), least)
	}
	return rest[:size], rest[size:], nil
}

// Unseal opens a ciphertext with the controller's private key, as the controller does.
func Unseal(key *rsa.PrivateKey, label, text string) ([]byte, error) {
	wrapped, sealed, err := parts(text)
	if err != nil {
		return nil, err
	}
	if len(wrapped) != key.Size() {
		return nil, fmt.Errorf("ciphertext: sealed for an RSA key of %d bytes, and this one has %d", len(wrapped), key.Size())
	}
	session, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, []byte(label))
	if err != nil { // which does not say why, lest it help an attacker
		return nil, fmt.Errorf("ciphertext: not sealed for this key and %s", label)
	}
	with, err := gcm(session)
	if err != nil {
		return nil, err
	}
	value, err := with.Open(nil, make([]byte, with.NonceSize()), sealed, nil)
	if err != nil {
		return nil, errors.New("ciphertext: changed after it was sealed")
	}
	return value, nil
}
