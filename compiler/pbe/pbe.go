// Package pbe decrypts password-based encryption of PKCS #5 (RFC 8018) and PKCS #12 (RFC 7292). The author of a file chose how much work
// that is, so it is counted before it is done.
package pbe

import (
	"bytes"
	"crypto/aes"
	"crypto/des"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"unicode/utf16"
)

// ErrWrong means that the password is wrong.
var ErrWrong = errors.New("the password does not open it")

// Password is a password in its encodings for key derivation.
type Password struct {
	utf8 []byte
	bmp  []byte // RFC 7292 B.1: two bytes per character, and two zero bytes
}

// NewPassword encodes a password.
func NewPassword(text string) Password {
	p := Password{utf8: []byte(text)}
	for _, unit := range append(utf16.Encode([]rune(text)), 0) {
		p.bmp = append(p.bmp, byte(unit>>8), byte(unit))
	}
	return p
}

// Empty returns the passwords of files without one: some programs hash two zero bytes, others nothing.
func Empty() []Password { return []Password{NewPassword(""), {}} }

// decrypter is a block cipher. Decrypt takes whole blocks.
type decrypter interface {
	BlockSize() int
	Decrypt(dst, src []byte)
}

// cipher is a block cipher with its key size in bytes, and its object identifiers.
type cipher struct {
	oid asn1.ObjectIdentifier
	key int
	new func(key []byte) (decrypter, error)
}

// ciphers are those of RFC 8018 B.2, all in CBC mode.
var ciphers = []cipher{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, newAES},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, newAES},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, newAES},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, newTripleDES},
}

// legacy are the schemes of RFC 7292 C, which derive both key and IV.
var legacy = []cipher{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}, 24, newTripleDES},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 5}, 16, newRC2},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 6}, 5, newRC2},
}

func newAES(key []byte) (decrypter, error)       { return aes.NewCipher(key) }
func newTripleDES(key []byte) (decrypter, error) { return des.NewTripleDESCipher(key) }

func find(among []cipher, oid asn1.ObjectIdentifier) *cipher {
	for i := range among {
		if among[i].oid.Equal(oid) {
			return &among[i]
		}
	}
	return nil
}

var oidPBES2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}

// Open decrypts. The error is ErrWrong if the password is wrong.
func Open(algorithm pkix.AlgorithmIdentifier, text []byte, password Password, work *Work) ([]byte, error) {
	if algorithm.Algorithm.Equal(oidPBES2) {
		return openPBES2(algorithm.Parameters, text, password, work)
	}
	c := find(legacy, algorithm.Algorithm)
	if c == nil {
		return nil, unknown("encryption", algorithm.Algorithm)
	}
	var params struct {
		Salt       []byte
		Iterations int64
	}
	if err := unmarshal(algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	key, err := work.pkcs12(sha1.New, forKey, password, params.Salt, params.Iterations, c.key)
	if err != nil {
		return nil, err
	}
	block, err := c.new(key)
	if err != nil {
		return nil, err
	}
	iv, err := work.pkcs12(sha1.New, forIV, password, params.Salt, params.Iterations, block.BlockSize())
	if err != nil {
		return nil, err
	}
	return decrypt(block, iv, text)
}

// openPBES2 implements RFC 8018 6.2.2.
func openPBES2(parameters asn1.RawValue, text []byte, password Password, work *Work) ([]byte, error) {
	var params struct{ Derivation, Cipher pkix.AlgorithmIdentifier }
	if err := unmarshal(parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	c := find(ciphers, params.Cipher.Algorithm)
	if c == nil {
		return nil, unknown("cipher", params.Cipher.Algorithm)
	}
	var iv []byte
	if err := unmarshal(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	key, err := work.derive(params.Derivation, password.utf8, c.key)
	if err != nil {
		return nil, err
	}
	block, err := c.new(key)
	if err != nil {
		return nil, err
	}
	return decrypt(block, iv, text)
}

// decrypt decrypts CBC and removes the padding (RFC 8018 6.1.2).
func decrypt(block decrypter, iv, text []byte) ([]byte, error) {
	size := block.BlockSize()
	switch {
	case len(iv) != size:
		return nil, fmt.Errorf("its initial vector has %d bytes; want %d", len(iv), size)
	case len(text) == 0 || len(text)%size != 0:
		return nil, fmt.Errorf("what is encrypted has %d bytes; want a multiple of %d", len(text), size)
	}
	plain := make([]byte, len(text))
	for at := 0; at < len(text); at += size {
		block.Decrypt(plain[at:at+size], text[at:at+size])
		for i, b := range iv {
			plain[at+i] ^= b
		}
		iv = text[at : at+size]
	}
	n := int(plain[len(plain)-1])
	if n < 1 || n > size || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, ErrWrong
	}
	return plain[:len(plain)-n], nil
}

func unknown(what string, oid asn1.ObjectIdentifier) error {
	return fmt.Errorf("the %s %s is not known", what, oid)
}

// unmarshal parses one value with nothing after it.
func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err != nil || len(rest) > 0 {
		return errors.New("the parameters of its encryption cannot be read")
	}
	return nil
}
