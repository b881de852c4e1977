package secrecy

import "bytes"

// DER tags (X.690 8) in private keys.
const (
	integer     = 0x02
	octetString = 0x04
	objectID    = 0x06
	sequence    = 0x30
)

// element is the DER element at the start of a text: its content, as far as the text has it, and its length including the header.
type element struct {
	tag     byte
	content []byte
	whole   int
}

// elementAt reads an element's header; false if there is none in valid DER.
func elementAt(text []byte) (element, bool) {
	if len(text) < 2 {
		return element{}, false
	}
	header, length := 2, int(text[1])
	if length >= 0x80 {
		n := length & 0x7f
		if n == 0 || n > 3 || len(text) < 2+n || text[2] == 0 {
			return element{}, false
		}
		length = 0
		for _, b := range text[2 : 2+n] {
			length = length<<8 | int(b)
		}
		if length < 0x80 {
			return element{}, false
		}
		header += n
	}
	return element{text[0], text[header:min(len(text), header+length)], header + length}, true
}

// rest returns the text after the element.
func (e element) rest(text []byte) []byte { return text[min(len(text), e.whole):] }

// enclosing returns the start of the sequence whose content begins at a position; -1 if there is none.
func enclosing(text []byte, at int) int {
	for header := 2; header <= 5 && header <= at; header++ {
		if text[at-header] != sequence {
			continue
		}
		if e, ok := elementAt(text[at-header:]); ok && len(text[at:]) >= len(e.content) && e.whole-header >= 0 && contentAt(text[at-header:]) == header {
			return at - header
		}
	}
	return -1
}

// contentAt returns the length of an element's header.
func contentAt(text []byte) int {
	if text[1] < 0x80 {
		return 2
	}
	return 2 + int(text[1]&0x7f)
}

// The beginnings of private keys in DER and in other binary forms.
var (
	version  = []byte{integer, 1}
	openSSH  = []byte("openssh-key-v1\x00")            // PROTOCOL.key of OpenSSH
	javaKeys = []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0} // JKS
	jceKeys  = []byte{0xce, 0xce, 0xce, 0xce, 0, 0, 0} // JCEKS
	pkcs5    = []byte{objectID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5}
	pkcs12   = []byte{objectID, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1}
	pkcs7    = []byte{objectID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7}
)

// keys returns private keys and containers in binary formats.
func keys(text []byte) []Place {
	var places []Place
	found := func(kind Kind, start, length int, readable bool) {
		p := Place{Kind: kind, Start: start, End: min(len(text), start+length)}
		if readable {
			p.Material = text[p.Start:p.End]
		}
		places = append(places, p)
	}
	each(text, version, func(at int) {
		start := enclosing(text, at)
		if start < 0 {
			return
		}
		if kind := keyForm(text[at:]); kind != "" {
			e, _ := elementAt(text[start:])
			found(kind, start, e.whole, kind == Key)
		}
	})
	for _, scheme := range [][]byte{pkcs5, pkcs12} {
		each(text, scheme, func(at int) {
			algorithm := enclosing(text, at)
			if algorithm < 0 || !passwordBased(text[at+len(scheme):], scheme) {
				return
			}
			e, _ := elementAt(text[algorithm:])
			if start := enclosing(text, algorithm); start >= 0 && tagOf(e.rest(text[algorithm:])) == octetString {
				whole, _ := elementAt(text[start:])
				found(Key, start, whole.whole, false)
			}
		})
	}
	each(text, openSSH, func(at int) { found(Key, at, len(text)-at, true) })
	each(text, javaKeys, func(at int) { found(Container, at, len(text)-at, false) })
	each(text, jceKeys, func(at int) { found(Container, at, len(text)-at, false) })
	return places
}

// each calls found for every position of a mark.
func each(text, mark []byte, found func(at int)) {
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], mark)
		if i < 0 {
			return
		}
		at += i
		found(at)
	}
}

func tagOf(text []byte) byte {
	if len(text) == 0 {
		return 0
	}
	return text[0]
}

// passwordBased reports whether the last number of an object identifier names an encryption scheme with a password (RFC 8018 A.4 and
// appendix C of RFC 7292), and not one of its parts.
func passwordBased(rest, scheme []byte) bool {
	last := tagOf(rest)
	if bytes.Equal(scheme, pkcs12) {
		return last >= 1 && last <= 6
	}
	return bytes.IndexByte([]byte{1, 3, 4, 6, 10, 11, 13}, last) >= 0
}

// keyForm returns the kind of a sequence whose content begins with a version; empty if it is not a key.
func keyForm(content []byte) Kind {
	if len(content) < 4 {
		return ""
	}
	number, rest := content[2], content[3:]
	e, ok := elementAt(rest)
	switch {
	case !ok:
		return ""
	case number <= 1 && e.tag == sequence: // PKCS #8 (RFC 5958 2)
		id, ok := elementAt(e.content)
		if ok && id.tag == objectID && id.whole >= 5 && id.whole <= 20 && tagOf(e.rest(rest)) == octetString {
			return Key
		}
	case number <= 1 && e.tag == integer: // PKCS #1 (RFC 8017 A.1.2), and DSA's of OpenSSL
		return integers(rest)
	case number == 1 && e.tag == octetString: // SEC 1 C.4
		after := tagOf(e.rest(rest))
		if n := e.whole - 2; n >= 16 && n <= 72 && (after == 0 || after == 0xa0 || after == 0xa1) && len(content) > 5+n/2 {
			return Key
		}
	case number == 3 && e.tag == sequence: // PKCS #12 (RFC 7292 4)
		if bytes.HasPrefix(e.content, pkcs7) {
			return Container
		}
	}
	return ""
}

// integers recognizes the numbers of a key: a large one, and more after it.
func integers(rest []byte) Kind {
	for n := 0; n < 4; n++ {
		e, ok := elementAt(rest)
		if !ok || e.tag != integer || n == 0 && e.whole < 64 {
			return ""
		}
		if e.whole > len(rest) {
			return Key // truncated within its numbers
		}
		if rest = e.rest(rest); len(rest) == 0 && n == 0 {
			return ""
		}
	}
	return Key
}
