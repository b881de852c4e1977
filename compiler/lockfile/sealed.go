package lockfile

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// Sealed is an encrypted private value in git, with the audience in a cluster that can decrypt it. Encryption is randomized, so it is done
// once, where the keys are, and recorded in a file next to the lockfile. Overlays copy it.
type Sealed struct {
	Holds string          // digest of the value: of a public key, or of the token
	For   string          // digest of its audience
	Bound string          // what it is bound to: decryption fails anywhere else
	Text  json.RawMessage // the store's form of it, as JSON
}

// line is a record in the file: one line each, so that git merges and shows records separately.
type line struct {
	Holds  string          `json:"holds"`
	For    string          `json:"for"`
	Bound  string          `json:"bound"`
	SHA256 string          `json:"sha256"` // of the other fields: detects a record that was edited, or merged from two
	Text   json.RawMessage `json:"text"`
}

func (s Sealed) compare(o Sealed) int {
	return cmp.Or(cmp.Compare(s.Holds, o.Holds), cmp.Compare(s.For, o.For), cmp.Compare(s.Bound, o.Bound))
}

func (s Sealed) digest() string {
	h := sha256.New()
	for _, part := range []string{s.Holds, s.For, s.Bound, string(s.Text)} {
		fmt.Fprintf(h, "%d %s\n", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// FindSealed returns the record of a value for an audience, bound as given; false if there is none.
func (l *File) FindSealed(holds, audience, bound string) (Sealed, bool) {
	i, ok := slices.BinarySearchFunc(l.Sealed, Sealed{Holds: holds, For: audience, Bound: bound}, Sealed.compare)
	if !ok {
		return Sealed{}, false
	}
	return l.Sealed[i], true
}

// WithSealed returns a copy with exactly these records of private values; of two for the same, the first.
func (l *File) WithSealed(sealed []Sealed) *File {
	next := *l
	next.Sealed = slices.Clone(sealed)
	slices.SortStableFunc(next.Sealed, Sealed.compare)
	next.Sealed = slices.CompactFunc(next.Sealed, func(a, b Sealed) bool { return a.compare(b) == 0 })
	return &next
}

// shownOfLine is how much of a line diagnostics show, in bytes: a record has hundreds.
const shownOfLine = 72

const sealedHeader = `# Written by relayform: the clusters' private values, encrypted for those who open them there. Commit it; do not edit it.
apiVersion: relayform/v1
kind: SealedValues
topology: `

// MarshalSealed returns the file of records, YAML with one record per line, sorted; nil if there are none.
func (l *File) MarshalSealed() []byte {
	if len(l.Sealed) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(sealedHeader + l.Topology + "\nvalues:\n")
	for _, s := range l.Sealed {
		text, err := json.Marshal(line{s.Holds, s.For, s.Bound, s.digest(), s.Text})
		if err != nil {
			panic(err) // Text is valid JSON: it was created or parsed as such
		}
		b.WriteString("- ")
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// ReadSealed returns a copy with the records of a file. Diagnostics use the name for the file. The error is a diag.List: records that may
// have been edited are refused, with their line.
func (l *File) ReadSealed(name string, text []byte) (*File, error) {
	fault := func(n int, line []byte, message string) error {
		shown := diag.Printable(secrecy.Mask(strings.ToValidUTF8(string(line[:min(len(line), shownOfLine)]), "?")))
		at := diag.Pos{File: name, Line: n, Column: 1, EndLine: n, EndColumn: 1 + max(utf8.RuneCountInString(shown), 1)}
		return diag.List{{Pos: at, Text: shown, Fault: *diag.BadSealed.Fault(message, "restore the file from git; or remove it, and compile where the keys are: every value is encrypted again")}}
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // from git on Windows
	head := []byte(sealedHeader + l.Topology + "\nvalues:\n")
	rest, ok := bytes.CutPrefix(text, head)
	if !ok {
		have, want := bytes.Split(text, []byte("\n")), bytes.Split(head, []byte("\n"))
		n := 0
		for n < len(have)-1 && n < len(want)-1 && bytes.Equal(have[n], want[n]) {
			n++
		}
		message := "not as relayform writes it"
		if bytes.HasPrefix(want[n], []byte("topology: ")) {
			message = "want " + string(want[n]) + ", whose lockfile is beside it"
		}
		return nil, fault(n+1, have[n], message)
	}
	sealed := make([]Sealed, 0, bytes.Count(rest, []byte("\n")))
	n := bytes.Count(head, []byte("\n"))
	for raw := range bytes.Lines(rest) {
		n++
		s, message := readSealed(raw)
		switch {
		case bytes.HasPrefix(raw, []byte("<<<<<<<")):
			return nil, fault(n, bytes.TrimSpace(raw), "a git merge conflict begins here")
		case message != "":
			return nil, fault(n, bytes.TrimSuffix(raw, []byte("\n")), message)
		}
		sealed = append(sealed, s)
	}
	if len(sealed) == 0 {
		return nil, fault(n, []byte("values:"), "no value follows")
	}
	return l.WithSealed(sealed), nil
}

// readSealed parses a line; the string says what is wrong with it.
func readSealed(raw []byte) (Sealed, string) {
	object, ok := bytes.CutPrefix(bytes.TrimSuffix(raw, []byte("\n")), []byte("- "))
	if !ok || !bytes.HasSuffix(raw, []byte("\n")) {
		return Sealed{}, "want a record, as relayform writes it on one line"
	}
	var l line
	d := json.NewDecoder(bytes.NewReader(object))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || d.InputOffset() != int64(len(object)) { // nothing may follow
		return Sealed{}, "want a record, as relayform writes it on one line"
	}
	s := Sealed{l.Holds, l.For, l.Bound, l.Text}
	if l.SHA256 != s.digest() {
		return Sealed{}, "the record was edited, or cut: its digest differs"
	}
	return s, ""
}
