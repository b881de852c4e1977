package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Escape is a text that comes from elsewhere, as it may stand in a value: what may not, because nobody sees
// what it is, is written as RFC 4514 2.4 has it, a backslash and two hexadecimal digits for each byte.
func Escape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if hidden(r) == "" {
			b.WriteString(text[i : i+n])
		} else {
			for _, octet := range []byte(text[i : i+n]) {
				fmt.Fprintf(&b, `\%02X`, octet)
			}
		}
		i += n
	}
	return b.String()
}
