// Package secrecy finds private material in text, so that it is neither committed nor printed: private keys, containers of keys, age
// identities, and tokens with a known digest. It finds them as plain text, as base64 or hexadecimal, wrapped at any width, escaped, and
// encoded more than once. Certificates, public keys, digests and ciphertext are not private.
package secrecy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"relayform/schema/pattern"
)

// Kind is what private material is, as a noun for a sentence.
type Kind string

// The kinds of private material.
const (
	Key       Kind = "a private key"
	Container Kind = "a container of private keys"
	Identity  Kind = "an age identity"
	Token     Kind = "the identity token"
)

// Place is the position of a private value in a text.
type Place struct {
	Kind       Kind
	Start, End int    // in bytes; End is after it
	Line       int    // of Start, from 1
	Material   []byte // the material itself: a key as DER, other kinds as text; nil if it cannot be decoded
}

const (
	maxDepth   = 4        // levels of nested encodings
	maxWindows = 1 << 20  // pieces of hexadecimal that are tried as tokens
	maxBlock   = 64 << 10 // bytes of one key as text
)

// finder searches one text.
type finder struct {
	tokens  map[[sha256.Size]byte]bool
	windows int // how many were tried so far
}

// Find returns the places of private material, in order and without overlaps. The tokens are given as their SHA-256 digests in hexadecimal.
func Find(text []byte, tokens ...string) []Place {
	f := finder{tokens: map[[sha256.Size]byte]bool{}}
	for _, t := range tokens {
		var digest [sha256.Size]byte
		if n, err := hex.Decode(digest[:], []byte(t)[:min(len(t), hex.EncodedLen(len(digest)))]); err == nil && n == len(digest) {
			f.tokens[digest] = true
		}
	}
	places := f.find(text, 0)
	line, at := 1, 0
	for i := range places {
		p := &places[i]
		line += bytes.Count(text[at:p.Start], []byte("\n"))
		p.Line, at = line, p.Start
		for range 2 { // base64 ends with at most two
			if p.End < len(text) && text[p.End] == '=' {
				p.End++
			}
		}
	}
	return places
}

// Hide returns the text with every place replaced by ***. The number of lines stays the same.
func Hide(text []byte, places []Place) []byte {
	if len(places) == 0 {
		return text
	}
	var out []byte
	at := 0
	for _, p := range places {
		out = append(out, text[at:p.Start]...)
		for line := range bytes.Lines(text[p.Start:p.End]) {
			out = append(out, blot...)
			if bytes.HasSuffix(line, []byte("\n")) {
				out = append(out, '\n')
			}
		}
		at = p.End
	}
	return append(out, text[at:]...)
}

// blot replaces what is hidden.
const blot = "***"

// Mask makes a text safe to print: it hides private material, and credentials in addresses.
func Mask(text string, tokens ...string) string {
	if len(text) < minWord {
		return text
	}
	return string(Hide([]byte(text), Unprintable([]byte(text), Find([]byte(text), tokens...))))
}

// Unprintable adds the credentials in addresses to the places of private material: a file may contain them, but they must not be printed.
func Unprintable(text []byte, private []Place) []Place {
	if !bytes.Contains(text, []byte("://")) {
		return private
	}
	all := slices.Clone(private)
	for _, at := range userinfo().FindAllSubmatchIndex(text, -1) {
		all = append(all, Place{Start: at[4], End: at[5]})
	}
	return settle(all)
}

// userinfo matches credentials in an address (RFC 3986 3.2.1): a password after a user, or any user info of a web address, because git
// servers accept tokens in place of users. People also write placeholders there, so it does not count as private material.
var userinfo = pattern.Late(`((?i:https?)://|[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:)([^\s/?#@"']+)@`)

func (f *finder) find(text []byte, depth int) []Place {
	if len(text) < minWord {
		return nil
	}
	places := slices.Concat(blocks(text), keys(text), webKeys(text), f.whole(text))
	if depth < maxDepth {
		places = slices.Concat(places, f.runs(text, depth), f.escapes(text, depth))
	}
	return settle(places)
}

// settle sorts places, and joins those that overlap.
func settle(places []Place) []Place {
	slices.SortStableFunc(places, func(a, b Place) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	var out []Place
	for _, p := range places {
		if len(out) == 0 || p.Start >= out[len(out)-1].End {
			out = append(out, p)
			continue
		}
		last := &out[len(out)-1]
		last.End = max(last.End, p.End)
		if last.Material == nil {
			last.Material = p.Material
		}
	}
	return out
}
