package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// maxCommonName is the length of a common name, in characters (RFC 5280 appendix A, ub-common-name).
const maxCommonName = 64

// NewCSR creates the certificate request that r describes (PKCS #10, RFC 2986), with the requested extensions in an extensionRequest
// attribute (RFC 2985 5.4.2). The common name is the first DNS name, because many PKIs refuse one that is not among the server's names; if
// it is too long, there is no common name.
func NewCSR(r Request, organisation string, generation int, key crypto.Signer) (*x509.CertificateRequest, error) {
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	t := &x509.CertificateRequest{Subject: r.template(organisation, generation, spki).Subject, DNSNames: r.DNSNames}
	if !r.CA {
		t.Subject.CommonName = ""
		if len(r.DNSNames) > 0 && len(r.DNSNames[0]) <= maxCommonName {
			t.Subject.CommonName = r.DNSNames[0]
		}
	}
	if t.ExtraExtensions, err = r.extensions(); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, t, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificateRequest(der)
}

// Extensions of RFC 5280 4.2.1.9, 4.2.1.3, 4.2.1.12 and 4.2.1.6.
var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// oidsOfUsages are the key purposes of RFC 5280 4.2.1.12.
var oidsOfUsages = map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
	x509.ExtKeyUsageServerAuth: {1, 3, 6, 1, 5, 5, 7, 3, 1},
	x509.ExtKeyUsageClientAuth: {1, 3, 6, 1, 5, 5, 7, 3, 2},
}

// extensions returns the extensions that r asks for, except names.
func (r Request) extensions() ([]pkix.Extension, error) {
	var purposes []asn1.ObjectIdentifier
	for _, u := range r.Usages {
		purposes = append(purposes, oidsOfUsages[u])
	}
	var constraints any = struct{}{} // CA:FALSE is the default, which DER omits
	if r.CA {
		constraints = struct {
			CA      bool
			PathLen int
		}{true, r.PathLen}
	}
	var all []pkix.Extension
	for _, e := range []struct {
		id       asn1.ObjectIdentifier
		critical bool
		value    any
	}{{oidBasicConstraints, true, constraints}, {oidKeyUsage, true, bitsOf(r.KeyUsage)}, {oidExtKeyUsage, false, purposes}} {
		der, err := asn1.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		all = append(all, pkix.Extension{Id: e.id, Critical: e.critical, Value: der})
	}
	return all, nil
}

// bitsOf encodes a key usage in DER: the first bit is the highest, and trailing zero bits are omitted (X.690 11.2.2).
func bitsOf(u x509.KeyUsage) asn1.BitString {
	var b [2]byte
	length := 0
	for i := range 9 {
		if u&(1<<i) != 0 {
			b[i/8] |= 0x80 >> (i % 8)
			length = i + 1
		}
	}
	return asn1.BitString{Bytes: b[:(length+7)/8], BitLength: length}
}

// FindUnasked describes how a request differs from the one NewCSR would create for the role and organisation; empty if it does not.
func FindUnasked(role Role, c *x509.CertificateRequest, organisation string) string {
	if c.CheckSignature() != nil {
		return "its own key did not sign it"
	}
	for _, ecdsa := range []bool{false, true} {
		i := slices.IndexFunc(Requests(Facts{ECDSA: ecdsa}), func(r Request) bool { return r.Role == role })
		r := Requests(Facts{ECDSA: ecdsa})[i]
		if AlgorithmOf(c.PublicKey) != r.Algorithm {
			continue
		}
		want, err := r.extensions()
		have := slices.DeleteFunc(slices.Clone(c.Extensions), func(e pkix.Extension) bool { return e.Id.Equal(oidSubjectAltName) })
		same := func(a, b pkix.Extension) bool {
			return a.Id.Equal(b.Id) && a.Critical == b.Critical && bytes.Equal(a.Value, b.Value)
		}
		switch {
		case err != nil || !slices.EqualFunc(have, want, same):
			return "it asks for other extensions"
		case !slices.Equal(c.Subject.Organization, []string{organisation}):
			return "its organisation is " + strings.Join(c.Subject.Organization, ", ") + ", want " + organisation
		case r.CA != (len(c.DNSNames) == 0) || len(c.IPAddresses)+len(c.EmailAddresses)+len(c.URIs) > 0:
			return "it asks for other kinds of names"
		}
		return ""
	}
	return fmt.Sprintf("its key is %s", AlgorithmOf(c.PublicKey))
}

// DescribeRequest returns the facts of a certificate request, as far as a request has them.
func DescribeRequest(c *x509.CertificateRequest) Description {
	return Description{
		Subject: c.Subject.String(), SPKI: digest(c.RawSubjectPublicKeyInfo), Algorithm: string(AlgorithmOf(c.PublicKey)), SANs: slices.Clone(c.DNSNames),
	}
}

// requestType is the PEM label of a certificate request (RFC 7468 7).
const requestType = "CERTIFICATE REQUEST"

// MarshalRequest encodes a request as PEM.
func MarshalRequest(c *x509.CertificateRequest) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: c.Raw})
}

// ParseRequest parses a request, which must be exactly as MarshalRequest writes it, byte for byte.
func ParseRequest(text []byte) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != requestType || !bytes.Equal(pem.EncodeToMemory(block), text) {
		return nil, fmt.Errorf("want one PEM block BEGIN %s, in lines of 64 characters, and nothing else", requestType)
	}
	return x509.ParseCertificateRequest(block.Bytes)
}

// Outdated lists how a request differs from what r asks for now, in the facts that come from the topology: one phrase for each.
func Outdated(r Request, c *x509.CertificateRequest) []string {
	var differs []string
	if have := AlgorithmOf(c.PublicKey); have != r.Algorithm {
		differs = append(differs, fmt.Sprintf("its key is %s, want %s", have, r.Algorithm))
	}
	if !slices.Equal(c.DNSNames, r.DNSNames) {
		differs = append(differs, fmt.Sprintf("its names are %s, want %s", strings.Join(c.DNSNames, ", "), strings.Join(r.DNSNames, ", ")))
	}
	return differs
}
