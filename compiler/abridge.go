package compiler

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"relayform/schema/pattern"
)

var (
	// longValue is a value on one line that nobody reads: base64, or what SOPS has made of it.
	longValue = pattern.Late(`^( +"?[-A-Za-z0-9_.]+"?: )([A-Za-z0-9+/]{80,}=*|ENC\[[^\]]*\])$`)
	// block begins a PEM block within YAML; a file of age in letters has the same form.
	block = pattern.Late(`^( +)-----BEGIN ([A-Z ]+)-----$`)
	// record is the part of a record of an encrypted value that nobody reads; its digest stands before it.
	record = pattern.Late(`^(- \{.*"sha256":"[0-9a-f]{64}"),"text":.*\}$`)
)

// abridge is YAML that relayform writes, as a reviewer reads it: a digest in place of each long value and block, so that a
// change of one shows.
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

// digested is what stands for a text.
func digested(what, text string) string {
	return fmt.Sprintf("‹%s, sha256 %.16x›", what, sha256.Sum256([]byte(text)))
}
