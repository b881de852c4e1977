package deploy

import (
	"strings"

	"relayform/schema/pattern"
	"relayform/schema/secrecy"
)

// encoded matches what may be private values in base64 or hexadecimal: kubectl's errors contain the objects that a server refuses,
// including Secrets.
var encoded = pattern.Late(`[A-Za-z0-9+/=]{20,}`)

// mask removes possibly private text from kubectl's output. Private keys are removed first, as they may span several lines; then whole
// objects, and in the rest everything that looks like base64; words and paths stay.
func mask(text string) string {
	text = secrecy.Mask(text)
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "&{") {
			line = "(an object, not shown)"
		}
		out = append(out, encoded().ReplaceAllStringFunc(line, func(s string) string {
			if words(s) {
				return s
			}
			return "***"
		}))
	}
	return strings.Join(out, "\n")
}

// camel matches joined words, but hardly any random text.
var camel = pattern.Late(`^([A-Z]?[a-z]{2,})*$`)

// words reports whether a text without blanks consists of words, like a path.
func words(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if len(part) >= 8 && !camel().MatchString(part) || strings.ContainsAny(part, "+=") {
			return false
		}
	}
	return true
}
