package certfile

import "encoding/asn1"

type encoding int

const (
	encodingOther        encoding = iota
	encodingCertificate           // RFC 5280 4.1: tbsCertificate, and an algorithm
	encodingSignedData            // RFC 5652 3: an identifier
	encodingPFX                   // RFC 7292 4: version 3, and contents
	encodingEncryptedKey          // RFC 5958 3: an algorithm, and an octet string
	encodingPKCS8                 // RFC 5958 2: a version, and an algorithm
	encodingPKCS1                 // RFC 8017 A.1.2: a version, and a number
	encodingSEC1                  // RFC 5915 3: a version, and an octet string
)

// plainKeys are the PEM types of unencrypted keys.
var plainKeys = map[encoding]string{encodingPKCS8: "PRIVATE KEY", encodingPKCS1: "RSA PRIVATE KEY", encodingSEC1: "EC PRIVATE KEY"}

// encodingOf inspects the first two elements of a DER sequence: the formats have no other distinguishing mark.
func encodingOf(der []byte) encoding {
	var outer, first, second asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return encodingOther
	}
	rest, err := asn1.Unmarshal(outer.Bytes, &first)
	if err != nil {
		return encodingOther
	}
	if first.Tag == asn1.TagOID {
		return encodingSignedData
	}
	if _, err := asn1.Unmarshal(rest, &second); err != nil {
		return encodingOther
	}
	switch [2]int{first.Tag, second.Tag} {
	case [2]int{asn1.TagSequence, asn1.TagSequence}:
		return encodingCertificate
	case [2]int{asn1.TagSequence, asn1.TagOctetString}:
		return encodingEncryptedKey
	case [2]int{asn1.TagInteger, asn1.TagSequence}:
		if len(first.Bytes) == 1 && first.Bytes[0] == 3 {
			return encodingPFX
		}
		return encodingPKCS8
	case [2]int{asn1.TagInteger, asn1.TagInteger}:
		return encodingPKCS1
	case [2]int{asn1.TagInteger, asn1.TagOctetString}:
		return encodingSEC1
	}
	return encodingOther
}
