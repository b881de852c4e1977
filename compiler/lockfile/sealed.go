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

// Sealed is a private value as git holds it: encrypted for those who may open it in a cluster. It is random, so it is made
// once, where the keys are, and recorded in a file beside the lockfile. Overlays copy it.
type Sealed struct {
	Holds string          // the digest of what it holds: of a public key, or of the token
	For   string          // the digest of whom it is for
	Bound string          // what it is bound to: opened elsewhere, it fails
	Text  json.RawMessage // what its store has made of it, as JSON
}

// line is a record as its file has it: one line each, so that git merges and shows records one by one.
type line struct {
	Holds  string          `json:"holds"`
	For    string          `json:"for"`
	Bound  string          `json:"bound"`
	SHA256 string          `json:"sha256"` // of all the rest: a record that was edited, or put together from two, is found
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

// FindSealed is the record of a value for an audience, bound to what it has to be; false where there is none.
func (l *File) FindSealed(holds, audience, bound string) (Sealed, bool) {
	i, ok := slices.BinarySearchFunc(l.Sealed, Sealed{Holds: holds, For: audience, Bound: bound}, Sealed.compare)
	if !ok {
		return Sealed{}, false
	}
	return l.Sealed[i], true
}

// WithSealed is a copy of the lock with these records of private values, and no others; of two for the same, the first.
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

// MarshalSealed is the file of records, YAML with one record a line, sorted; nil where there are none.
func (l *File) MarshalSealed() []byte {
	if len(l.Sealed) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(sealedHeader + l.Topology + "\nvalues:\n")
	for _, s := range l.Sealed {
		text, err := json.Marshal(line{s.Holds, s.For, s.Bound, s.digest(), s.Text})
		if err != nil {
			panic(err) // Text is JSON: it was made or read as such
		}
		b.WriteString("- ")
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// ReadSealed is a copy of the lock with the records of a file. The name is what diagnostics call the file. The error is a
// diag.List: what cannot be told from what somebody edited is refused, with its line.
func (l *File) ReadSealed(name string, text []byte) (*File, error) {
	fault := func(n int, line []byte, message string) error {
		shown := diag.Printable(secrecy.Mask(strings.ToValidUTF8(string(line[:min(len(line), shownOfLine)]), "?")))
		at := diag.Pos{File: name, Line: n, Column: 1, EndLine: n, EndColumn: 1 + max(utf8.RuneCountInString(shown), 1)}
		return diag.List{{Pos: at, Text: shown, Fault: *diag.BadSealed.Fault(message, "restore the file from git; or remove it, and compile where the keys are: every value is encrypted again")}}
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // git's, on Windows
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

// readSealed reads a line, and says what is wrong with it.
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
