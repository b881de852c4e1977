package secrecy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"sort"
)

// Minimum lengths of text that is searched.
const (
	minWord = 20 // bytes of an identity, or of anything that is private
	minRun  = 40 // digits of something encoded
	minHex  = 64
)

// Classes of characters, for finding encoded text.
const (
	other  = iota
	letter // a digit of base64, or of its variant for URLs
	soft   // allowed where an encoded text is wrapped, quoted or listed, or invisible
)

var class = func() (c [256]byte) {
	for b := range c {
		switch {
		case b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b == '+', b == '/', b == '-', b == '_':
			c[b] = letter
		case b == ' ', b == '\t', b == '\r', b == '\n', b == '"', b == '\'', b == ',', b == '#', b == '>', b == '|', b == '*', b == '\\', b >= 0x80:
			c[b] = soft
		}
	}
	return c
}()

// piece is a contiguous part of a run.
type piece struct{ text, digits int } // where it begins, in the text and in the run's digits

// run is an encoded text, joined from its pieces.
type run struct {
	digits []byte
	pieces []piece
}

func (r *run) add(text []byte, start, end int) {
	r.pieces = append(r.pieces, piece{start, len(r.digits)})
	r.digits = append(r.digits, text[start:end]...)
}

// at returns the position of a digit in the text.
func (r *run) at(digit int) int {
	i := sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].digits > digit }) - 1
	return r.pieces[i].text + digit - r.pieces[i].digits
}

// rule separates documents, and begins lines that are not base64, such as PEM markers.
var rule = []byte("---")

// runs finds private values in the encoded parts of a text.
func (f *finder) runs(text []byte, depth int) []Place {
	var places []Place
	var r run
	end := func() {
		if len(r.digits) >= minWord {
			places = append(places, f.words(text, &r)...)
		}
		if len(r.digits) >= minRun {
			places = append(places, f.decoded(&r, depth)...)
		}
		r.digits, r.pieces = r.digits[:0], r.pieces[:0]
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '-' && bytes.HasPrefix(text[i:], rule):
			end()
			for ; i < len(text) && text[i] == '-'; i++ {
			}
		case class[c] == letter:
			start := i
			for i++; i < len(text) && class[text[i]] == letter && (text[i] != '-' || !bytes.HasPrefix(text[i:], rule)); i++ {
			}
			if word := text[start:i]; len(word) > 1 || c != '-' && c != '+' { // not the mark of a list or a diff
				r.add(text, start, i)
			}
		case c == '\\':
			for i++; i < len(text) && text[i] == '\\'; i++ {
			}
			if i < len(text) && (text[i] == 'n' || text[i] == 'r' || text[i] == 't') {
				i++
			}
		case class[c] == soft, c == ':' && betweenPairs(text, i):
			i++
		default:
			end()
			i++
		}
	}
	end()
	return places
}

// betweenPairs reports whether a colon is between two pairs of hexadecimal digits, as in OpenSSL's output.
func betweenPairs(text []byte, at int) bool {
	pair := func(i int) bool { return i >= 0 && i+1 < len(text) && isHex(text[i]) && isHex(text[i+1]) }
	if !pair(at - 2) {
		return false
	}
	return pair(at+1) && (at+3 == len(text) || class[text[at+3]] != letter) || at >= 3 && text[at-3] == ':'
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

// decoded finds private values in the data that a run encodes.
func (f *finder) decoded(r *run, depth int) []Place {
	var places []Place
	digits := make([]byte, len(r.digits))
	for i, b := range r.digits {
		switch b { // RFC 4648 5: base64 for URLs
		case '-':
			b = '+'
		case '_':
			b = '/'
		}
		digits[i] = b
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	for shift := range min(4, len(digits)) { // preceding text may belong to the run
		encoded := digits[shift:]
		if len(encoded)%4 == 1 {
			encoded = encoded[:len(encoded)-1]
		}
		n, err := base64.RawStdEncoding.Decode(out, encoded)
		if err != nil {
			n = n / 3 * 3 // padding bits that are not zero
		}
		for _, p := range f.inner(out[:n], depth) {
			first, last := shift+p.Start/3*4, min(len(digits), shift+(p.End+2)/3*4)
			places = append(places, r.place(p, first, last))
		}
	}
	for start := 0; start < len(r.digits); {
		end := start
		for end < len(r.digits) && isHex(r.digits[end]) {
			end++
		}
		if end-start >= minHex {
			places = append(places, f.hexadecimal(r, start, end, depth)...)
		}
		start = end + 1
	}
	return places
}

// hexadecimal finds private values in a sequence of hexadecimal digits.
func (f *finder) hexadecimal(r *run, start, end, depth int) []Place {
	places := f.tokensIn(r, start, end)
	for shift := range 2 {
		digits := r.digits[start+shift : end]
		out := make([]byte, len(digits)/2)
		if _, err := hex.Decode(out, digits[:2*len(out)]); err != nil {
			continue
		}
		for _, p := range f.inner(out, depth) {
			places = append(places, r.place(p, start+shift+2*p.Start, start+shift+2*p.End))
		}
	}
	return places
}

// place translates a place in decoded data into the place of its digits in the text.
func (r *run) place(p Place, first, last int) Place {
	material := append([]byte(nil), p.Material...)
	if p.Material == nil {
		material = nil
	}
	return Place{Kind: p.Kind, Start: r.at(first), End: r.at(last-1) + 1, Material: material}
}

// inner finds private values in decoded data.
func (f *finder) inner(text []byte, depth int) []Place {
	if worded(text) {
		return f.find(text, depth+1)
	}
	return settle(append(keys(text), f.whole(text)...))
}

const sample, every = 16, 24

// worded reports whether a part of decoded data is text; random bytes hardly ever look like text.
func worded(text []byte) bool {
	for at := 0; at+sample <= len(text); at += every {
		n := 0
		for _, b := range text[at : at+sample] {
			if b < 0x7f && (b >= ' ' || b == '\n' || b == '\r' || b == '\t') {
				n++
			}
		}
		if n == sample {
			return true
		}
	}
	return false
}
