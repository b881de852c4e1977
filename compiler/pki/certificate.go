package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Description is the facts of a certificate, as text.
type Description struct {
	Subject   string   // RFC 4514
	Issuer    string   // RFC 4514
	Serial    string   // hexadecimal
	SHA256    string   // fingerprint, hexadecimal
	SPKI      string   // SHA-256 of the public key, hexadecimal
	NotBefore string   // RFC 3339, UTC
	NotAfter  string   // RFC 3339, UTC
	Algorithm string   // of the public key
	SANs      []string // DNS names, addresses, URIs and e-mail addresses
}

// Covers reports whether a certificate with these DNS names is valid for a host name (RFC 6125 6.4).
func Covers(names []string, name string) bool {
	return (&x509.Certificate{DNSNames: names}).VerifyHostname(name) == nil
}

// Describe returns the facts of a certificate.
func Describe(c *x509.Certificate) Description {
	d := Description{
		Subject:   c.Subject.String(),
		Issuer:    c.Issuer.String(),
		Serial:    c.SerialNumber.Text(16),
		SHA256:    digest(c.Raw),
		SPKI:      digest(c.RawSubjectPublicKeyInfo),
		NotBefore: Stamp(c.NotBefore),
		NotAfter:  Stamp(c.NotAfter),
		Algorithm: string(AlgorithmOf(c.PublicKey)),
		SANs:      append([]string{}, c.DNSNames...),
	}
	for _, ip := range c.IPAddresses {
		d.SANs = append(d.SANs, ip.String())
	}
	for _, u := range c.URIs {
		d.SANs = append(d.SANs, u.String())
	}
	d.SANs = append(d.SANs, c.EmailAddresses...)
	return d
}

// MarshalCertificates encodes certificates as PEM, in order.
func MarshalCertificates(certs ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // writes to a buffer do not fail
	}
	return b.Bytes()
}

// Limits of certificates.
const (
	MaxCertificate  = 64 << 10 // bytes of one certificate in DER; TLS messages are hardly larger
	MaxCertificates = 1000     // in one PKI, and in one file
)

// LimitError says which limit a certificate or a key exceeds.
type LimitError string

// Error returns the message.
func (e LimitError) Error() string { return string(e) }

// ParseCertificate parses one certificate in DER.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	if len(der) > MaxCertificate {
		return nil, LimitError(fmt.Sprintf("%d bytes; the limit is %d", len(der), MaxCertificate))
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "x509: "))
	}
	return c, nil
}

// ParseCertificates parses every certificate in PEM and skips text between the blocks. A private key among them is an error: it must not be
// stored with certificates.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for block := range Blocks(text) {
		if bytes.Contains([]byte(block.Type), []byte("PRIVATE KEY")) {
			return nil, errors.New("a private key is among the certificates; keep it in a separate file")
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if len(certs) == MaxCertificates {
			return nil, LimitError(fmt.Sprintf("more than %d certificates, which is the limit", MaxCertificates))
		}
		c, err := ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(certs)+1, err)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, errors.New("no certificate in it; want PEM blocks BEGIN CERTIFICATE")
	}
	return certs, nil
}

// KeyOf returns the SHA-256 digest of a certificate's public key (its SPKI), in hexadecimal.
func KeyOf(c *x509.Certificate) string { return digest(c.RawSubjectPublicKeyInfo) }

// SelfIssued reports whether a certificate names itself as its issuer and is signed with its own key.
func SelfIssued(c *x509.Certificate) bool { return signed(c, c) }
