package gitops

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// holes are placeholders for a remote's name and values in a text that all remotes share.
type holes struct{ name, values string }

// holesOf derives them from all users' input in that text, so that it contains them nowhere else.
func holesOf(p *plan.Plan) holes {
	h := sha256.New()
	h.Write([]byte(p.Name))
	for _, v := range p.Charts.Values {
		h.Write(v.Text)
	}
	name := hex.EncodeToString(h.Sum(nil))
	return holes{"hole-" + name, "values-" + name}
}

// form is a text that is marshalled once, for remotes that differ only in their names and values.
type form struct{ parts, values [][]byte }

func newForm(h holes, objects ...manifest.Object) (form, error) {
	text, err := manifest.Marshal(objects...)
	text = append([]byte("# "+manifest.Header+"\n"), text...)
	before, after, found := bytes.Cut(text, []byte(h.values))
	f := form{parts: bytes.Split(before, []byte(h.name))}
	if found {
		f.values = bytes.Split(after, []byte(h.name))
	}
	return f, err
}

// fill returns the text for one remote. A name is a DNS label, and in the form it is always next to other characters: it needs no quotes.
func (f form) fill(name string, values []byte) []byte {
	text := bytes.Join(f.parts, []byte(name))
	if f.values == nil {
		return text
	}
	text = append(text, '|')
	for line := range bytes.Lines(values) {
		text = append(append(text, "\n    "...), bytes.TrimSuffix(line, []byte("\n"))...)
	}
	return append(text, bytes.Join(f.values, []byte(name))...)
}
