package container

import "encoding/asn1"

type form int

const (
	formOther        form = iota
	formPFX               // RFC 7292 4: a version, then what it protects
	formEncryptedKey      // RFC 5958 3: an algorithm, then an octet string
)

// formOf looks at the first two parts of a DER sequence.
func formOf(data []byte) form {
	var outer, first, second asn1.RawValue
	if _, err := asn1.Unmarshal(data, &outer); err != nil {
		return formOther
	}
	rest, err := asn1.Unmarshal(outer.Bytes, &first)
	if err != nil {
		return formOther
	}
	if _, err := asn1.Unmarshal(rest, &second); err != nil {
		return formOther
	}
	switch {
	case first.Tag == asn1.TagInteger && second.Tag == asn1.TagSequence && len(first.Bytes) == 1 && first.Bytes[0] == 3:
		return formPFX
	case first.Tag == asn1.TagSequence && second.Tag == asn1.TagOctetString:
		return formEncryptedKey
	}
	return formOther
}
