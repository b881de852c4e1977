package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// byteOrderMark is U+FEFF in UTF-8.
var byteOrderMark = []byte("\ufeff")

// Oddity says what a text is if it contains no certificate in PEM, or fewer than it seems to, and what to do about it. It is empty if the
// cause is unknown.
func Oddity(text []byte) string {
	compact := bytes.Join(bytes.Fields(text), nil)
	decoded, err := base64.StdEncoding.DecodeString(string(compact))
	block, _ := pem.Decode(text)
	switch {
	case bytes.HasPrefix(text, byteOrderMark):
		return "it begins with a byte order mark, so its first PEM block is not read; save it as UTF-8 without one"
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return "it is UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8 FILE"
	case bytes.Contains(text, []byte("----------BEGIN ")):
		return "PEM blocks are joined on one line, as -----END CERTIFICATE----------BEGIN CERTIFICATE-----; put a line break between them"
	case err == nil && bytes.Contains(decoded, []byte("-----BEGIN ")):
		return "base64 was encoded twice; encode the file once"
	case err == nil && isSequence(decoded):
		return "it is base64 without the lines BEGIN and END; convert it with: openssl base64 -d -A -in FILE -out FILE.der"
	case block != nil && strings.HasSuffix(block.Type, "CERTIFICATE REQUEST"):
		return "it is a certificate request (CSR), not the certificate that a CA makes of it; have it signed"
	case !isSequence(text):
		return ""
	}
	if _, err := x509.ParseCertificateRequest(text); err == nil {
		return "it is a certificate request (CSR) in DER, not the certificate that a CA makes of it; have it signed"
	}
	if _, err := x509.ParseCertificate(text); err == nil {
		return "it is a certificate in DER; convert it to PEM with: openssl x509 -inform DER -in FILE -out FILE.pem"
	}
	return "it is DER; want PEM blocks"
}

// isSequence reports whether a text is a single ASN.1 SEQUENCE, as certificates and keys in DER are.
func isSequence(text []byte) bool {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(text, &v)
	return err == nil && len(rest) == 0 && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagSequence && v.IsCompound
}
