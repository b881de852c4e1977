package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Algorithm names a key's algorithm and size as the lockfile does: RSA 4096, ECDSA P-256.
type Algorithm string

// Algorithms that relayform generates keys with.
const (
	RSA4096   Algorithm = "RSA 4096"
	RSA2048   Algorithm = "RSA 2048"
	ECDSAP256 Algorithm = "ECDSA P-256"
)

// GenerateKey generates a private key from the system's random source.
func GenerateKey(a Algorithm) (crypto.Signer, error) {
	switch a {
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return nil, fmt.Errorf("no such key algorithm: %s", a)
}

// AlgorithmOf names the algorithm of a public key, including those that relayform would not generate.
func AlgorithmOf(public crypto.PublicKey) Algorithm {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return Algorithm(fmt.Sprintf("RSA %d", k.N.BitLen()))
	case *ecdsa.PublicKey:
		return Algorithm("ECDSA " + k.Curve.Params().Name)
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return Algorithm(fmt.Sprintf("%T", public))
}

// MarshalKey encodes a private key as PEM, PKCS #8 (RFC 5958).
func MarshalKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKey parses the first private key in PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted.
func ParseKey(text []byte) (crypto.Signer, error) {
	for block := range Blocks(text) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return nil, errors.New("the private key is encrypted; decrypt it with: openssl pkey -in FILE -out PLAIN")
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return ParseKeyBlock(block)
		}
	}
	return nil, errors.New("no private key in it; want a PEM block BEGIN PRIVATE KEY")
}

// MaxKey is the maximum size of a private key, in bytes of DER: the time to check one grows with the cube of its size. RSA with 16,384 bits
// takes 9 KiB.
const MaxKey = 16 << 10

// ParsePKCS8 parses a private key in DER (RFC 5958).
func ParsePKCS8(der []byte) (crypto.Signer, error) {
	return ParseKeyBlock(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// ParseKeyBlock parses a private key that is not encrypted.
func ParseKeyBlock(block *pem.Block) (crypto.Signer, error) {
	if len(block.Bytes) > MaxKey {
		return nil, LimitError(fmt.Sprintf("private key: %d bytes; the limit is %d", len(block.Bytes), MaxKey))
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("private key: no reader for %s; want PKCS #8: openssl pkcs8 -topk8 -nocrypt -in FILE -out KEY", TypeOf(block))
	}
	if err != nil {
		return nil, fmt.Errorf("private key: %s", strings.TrimPrefix(err.Error(), "x509: "))
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("private key: %T cannot sign", key)
	}
	return signer, nil
}

// ParseKeyDER parses a private key in DER, in any format that ParseKey accepts.
func ParseKeyDER(der []byte) (crypto.Signer, error) {
	for _, form := range []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"} {
		if key, err := ParseKeyBlock(&pem.Block{Type: form, Bytes: der}); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("no private key that can be read")
}

// SPKI returns the SHA-256 digest of a public key's SubjectPublicKeyInfo (RFC 5280 4.1.2.7), in hexadecimal.
func SPKI(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", err
	}
	return digest(der), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// p256Begins is the DER prefix of every P-256 public key, up to its point (RFC 5480 2).
var p256Begins = []byte{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00}

// marshalPublicKey is x509.MarshalPKIXPublicKey, but ten times faster for P-256 keys: a fleet has thousands of them.
func marshalPublicKey(key crypto.PublicKey) ([]byte, error) {
	if k, ok := key.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P256() {
		point, err := k.Bytes()
		return slices.Concat(p256Begins, point), err
	}
	return x509.MarshalPKIXPublicKey(key)
}
