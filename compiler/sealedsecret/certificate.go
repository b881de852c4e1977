package sealedsecret

import (
	"bytes"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"relayform/compiler/pki"
)

// Limits of a sealing certificate.
const (
	MaxFile = 1 << 20 // bytes of its file
	MinBits = 2048    // of its RSA key
	MaxBits = 16384   // of its RSA key; larger ones are slow
)

// Certificate is a controller's sealing certificate. Its signature is not checked, as in the controller and kubeseal: it is a public key
// with a validity period.
type Certificate struct {
	SPKI      string // SHA-256 of the public key, hexadecimal
	Bits      int    // of the RSA key
	NotBefore time.Time
	NotAfter  time.Time

	key *rsa.PublicKey
}

// Expired reports whether the certificate has expired, in which case kubeseal refuses to encrypt with it. Existing ciphertexts can still be
// decrypted: the controller keeps its old keys.
func (c *Certificate) Expired(at time.Time) bool { return at.After(c.NotAfter) }

// CertificateError says why a file cannot be used as a sealing certificate.
type CertificateError struct {
	What string // what is wrong
	Hint string // what to do
}

// Error returns both on one line.
func (e *CertificateError) Error() string { return e.What + "; " + e.Hint }

const (
	fetch   = "kubeseal --fetch-cert > FILE"
	refetch = "fetch it from the controller: " + fetch
)

// ReadCertificate parses the sealing certificate in PEM, as written by kubeseal --fetch-cert. The error is a *CertificateError.
func ReadCertificate(text []byte) (*Certificate, error) {
	if len(text) > MaxFile {
		return nil, &CertificateError{fmt.Sprintf("a file of %d bytes; the limit is %d", len(text), MaxFile), refetch}
	}
	der, fault := only(bytes.TrimPrefix(text, []byte("\ufeff"))) // the byte order mark that Windows adds to UTF-8
	if fault != nil {
		return nil, fault
	}
	c, fault := certificateOf(der)
	if fault != nil {
		return nil, fault
	}
	return c, nil
}

// only returns the one certificate in a text, in DER. RFC 7468 2 permits text before it, as openssl x509 -text writes.
func only(text []byte) ([]byte, *CertificateError) {
	var certificates, others []*pem.Block
	for block := range pki.Blocks(text) {
		switch {
		case strings.Contains(block.Type, "PRIVATE KEY"):
			return nil, &CertificateError{"there is a private key in it: whoever has the controller's key can decrypt everything that is sealed", "keep it out of git, and fetch only the certificate: " + fetch}
		case block.Type == "CERTIFICATE":
			certificates = append(certificates, block)
		default:
			others = append(others, block)
		}
	}
	damaged := pki.Damaged(text, len(certificates)+len(others))
	switch {
	case len(certificates) > 1:
		return nil, &CertificateError{fmt.Sprintf("%d certificates in it, want only the controller's newest", len(certificates)), refetch}
	case damaged != nil:
		return nil, &CertificateError{damaged.Error(), refetch}
	case len(certificates) == 0 && len(others) > 0:
		return nil, noCertificate(others[0])
	case len(certificates) == 0:
		return nil, otherText(text)
	case len(others) > 0:
		return nil, &CertificateError{fmt.Sprintf("beside the certificate there is a PEM block %s", pki.TypeOf(others[0])), refetch}
	}
	_, behind, _ := bytes.Cut(text, []byte("-----END CERTIFICATE-----"))
	if len(bytes.TrimSpace(behind)) > 0 {
		return nil, &CertificateError{"other text follows the certificate", "remove it, or fetch the certificate again: " + fetch}
	}
	return certificates[0].Bytes, nil
}

// noCertificate says what a PEM block is instead.
func noCertificate(block *pem.Block) *CertificateError {
	if strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
		return &CertificateError{"a certificate request, which is not a certificate yet", "no request is needed, the controller makes its own certificate: " + fetch}
	}
	return &CertificateError{fmt.Sprintf("a PEM block %s, want BEGIN CERTIFICATE", pki.TypeOf(block)), refetch}
}

// otherText says what a text without PEM is.
func otherText(text []byte) *CertificateError {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return &CertificateError{"the file is empty, as after kubeseal failed", "look at the output of: " + fetch}
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return &CertificateError{"UTF-16, as PowerShell writes it", "write it in ASCII: kubeseal --fetch-cert | Out-File -Encoding ascii FILE"}
	case bytes.Contains(text, []byte("tls.key")):
		return &CertificateError{"a Secret with the controller's private key: whoever has it can decrypt everything that is sealed", "keep it out of git, and fetch only the certificate: " + fetch}
	}
	if _, err := pki.ParseCertificate(text); err == nil {
		return &CertificateError{"a certificate in DER, want PEM", "convert it: openssl x509 -inform der -in FILE -out FILE.pem"}
	}
	return &CertificateError{"no certificate in it, want PEM: BEGIN CERTIFICATE", refetch}
}

// certificateOf checks a certificate in DER.
func certificateOf(der []byte) (*Certificate, *CertificateError) {
	var whole asn1.RawValue
	if behind, err := asn1.Unmarshal(der, &whole); err == nil && len(behind) > 0 {
		return nil, &CertificateError{fmt.Sprintf("%d bytes follow the certificate inside its PEM block", len(behind)), refetch}
	}
	c, err := pki.ParseCertificate(der)
	if err != nil {
		return nil, &CertificateError{"the certificate cannot be read: " + err.Error(), refetch}
	}
	key, isRSA := c.PublicKey.(*rsa.PublicKey)
	if !isRSA {
		return nil, &CertificateError{fmt.Sprintf("the certificate's key is %s, want RSA", algorithm(c.PublicKey)), "it is not the controller's, whose keys are RSA: " + fetch}
	}
	switch bits := key.N.BitLen(); {
	case bits < MinBits:
		return nil, &CertificateError{fmt.Sprintf("the certificate's RSA key has %d bits, want at least %d", bits, MinBits), "have the controller make a larger key (its flag --key-size), then: " + fetch}
	case bits > MaxBits:
		return nil, &CertificateError{fmt.Sprintf("the certificate's RSA key has %d bits; the limit is %d", bits, MaxBits), "have the controller make a smaller key (its flag --key-size), then: " + fetch}
	case key.N.Bit(0) == 0 || key.E < 3 || key.E%2 == 0 || key.E > 1<<31-1: // crypto/rsa refuses to encrypt with it
		return nil, &CertificateError{"the certificate's RSA key is malformed", refetch}
	}
	return &Certificate{SPKI: pki.KeyOf(c), Bits: key.N.BitLen(), NotBefore: c.NotBefore, NotAfter: c.NotAfter, key: key}, nil
}

// algorithm names a key type other than RSA.
func algorithm(public any) string {
	if public == nil { // unknown to x509
		return "of an unknown kind"
	}
	return string(pki.AlgorithmOf(public))
}
