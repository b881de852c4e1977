package container

import (
	"encoding/asn1"
	"fmt"
)

// What opening an encrypted file may cost at most: rounds of PBKDF2 and PKCS #12, and what scrypt
// fills, in blocks of 128 bytes, and how often. OpenSSL's defaults are a thousandth of it.
const (
	maxRounds = 10_000_000
	maxBlocks = 1 << 21
	maxTimes  = 16
)

// maxNesting is how deep the DER of a container goes.
const maxNesting = 24

// affordable refuses DER whose key derivation would take too long: the one who wrote the file
// chooses how much work it is. Salt and rounds stand side by side in each form of parameters
// (RFC 8018 A.2 and A.3, RFC 7292 4 and C, RFC 7914 7).
func affordable(der []byte, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("its DER is nested deeper than %d", maxNesting)
	}
	var salted bool
	var costs []int64
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return nil // no DER; the reader says what is wrong with it
		}
		octets := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		switch {
		case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger && salted:
			var n int64
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil {
				n = maxRounds + 1
			}
			costs = append(costs, n)
		case v.IsCompound || octets && len(v.Bytes) > 0 && v.Bytes[0] == 0x30:
			if err := affordable(v.Bytes, depth+1); err != nil {
				return err
			}
		}
		salted = salted || octets
		der = rest
	}
	switch {
	case len(costs) >= 3 && (costs[0] > maxBlocks || costs[1] > maxBlocks || costs[0]*costs[1] > maxBlocks || costs[2] > maxTimes):
		return fmt.Errorf("opening it with scrypt would take more than %d MiB, or more than %d times as long", maxBlocks*128>>20, maxTimes)
	case len(costs) > 0 && costs[0] > maxRounds:
		return fmt.Errorf("opening it would take %d rounds; the limit is %d", costs[0], maxRounds)
	}
	return nil
}
