package secrecy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sort"

	"relayform/schema/pattern"
)

var (
	// prefix matches the beginning of an age identity, or of an age plugin's identity, in Bech32.
	prefix = pattern.Late(`(?i)AGE-(?:SECRET-KEY|PLUGIN)-`)
	// identity matches an identity in capitals, or with the 1 of Bech32 after its prefix. It must not match names of programs, such as
	// age-plugin-yubikey.
	identity = pattern.Late(`^(?:AGE-SECRET-KEY-[0-9A-Z-]*[0-9A-Z]{6}[0-9A-Za-z-]*|(?i:AGE-(?:SECRET-KEY-(?:[0-9A-Z]+-)?|PLUGIN-[0-9A-Z-]*-)1[0-9A-Z]{6,}))`)
)

// maxIdentity is the maximum length of an identity that is read.
const maxIdentity = 512

// identities returns the identities in a run. An identity may be split over several lines.
func (r *run) identities(text []byte) []Place {
	var places []Place
	for at := 0; ; {
		m := prefix().FindIndex(r.digits[at:])
		if m == nil {
			return places
		}
		start := at + m[0]
		at += m[1]
		limit := min(len(r.digits), start+maxIdentity)
		end := r.word(text, start, limit)
		if identity().Match(r.digits[start:min(end, limit)]) {
			at = end
		} else {
			end = start + len(identity().Find(r.digits[start:limit]))
		}
		if end > start {
			places = append(places, r.place(Place{Kind: Identity, Material: r.digits[start:end]}, start, end))
		}
	}
}

// words returns the identities and tokens in a run.
func (f *finder) words(text []byte, r *run) []Place {
	var places []Place
	if bytes.Contains(r.digits, []byte("GE-")) || bytes.Contains(r.digits, []byte("ge-")) {
		places = r.identities(text)
	}
	for i, p := range r.pieces {
		end := len(r.digits)
		if i+1 < len(r.pieces) {
			end = r.pieces[i+1].digits
		}
		if end-p.digits >= minWord && f.isToken(r.digits[p.digits:end]) {
			places = append(places, r.place(Place{Kind: Token, Material: r.digits[p.digits:end]}, p.digits, end))
		}
	}
	return places
}

// word returns where the word that contains a digit ends, searching up to a limit. An invisible character does not end it.
func (r *run) word(text []byte, digit, limit int) int {
	i := sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].digits > digit })
	for ; i < len(r.pieces) && r.pieces[i].digits < limit; i++ {
		end := r.at(r.pieces[i].digits-1) + 1
		if bytes.ContainsFunc(text[end:r.pieces[i].text], func(c rune) bool { return c < 0x80 }) {
			return r.pieces[i].digits
		}
	}
	if i < len(r.pieces) {
		return r.pieces[i].digits
	}
	return len(r.digits)
}

// isToken reports whether a word is a token. A certificate, whose digest may be among the given ones, is not a word.
func (f *finder) isToken(word []byte) bool {
	return len(f.tokens) > 0 && len(word) <= maxToken && !bytes.ContainsFunc(word, unprintable) && f.tokens[sha256.Sum256(word)]
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

// A token that relayform generated has tokenDigits hexadecimal digits; any token has at most maxToken bytes.
const tokenDigits, maxToken = 64, 4096

// whole finds a text that is only a token, or the bytes that a hexadecimal token encodes.
func (f *finder) whole(text []byte) []Place {
	if len(f.tokens) == 0 || len(text) > maxToken {
		return nil
	}
	spelled := make([]byte, hex.EncodedLen(len(text)))
	hex.Encode(spelled, text)
	if f.isToken(text) || f.isToken(bytes.TrimSpace(text)) || f.isToken(spelled) {
		return []Place{{Kind: Token, Start: 0, End: len(text), Material: text}}
	}
	return nil
}

// tokensIn returns the tokens in a sequence of hexadecimal digits, even if other digits surround them.
func (f *finder) tokensIn(r *run, start, end int) []Place {
	if len(f.tokens) == 0 {
		return nil
	}
	var places []Place
	lower := bytes.ToLower(r.digits[start:end])
	for i := 0; i+tokenDigits <= len(lower) && f.windows < maxWindows; i++ {
		if f.windows++; f.isToken(lower[i : i+tokenDigits]) {
			places = append(places, r.place(Place{Kind: Token, Material: lower[i : i+tokenDigits]}, start+i, start+i+tokenDigits))
		}
	}
	return places
}

var (
	keyType = pattern.Late(`^kty\\*["']?\s*:`)
	// member matches a private member of a JSON Web Key (RFC 7518 6.2.2, 6.3.2 and 6.4), in JSON or YAML.
	member = pattern.Late(`(?:["'](?:d|k|p|q|dp|dq|qi)\\*["']|\b[dk])\s*:\s*\\*["']?[0-9A-Za-z_[:^ascii:]-]{20,}`)
	// number matches a number of a private key in OpenSSL's text output.
	number = pattern.Late(`^(?:privateExponent|priv):(?:\\+[nrt]|[\s#>"',])*(?:[0-9a-fA-F]{2}:(?:\\+[nrt]|[\s#>"',])*){8,}[0-9a-fA-F]{0,2}`)
)

// maxWebKey is the maximum distance between a member and the type of its key, in bytes.
const maxWebKey = 16 << 10

// webKeys returns private keys whose numbers are written as text.
func webKeys(text []byte) []Place {
	var places []Place
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("kty"))
		if i < 0 {
			break
		}
		if at += i; !keyType().Match(text[at:min(len(text), at+maxHead)]) {
			at++
			continue
		}
		low, high := max(0, at-maxWebKey), min(len(text), at+maxWebKey)
		for _, m := range member().FindAllIndex(text[low:high], -1) {
			places = append(places, Place{Kind: Key, Start: low + m[0], End: low + m[1]})
		}
		at = high
	}
	each(text, []byte("priv"), func(at int) {
		if m := number().Find(text[at:min(len(text), at+maxBlock)]); m != nil {
			places = append(places, Place{Kind: Key, Start: at, End: at + len(m)})
		}
	})
	return places
}
