package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strings"
)

// Contents is what a PEM file contains, block by block. Unreadable blocks do not stop the reading.
type Contents struct {
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
	Encrypted    int // private keys that are encrypted with a password
	Unreadable   []Unreadable
}

// Unreadable is a block that cannot be parsed.
type Unreadable struct {
	Why     Why
	Message string
}

// Why is the reason a block cannot be parsed.
type Why int

// The reasons with their own remedy, and any other.
const (
	Malformed Why = iota
	NegativeSerial
	UnknownKeyType
)

// ReadPEM reads every block. Text between the blocks is skipped.
func ReadPEM(text []byte) Contents {
	var c Contents
	blocks := 0
	for block := range Blocks(text) {
		if blocks++; blocks > MaxCertificates {
			return Contents{Unreadable: []Unreadable{{Malformed, fmt.Sprintf("more than %d PEM blocks", MaxCertificates)}}}
		}
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
			c.Encrypted++
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			key, err := ParseKeyBlock(block)
			if err != nil {
				c.Unreadable = append(c.Unreadable, Unreadable{Malformed, err.Error()})
				continue
			}
			c.Keys = append(c.Keys, key)
		case slices.Contains([]string{"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}, block.Type):
			c.certificate(block)
		}
	}
	if damaged := Damaged(text, blocks); damaged != nil {
		c.Unreadable = append(c.Unreadable, Unreadable{Malformed, damaged.Error()})
	}
	return c
}

// Blocks iterates over the PEM blocks of a file and skips text between them.
func Blocks(text []byte) iter.Seq[*pem.Block] {
	return func(yield func(*pem.Block) bool) {
		for block, rest := pem.Decode(text); block != nil && yield(block); block, rest = pem.Decode(rest) {
		}
	}
}

// Damaged returns an error if more blocks begin in a text than were readable.
func Damaged(text []byte, readable int) error {
	if begun := bytes.Count(text, []byte("-----BEGIN ")); begun > readable {
		return fmt.Errorf("%d of its %d PEM blocks are cut short or damaged", begun-readable, begun)
	}
	return nil
}

func (c *Contents) certificate(block *pem.Block) {
	cert, err := ParseCertificate(block.Bytes)
	if err == nil {
		c.Certificates = append(c.Certificates, cert)
		return
	}
	u := Unreadable{Malformed, fmt.Sprintf("PEM block %s: %s", TypeOf(block), strings.TrimPrefix(err.Error(), "x509: "))}
	switch serial, ok := serialOf(block.Bytes); {
	case ok && serial.Sign() < 0:
		u = Unreadable{NegativeSerial, fmt.Sprintf("a certificate has the serial number %s", serial)}
	case strings.Contains(err.Error(), "unsupported elliptic curve"):
		u.Why = UnknownKeyType
	}
	c.Unreadable = append(c.Unreadable, u)
}

// TypeOf returns the type of a PEM block if it is safe to print.
func TypeOf(block *pem.Block) string {
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	if len(block.Type) > 40 || strings.ContainsFunc(block.Type, odd) {
		return "an odd type"
	}
	return block.Type
}

// serialOf reads the serial number of a certificate that crypto/x509 refuses (RFC 5280 4.1): the first field of tbsCertificate, or the
// second, after the version.
func serialOf(der []byte) (*big.Int, bool) {
	var certificate, tbs, version asn1.RawValue
	if _, err := asn1.Unmarshal(der, &certificate); err != nil {
		return nil, false
	}
	if _, err := asn1.Unmarshal(certificate.Bytes, &tbs); err != nil {
		return nil, false
	}
	at := tbs.Bytes
	if rest, err := asn1.Unmarshal(at, &version); err == nil && version.Class == asn1.ClassContextSpecific {
		at = rest
	}
	serial := new(big.Int)
	_, err := asn1.Unmarshal(at, &serial)
	return serial, err == nil
}
