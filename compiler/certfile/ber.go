package certfile

import (
	"encoding/asn1"
	"errors"
)

// MaxNesting is the maximum nesting depth in a container.
const MaxNesting = 32

var errNotBER = errors.New("it is truncated or damaged")

// distinguished converts BER to DER, as far as the DER parser needs it: definite lengths, and primitive octet strings (X.690 8.1.3.6,
// 8.7.3). DER input stays unchanged. Only the first value is converted.
func distinguished(ber []byte) ([]byte, error) {
	v, _, err := value(ber, 0)
	if err != nil {
		return nil, err
	}
	return v.append(nil), nil
}

// tlv is a value with the bytes of its tag.
type tlv struct{ tag, content []byte }

func (v tlv) append(to []byte) []byte {
	to = append(to, v.tag...)
	n := len(v.content)
	switch {
	case n < 1<<7:
		to = append(to, byte(n))
	case n < 1<<8:
		to = append(to, 0x81, byte(n))
	case n < 1<<16:
		to = append(to, 0x82, byte(n>>8), byte(n))
	default:
		to = append(to, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(to, v.content...)
}

const octets, constructed = asn1.TagOctetString, 0x20

// value parses the first value, and returns the rest.
func value(ber []byte, depth int) (tlv, []byte, error) {
	if depth > MaxNesting {
		return tlv{}, nil, limited("its values are nested too deeply; the limit is %d levels", MaxNesting)
	}
	tag, length, rest, err := header(ber)
	if err != nil {
		return tlv{}, nil, err
	}
	whole := tag[0]&constructed == 0
	if whole && length >= 0 {
		return tlv{tag, rest[:length]}, rest[length:], nil
	}
	if whole {
		return tlv{}, nil, errNotBER
	}
	inside, behind := rest, []byte(nil)
	if length >= 0 {
		inside, behind = rest[:length], rest[length:]
	}
	out := tlv{tag: tag}
	joined := tag[0] == octets|constructed
	if joined {
		out.tag = []byte{octets}
	}
	for length < 0 || len(inside) > 0 {
		if length < 0 && len(inside) >= 2 && inside[0] == 0 && inside[1] == 0 {
			return out, inside[2:], nil
		}
		var part tlv
		if part, inside, err = value(inside, depth+1); err != nil {
			return tlv{}, nil, err
		}
		if joined && part.tag[0] != octets {
			return tlv{}, nil, errNotBER
		}
		if joined {
			out.content = append(out.content, part.content...)
		} else {
			out.content = part.append(out.content)
		}
	}
	return out, behind, nil
}

// header parses tag and length; an indefinite length is -1.
func header(ber []byte) (tag []byte, length int, rest []byte, err error) {
	n := 1
	if len(ber) > 0 && ber[0]&0x1f == 0x1f { // a tag of several bytes
		for n < len(ber) && ber[n] >= 0x80 {
			n++
		}
		n++
	}
	if n >= len(ber) {
		return nil, 0, nil, errNotBER
	}
	tag, first, rest := ber[:n], ber[n], ber[n+1:]
	switch size := int(first & 0x7f); {
	case first < 0x80:
		length = int(first)
	case first == 0x80:
		return tag, -1, rest, nil
	case size > 4 || size > len(rest):
		return nil, 0, nil, errNotBER
	default:
		for _, b := range rest[:size] {
			length = length<<8 | int(b)
		}
		rest = rest[size:]
	}
	if length < 0 || length > len(rest) {
		return nil, 0, nil, errNotBER
	}
	return tag, length, rest, nil
}
