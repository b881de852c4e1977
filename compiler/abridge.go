package compiler

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"relayform/schema/pattern"
)

var (
	// longValue matches a value on one line that nobody reads: base64, or SOPS ciphertext.
	longValue = pattern.Late(`^( +"?[-A-Za-z0-9_.]+"?: )([A-Za-z0-9+/]{80,}=*|ENC\[[^\]]*\])$`)
	// block matches the first line of a PEM block in YAML; an armored age file has the same form.
	block = pattern.Late(`^( +)-----BEGIN ([A-Z ]+)-----$`)
	// record matches the part of an encrypted value's record that nobody reads; its digest precedes it.
	record = pattern.Late(`^(- \{.*"sha256":"[0-9a-f]{64}"),"text":.*\}$`)
)

// abridge shortens YAML from relayform for reviewers: a digest replaces each long value and block, so that changes are visible.
func abridge(text []byte) []byte {
	var b strings.Builder
	lines := strings.SplitAfter(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\n")
		end := lines[i][len(line):]
		if m := longValue().FindStringSubmatch(line); m != nil {
			fmt.Fprintf(&b, "%s%s%s", m[1], digested(fmt.Sprintf("%d characters", len(m[2])), m[2]), end)
			continue
		}
		if m := record().FindStringSubmatch(line); m != nil {
			b.WriteString(m[1] + "}" + end)
			continue
		}
		if m := block().FindStringSubmatch(line); m != nil {
			last := i
			for last < len(lines) && strings.TrimRight(lines[last], "\n") != m[1]+"-----END "+m[2]+"-----" {
				last++
			}
			if last < len(lines) {
				whole := strings.Join(lines[i:last+1], "")
				b.WriteString(m[1] + digested(m[2], whole) + "\n")
				i = last
				continue
			}
		}
		b.WriteString(lines[i])
	}
	return []byte(b.String())
}

// digested returns what replaces a text.
func digested(what, text string) string {
	return fmt.Sprintf("‹%s, sha256 %.16x›", what, sha256.Sum256([]byte(text)))
}
