package deploy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// encoded is what may be private material in base64, or hexadecimal: kubectl puts the objects that a
// server refuses, Secrets too, into its errors.
var encoded = regexp.MustCompile(`[A-Za-z0-9+/=]{20,}`)

// mask is kubectl's words without what may be secret. Whole objects go, and in what is left
// everything that looks like base64; words and paths stay.
func mask(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "&{") {
			line = "(an object, not shown)"
		}
		out = append(out, encoded.ReplaceAllStringFunc(line, func(s string) string {
			if words(s) {
				return s
			}
			return "***"
		}))
	}
	return strings.Join(out, "\n")
}

// camel is what words run together look like, and chance does not.
var camel = regexp.MustCompile(`^([A-Z]?[a-z]{2,})*$`)

// words reports whether a text without blanks is made of words, as a path is.
func words(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if len(part) >= 8 && !camel.MatchString(part) || strings.ContainsAny(part, "+=") {
			return false
		}
	}
	return true
}

// Summary counts kubectl's lines by what they say: 2 created, 3 unchanged.
func (o Outcome) Summary() string {
	type count struct {
		verb string
		n    int
	}
	var counts []count
	for _, line := range o.Said {
		_, verb, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		if rest, found := strings.CutPrefix(verb, `"`); found { // secret "x" deleted
			_, verb, _ = strings.Cut(rest, `" `)
		}
		verb, _, _ = strings.Cut(verb, " ")
		i := slices.IndexFunc(counts, func(c count) bool { return c.verb == verb })
		if i < 0 {
			counts, i = append(counts, count{verb: verb}), len(counts)
		}
		counts[i].n++
	}
	slices.SortFunc(counts, func(a, b count) int { return cmp.Compare(a.verb, b.verb) })
	words := make([]string, len(counts))
	for i, c := range counts {
		words[i] = fmt.Sprintf("%d %s", c.n, c.verb)
	}
	return strings.Join(words, ", ")
}
