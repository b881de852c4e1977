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

// The parts of a ciphertext: the length of the second, the session key encrypted with RSA, the value encrypted with the session key.
const (
	lengthSize  = 2  // bytes, big endian
	sessionSize = 32 // bytes: AES-256
	tagSize     = 16 // bytes, at the end of AES-GCM's output
)

// Seal encrypts a value for the controller, bound to the label. The session key and the seed of RSA-OAEP (RFC 8017 7.1.1) are read from
// random. That crypto/rsa uses it is true of Go 1.26, but not guaranteed.
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
	text := binary.BigEndian.AppendUint16(nil, uint16(len(wrapped))) // MaxBits ensures that it fits
	text = append(text, wrapped...)
	return base64.StdEncoding.EncodeToString(with.Seal(text, make([]byte, with.NonceSize()), value, nil)), nil
}

// gcm returns AES-GCM with a session key. The nonce is zero, which is safe because each key encrypts only one value.
func gcm(session []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, fmt.Errorf("session key: %d bytes, want %d", len(session), sessionSize)
	}
	return cipher.NewGCM(block)
}

// Check returns an error if a ciphertext is malformed. Without a key, it is unknown whether it can be decrypted.
func Check(text string) error {
	_, _, err := parts(text)
	return err
}

// parts returns the wrapped session key of a ciphertext, and the encrypted value.
func parts(text string) (wrapped, sealed []byte, err error) {
	all, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodedLen(len(all)) != len(text) { // the decoder skips line breaks
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
		return nil, nil, fmt.Errorf("ciphertext: truncated: %d bytes after its length, want at least %d", len(rest), least)
	}
	return rest[:size], rest[size:], nil
}

// Unseal decrypts a ciphertext with the controller's private key, like the controller.
func Unseal(key *rsa.PrivateKey, label, text string) ([]byte, error) {
	wrapped, sealed, err := parts(text)
	if err != nil {
		return nil, err
	}
	if len(wrapped) != key.Size() {
		return nil, fmt.Errorf("ciphertext: sealed for an RSA key of %d bytes, and this one has %d", len(wrapped), key.Size())
	}
	session, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, []byte(label))
	if err != nil { // it does not say why, so as not to help an attacker
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
