package deploy

import (
	"strings"

	"relayform/schema/pattern"
	"relayform/schema/secrecy"
)

// encoded is what may be private material in base64, or hexadecimal: kubectl puts the objects that a
// server refuses, Secrets too, into its errors.
var encoded = pattern.Late(`[A-Za-z0-9+/=]{20,}`)

// mask is kubectl's words without what may be secret. What is private goes first, as it may take several
// lines; then whole objects, and in what is left everything that looks like base64; words and paths stay.
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

// camel is what words run together look like, and chance does not.
var camel = pattern.Late(`^([A-Z]?[a-z]{2,})*$`)

// words reports whether a text without blanks is made of words, as a path is.
func words(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if len(part) >= 8 && !camel().MatchString(part) || strings.ContainsAny(part, "+=") {
			return false
		}
	}
	return true
}
