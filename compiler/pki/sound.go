package pki

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
)

// Bounds of RSA keys, in bits.
const (
	minRSA = 2048
	maxRSA = 8192
)

// outsized reports whether a certificate's key is so big that checking a signature takes too long.
func outsized(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() > maxRSA
}

// Unsound lists faults of a certificate's key that verifiers refuse anywhere in a chain, though crypto/x509 parses it.
func Unsound(c *x509.Certificate) []Reason {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		switch bits := key.N.BitLen(); {
		case bits < minRSA:
			return []Reason{{"weak-key", fmt.Sprintf("its RSA key has %d bits; want at least %d", bits, minRSA)}}
		case bits > maxRSA:
			return []Reason{{"big-key", fmt.Sprintf("its RSA key has %d bits; Go verifies with %d at most", bits, maxRSA)}}
		}
	case ed25519.PublicKey:
		return []Reason{{"ed25519-key", "its key is Ed25519, which Envoy refuses"}}
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize == 224 {
			return []Reason{{"unsupported-key", "its key is ECDSA P-224, which TLS does not support"}}
		}
	default:
		return []Reason{{"unsupported-key", "its key is of a kind that Go does not read"}}
	}
	return nil
}
