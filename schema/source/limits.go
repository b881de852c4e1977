package source

import "fmt"

// The limits of an input. Input beyond a limit is refused with a fault that names the limit, before it can cost much work.
const (
	MaxBytes = 64 << 20 // size of a file
	MaxDepth = 64       // nesting of blocks and lists
	MaxKey   = 1024     // bytes of a key
	MaxItems = 1 << 20  // lines, values and entries, as Items counts them
)

// TooLarge says that a file has more than MaxBytes bytes.
func TooLarge(size int64) string {
	return fmt.Sprintf("the file has %d bytes; the limit is %d (64 MiB)", size, MaxBytes)
}

// TooMany says that a text has more than MaxItems items, and how many; empty if it has not.
func TooMany(text []byte) string {
	if n := Items(text); n > MaxItems {
		return fmt.Sprintf("%d lines, values and entries; the limit is %d", n, MaxItems)
	}
	return ""
}

func tooDeep() string {
	return fmt.Sprintf("nested deeper than the limit of %d levels", MaxDepth)
}

// Items counts lines, the values after a colon, and the entries of lists and of blocks in braces. Each node of YAML begins with a line or
// after one of these marks, so a text has about as many nodes as items, and never more than twice as many. The count therefore bounds the
// cost of parsing.
func Items(text []byte) int {
	n := 1
	for i, b := range text {
		switch b {
		case '\n', ',', '[', '{':
			n++
		case '\r':
			if !next(text, i, '\n') {
				n++
			}
		case '-', '?', ':':
			if apart(text, i) || b == ':' && joined(text, i) {
				n++
			}
		}
	}
	return n
}

// next reports whether the byte after the one at i is want.
func next(text []byte, i int, want byte) bool { return i+1 < len(text) && text[i+1] == want }

// apart reports whether YAML takes the byte at i as a mark: a blank or the end of the text follows it.
func apart(text []byte, i int) bool {
	if i+1 == len(text) {
		return true
	}
	switch text[i+1] {
	case ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// joined reports whether a colon is a mark without a blank after it, as in brackets.
func joined(text []byte, i int) bool {
	switch text[i+1] {
	case ',', '[', ']', '{', '}':
		return true
	}
	if i == 0 {
		return false
	}
	switch text[i-1] {
	case '"', '\'', ']', '}':
		return true
	}
	return false
}
