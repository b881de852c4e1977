package locktest

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/schema/pattern"
)

// Case is a lockfile that must be refused.
type Case struct {
	Name string
	Text []byte
	At   string // path of the reported field
	Want string // part of the message

	Faults int // number of faults: one change may cause several
}

// tampering is a good lockfile and its changes: first to the data, then to the text.
type tampering struct {
	name string
	base string
	lock func(m *mint, l *lockfile.File)
	text func(m *mint, text string) string
	at   string
	want string
}

// twice are tamperings with two faults.
var twice = []string{"generations of roots the other way round", "generations of anchors the other way round"}

// Cases returns all tampered lockfiles, with the message that refuses each.
func Cases(t testing.TB) []Case {
	m := newMint(t)
	good := m.good()
	var cases []Case
	for _, c := range slices.Concat(blocks, facts, forms, shapes, times, issuers, chains, adoptions) {
		l := clone(good[c.base])
		if c.lock != nil {
			c.lock(m, l)
		}
		text, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if c.text != nil {
			changed := c.text(m, string(text))
			if changed == string(text) {
				t.Fatalf("%s: nothing was changed in\n%s", c.name, text)
			}
			text = []byte(changed)
		}
		faults := 1
		if slices.Contains(twice, c.name) {
			faults = 2
		}
		cases = append(cases, Case{c.name, text, c.at, c.want, faults})
	}
	return cases
}

func clone(l *lockfile.File) *lockfile.File {
	copied := *l
	copied.Certificates = slices.Clone(l.Certificates)
	copied.Adopted = slices.Clone(l.Adopted)
	if l.Rotation != nil {
		r := *l.Rotation
		r.Aside = slices.Clone(r.Aside)
		copied.Rotation = &r
	}
	return &copied
}

var entryBegins = pattern.Late(`(?m)^ +- role: `)

// in changes one entry in a lockfile's text, counted from 0, including those set aside.
func in(entry int, change func(m *mint, text string) string) func(*mint, string) string {
	return func(m *mint, text string) string {
		at := entryBegins().FindAllStringIndex(text, -1)
		from, to := at[entry][0], len(text)
		if entry+1 < len(at) {
			to = at[entry+1][0]
		}
		return text[:from] + change(m, text[from:to]) + text[to:]
	}
}

// replace replaces the first occurrence of a text.
func replace(old, new string) func(*mint, string) string {
	return func(_ *mint, text string) string { return strings.Replace(text, old, new, 1) }
}

// line changes the line of a field; an empty value removes it.
func line(field, value string) func(*mint, string) string {
	find := regexp.MustCompile(`(?m)^( +)` + field + `: .*\n`)
	return func(_ *mint, text string) string {
		at := find.FindStringSubmatchIndex(text)
		if at == nil {
			return text
		}
		changed := ""
		if value != "" {
			changed = text[at[2]:at[3]] + field + ": " + value + "\n"
		}
		return text[:at[0]] + changed + text[at[1]:]
	}
}

// blockOf changes the pem field of an entry.
func blockOf(entry int, change func(m *mint, block string) string) func(*mint, string) string {
	return in(entry, func(m *mint, text string) string {
		head, rest, _ := strings.Cut(text, "pem: |\n")
		indent := rest[:strings.Index(rest, "-")]
		var block, tail strings.Builder
		for line := range strings.Lines(rest) {
			if tail.Len() == 0 && strings.HasPrefix(line, indent) {
				block.WriteString(strings.TrimPrefix(line, indent))
			} else {
				tail.WriteString(line)
			}
		}
		var b strings.Builder
		for line := range strings.Lines(change(m, block.String())) {
			b.WriteString(indent + line)
		}
		return head + "pem: |\n" + b.String() + tail.String()
	})
}

// behind appends to a pem field.
func behind(text string) func(*mint, string) string {
	return func(_ *mint, block string) string { return block + text }
}

// reencoded changes and encodes the first block again.
func reencoded(change func(b *pem.Block)) func(*mint, string) string {
	return func(_ *mint, text string) string {
		b, rest := pem.Decode([]byte(text))
		change(b)
		return string(pem.EncodeToMemory(b)) + string(rest)
	}
}

// chain replaces the certificates after an entry's own.
func chain(l *lockfile.File, entry int, above ...*x509.Certificate) {
	c := l.Certificates[entry]
	l.Certificates[entry] = lockfile.NewCertificate(c.Role, c.Generation, c.Source, c.Validity, append([]*x509.Certificate{c.Chain[0]}, above...)...)
}

// weak sets a signature algorithm that Go does not verify.
func weak(m *mint, c *x509.Certificate) *x509.Certificate {
	ecdsaWithSHA256 := []byte{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}
	md5 := []byte{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05}
	changed, err := x509.ParseCertificate(bytes.ReplaceAll(c.Raw, ecdsaWithSHA256, md5))
	if err != nil {
		m.Fatal(err)
	}
	return changed
}
