package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// conceal finds the private values in the text, and prepares the text that may be quoted: each of their characters becomes a *, so that
// other text keeps its column.
func (f *File) conceal(text []byte) {
	f.shown, f.shownLines = f.text, f.lines
	f.private = secrecy.Find(text, f.tokens...)
	hidden := secrecy.Unprintable(text, f.private)
	if len(hidden) == 0 {
		return
	}
	var b strings.Builder
	b.Grow(len(f.text))
	at := 0
	for _, p := range hidden {
		b.WriteString(f.text[at:p.Start])
		for _, r := range f.text[p.Start:p.End] {
			if r != '\n' && r != '\r' {
				r = '*'
			}
			b.WriteRune(r)
		}
		at = p.End
	}
	b.WriteString(f.text[at:])
	f.shown = b.String()
	f.shownLines = lineStarts(f.shown)
}

// Private refuses the keys and values that are private, and reports them and every other private value in the file, such as in comments,
// because the file is committed.
func (f *File) Private() diag.List {
	if len(f.private) == 0 {
		return nil
	}
	d := discloser{file: f, rest: f.private, line: 1, column: 1}
	d.node(f.Root, "")
	d.until(len(f.text) + 1)
	return d.faults
}

// Private reports the private values in a text that is not YAML.
func Private(name string, text []byte, tokens ...string) diag.List {
	if len(text) > MaxBytes || wide(text) != "" {
		return nil
	}
	f := &File{Name: name, tokens: tokens}
	f.read(text)
	d := discloser{file: f, rest: f.private}
	d.until(len(f.text) + 1)
	return d.faults
}

// Quoted returns a text that is not YAML as a file, for diagnostics that quote it.
func Quoted(name string, text []byte, tokens ...string) *File {
	f := &File{Name: name, tokens: tokens}
	f.read(text)
	return f
}

// discloser walks the keys and values of a document in the order of the text, in parallel with the places of private values.
type discloser struct {
	file   *File
	rest   []secrecy.Place
	faults diag.List

	line, column, offset int // of the current key or value

	path   string
	key    *Key
	value  *Node
	judged bool // is has been computed
	is     bool // the key or value itself is private, and not a comment after it
	told   bool

	place cursor // of the last place outside keys and values
}

// cursor is a position in the text that only moves forward, so that a line with many places is counted only once.
type cursor struct{ line, column, offset int }

func (c *cursor) to(f *File, offset int) {
	line, _ := slices.BinarySearch(f.lines, offset+1)
	if line != c.line {
		c.line, c.column, c.offset = line, 1, f.lines[line-1]
	}
	c.column += utf8.RuneCountInString(f.text[c.offset:offset])
	c.offset = offset
}

func (d *discloser) node(n *Node, path string) {
	switch n.Kind {
	case Map:
		for i := range n.Keys {
			k := &n.Keys[i]
			at := Join(path, k.Name)
			d.next(k.Line, k.Column)
			d.path, d.key, d.value, d.judged, d.told = at, k, nil, false, false
			d.node(k.Value, at)
		}
	case List:
		for i, item := range n.Items {
			d.node(item, path+index(i))
		}
	default:
		d.next(n.Line, n.Column)
		d.path, d.key, d.value, d.judged, d.told = path, nil, n, false, false
	}
}

// next moves to a key or value. Places before it belong to the previous one.
func (d *discloser) next(line, column int) {
	if line != d.line {
		d.line, d.column, d.offset = line, 1, d.file.lines[line-1]
	}
	for ; d.column < column; d.column++ {
		_, size := utf8.DecodeRuneInString(d.file.text[d.offset:])
		d.offset += size
	}
	d.until(d.offset)
}

// until reports the places before an offset, but several in one key or value only once.
func (d *discloser) until(offset int) {
	for ; len(d.rest) > 0 && d.rest[0].Start < offset; d.rest = d.rest[1:] {
		switch {
		case !d.private():
			d.report(d.rest[0])
		case !d.told:
			d.told = true
			d.refuse(d.rest[0].Kind)
		}
	}
}

// private reports whether the current key or value itself is private, and not a comment after it.
func (d *discloser) private() bool {
	if d.key == nil && d.value == nil {
		return false
	}
	if !d.judged {
		text := ""
		if d.key != nil {
			text = d.key.Name
		} else {
			text = d.value.Value
		}
		d.judged, d.is = true, len(secrecy.Find([]byte(text), d.file.tokens...)) > 0
	}
	return d.is
}

// refuse reports the current key or value, and marks it as refused, so that nothing that follows from it is reported.
func (d *discloser) refuse(kind secrecy.Kind) {
	fault := words(kind)
	if d.key != nil {
		d.key.Refused = true
		d.add(func() diag.Diagnostic { return d.file.AtKey(d.key, d.path, fault) })
		return
	}
	d.value.Refused = true
	d.add(func() diag.Diagnostic { return d.file.AtNode(d.value, d.path, fault) })
}

// report reports a place outside keys and values.
func (d *discloser) report(p secrecy.Place) {
	d.add(func() diag.Diagnostic {
		d.place.to(d.file, p.Start)
		shown, _, _ := strings.Cut(d.file.text[p.Start:p.End], "\n")
		return d.file.At(d.place.line, d.place.column, utf8.RuneCountInString(shown), "", words(p.Kind))
	})
}

func (d *discloser) add(fault func() diag.Diagnostic) {
	if len(d.faults) < maxKept {
		d.faults = append(d.faults, fault())
	}
}

// words says what was found and what to do.
func words(kind secrecy.Kind) *diag.Fault {
	switch kind {
	case secrecy.Identity:
		return diag.PrivateMaterial.Fault(string(kind)+" is here, which decrypts what is encrypted to its recipient; this file is committed",
			"write the recipient, age1…, which age-keygen -y prints; make a new identity: this one may have been seen")
	case secrecy.Token:
		return diag.PrivateMaterial.Fault(string(kind)+" is here; this file is committed", "remove it, and run relayform renew token: it may have been seen")
	}
	return diag.PrivateMaterial.Fault(string(kind)+" is here; this file is committed", "remove it, and replace it: it may have been seen")
}
