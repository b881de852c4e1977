package secrecy

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"relayform/schema/pattern"
)

// escaped is a character written as its number, in YAML or JSON.
var escaped = pattern.Late(`^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`)

// escapes finds what is private in quoted text whose characters are written as numbers.
func (f *finder) escapes(text []byte, depth int) []Place {
	var places []Place
	for at := 0; ; {
		at = nextEscape(text, at)
		if at < 0 {
			return places
		}
		low := max(0, at-maxBlock)
		start, end := low+bytes.LastIndexByte(text[low:at], '"')+1, closingQuote(text, at)
		if inner := f.find(unescape(text[start:end]), depth+1); len(inner) > 0 {
			places = append(places, Place{Kind: inner[0].Kind, Start: start, End: end, Material: inner[0].Material})
		}
		at = end
	}
}

// nextEscape is where the next numbered character stands; -1 where there is none.
func nextEscape(text []byte, from int) int {
	for at := from; ; at++ {
		i := bytes.IndexByte(text[at:], '\\')
		if i < 0 {
			return -1
		}
		if at += i; escapeAt(text, at) != nil {
			return at
		}
	}
}

// escapeAt is the numbered character at a place; nil where there is none.
func escapeAt(text []byte, at int) []byte {
	if at+1 < len(text) && bytes.IndexByte([]byte("xuU"), text[at+1]) < 0 {
		return nil
	}
	return escaped().Find(text[at:min(len(text), at+10)])
}

// closingQuote is where quoted text ends, or how far it is looked at.
func closingQuote(text []byte, from int) int {
	limit := min(len(text), from+maxBlock)
	for i := from; i < limit; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return limit
}

// unescape is quoted text as it is meant. A break of the line that is escaped, or only folds, vanishes.
func unescape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		if m := escapeAt(text, i); m != nil {
			n, _ := strconv.ParseUint(string(m[2:]), 16, 32)
			out = utf8.AppendRune(out, rune(n))
			i += len(m) - 1
			continue
		}
		switch i++; text[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case '\r', '\n':
			for i+1 < len(text) && bytes.IndexByte([]byte(" \t\r\n"), text[i+1]) >= 0 {
				i++
			}
		default:
			out = append(out, text[i])
		}
	}
	return out
}
