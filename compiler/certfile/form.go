package certfile

import "encoding/asn1"

type form int

const (
	formOther        form = iota
	formCertificate       // RFC 5280 4.1: what is signed, and an algorithm
	formSignedData        // RFC 5652 3: an identifier
	formPFX               // RFC 7292 4: version 3, and what it protects
	formEncryptedKey      // RFC 5958 3: an algorithm, and an octet string
	formPKCS8             // RFC 5958 2: a version, and an algorithm
	formPKCS1             // RFC 8017 A.1.2: a version, and a number
	formSEC1              // RFC 5915 3: a version, and an octet string
)

// plainKeys are the PEM types of keys that are not encrypted.
var plainKeys = map[form]string{formPKCS8: "PRIVATE KEY", formPKCS1: "RSA PRIVATE KEY", formSEC1: "EC PRIVATE KEY"}

// formOf looks at the first two parts of a DER sequence: none of the forms is marked as what it is.
func formOf(der []byte) form {
	var outer, first, second asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return formOther
	}
	rest, err := asn1.Unmarshal(outer.Bytes, &first)
	if err != nil {
		return formOther
	}
	if first.Tag == asn1.TagOID {
		return formSignedData
	}
	if _, err := asn1.Unmarshal(rest, &second); err != nil {
		return formOther
	}
	switch [2]int{first.Tag, second.Tag} {
	case [2]int{asn1.TagSequence, asn1.TagSequence}:
		return formCertificate
	case [2]int{asn1.TagSequence, asn1.TagOctetString}:
		return formEncryptedKey
	case [2]int{asn1.TagInteger, asn1.TagSequence}:
		if len(first.Bytes) == 1 && first.Bytes[0] == 3 {
			return formPFX
		}
		return formPKCS8
	case [2]int{asn1.TagInteger, asn1.TagInteger}:
		return formPKCS1
	case [2]int{asn1.TagInteger, asn1.TagOctetString}:
		return formSEC1
	}
	return formOther
}
