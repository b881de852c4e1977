package source

import "fmt"

// The limits of an input. What is within them is judged; what is beyond is refused by name, before the
// work that it would cost is done.
const (
	MaxBytes = 64 << 20 // size of a file
	MaxDepth = 64       // nesting of blocks and lists
	MaxKey   = 1024     // bytes of a key
	MaxItems = 1 << 20  // lines, values and entries, as Items counts them
)

// TooLarge says that a file has more than MaxBytes.
func TooLarge(size int64) string {
	return fmt.Sprintf("the file has %d bytes; the limit is %d (64 MiB)", size, MaxBytes)
}

// TooMany says that a text has more than MaxItems, and how many; it is empty where it has not.
func TooMany(text []byte) string {
	if n := Items(text); n > MaxItems {
		return fmt.Sprintf("%d lines, values and entries; the limit is %d", n, MaxItems)
	}
	return ""
}

func tooDeep() string {
	return fmt.Sprintf("nested deeper than the limit of %d levels", MaxDepth)
}

// Items counts lines, the values after a colon, the entries of lists, and those of blocks in braces.
// YAML makes about as many nodes of a text, and never more than twice as many, so that counting them
// bounds what parsing costs: a line, or what follows one of the marks, begins each of them.
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

// next reports whether a byte follows the one at i.
func next(text []byte, i int, want byte) bool { return i+1 < len(text) && text[i+1] == want }

// apart reports whether a mark is one for YAML: a blank or the end follows it.
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

// joined reports whether a colon is a mark within brackets, where it needs no blank.
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
