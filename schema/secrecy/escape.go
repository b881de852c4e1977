package secrecy

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"relayform/schema/pattern"
)

// escaped matches a character that is written as its number, in YAML or JSON.
var escaped = pattern.Late(`^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`)

// escapes finds private values in quoted text with characters that are written as numbers.
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

// nextEscape returns the position of the next character that is written as its number; -1 if there is none.
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

// escapeAt returns the escape at a position if it is a character's number, or else nil.
func escapeAt(text []byte, at int) []byte {
	if at+1 < len(text) && bytes.IndexByte([]byte("xuU"), text[at+1]) < 0 {
		return nil
	}
	return escaped().Find(text[at:min(len(text), at+10)])
}

// closingQuote returns where quoted text ends, or the limit up to which it is searched.
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

// unescape decodes quoted text. It removes escaped line breaks, and the indentation after them.
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
