package certfile

import (
	"encoding/asn1"
	"errors"
)

var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

// contentInfo is the outermost value of PKCS #7, and of the parts of PKCS #12 (RFC 5652 3).
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

// pkcs7 reads the certificates of signed data (RFC 5652 5.1). Its own signatures are ignored: what counts is the certificates' signatures.
func (r *reader) pkcs7(data []byte) error {
	certificates, err := certificatesOf(data)
	if err != nil {
		return err
	}
	for len(certificates) > 0 {
		var v asn1.RawValue
		if certificates, err = asn1.Unmarshal(certificates, &v); err != nil {
			return errNotPKCS7
		}
		if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagSequence { // not an other certificate format
			if err := r.certificates(v.FullBytes); err != nil {
				return err
			}
		}
	}
	return nil
}

var errNotPKCS7 = errors.New("not a readable PKCS #7; convert it with: openssl pkcs7 -print_certs -in FILE -out FILE.pem (-inform DER where it is binary)")

// certificatesOf returns the set of certificates in signed data.
func certificatesOf(data []byte) ([]byte, error) {
	der, err := distinguished(data)
	if err != nil {
		return nil, errNotPKCS7
	}
	var outer contentInfo
	var signed struct {
		Version      int
		Digests      asn1.RawValue
		Encapsulated asn1.RawValue
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil, errNotPKCS7
	}
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &signed); err != nil {
		return nil, errNotPKCS7
	}
	return signed.Certificates.Bytes, nil
}
