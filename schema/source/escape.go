package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Escape makes an arbitrary text safe as a value. It writes invisible characters, which are not permitted, as in RFC 4514 2.4: a backslash
// and two hexadecimal digits for each byte.
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
