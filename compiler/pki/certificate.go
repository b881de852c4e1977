package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Description is what can be said of a certificate in words.
type Description struct {
	Subject   string   // RFC 4514
	Issuer    string   // RFC 4514
	Serial    string   // hexadecimal
	SHA256    string   // fingerprint, hexadecimal
	SPKI      string   // SHA-256 of the public key, hexadecimal
	NotBefore string   // RFC 3339, UTC
	NotAfter  string   // RFC 3339, UTC
	Algorithm string   // of the key
	SANs      []string // DNS names, addresses, URIs and e-mail addresses
}

// Covers reports whether a certificate with these DNS names is one for a name, as agents judge it (RFC 6125 6.4).
func Covers(names []string, name string) bool {
	return (&x509.Certificate{DNSNames: names}).VerifyHostname(name) == nil
}

// Describe puts a certificate into words.
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

// MarshalCertificates is certificates as PEM, one after the other.
func MarshalCertificates(certs ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer takes all
	}
	return b.Bytes()
}

// The limits of certificates.
const (
	MaxCertificate  = 64 << 10 // bytes of one, in DER; TLS carries none that is much larger
	MaxCertificates = 1000     // of one PKI, and in one text
)

// LimitError says which limit a certificate or a key is beyond.
type LimitError string

// Error is the limit in words.
func (e LimitError) Error() string { return string(e) }

// ParseCertificate reads one in DER.
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

// ParseCertificates reads every certificate in PEM; text between the blocks is skipped. A
// private key among them is an error: it has no business beside certificates.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for block := range Blocks(text) {
		if bytes.Contains([]byte(block.Type), []byte("PRIVATE KEY")) {
			return nil, errors.New("a private key is among the certificates; keep it in a file of its own")
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

// KeyOf is SPKI of a certificate's key.
func KeyOf(c *x509.Certificate) string { return digest(c.RawSubjectPublicKeyInfo) }

// SelfIssued reports whether a certificate names itself as its issuer and is signed by its own key.
func SelfIssued(c *x509.Certificate) bool { return signed(c, c) }
