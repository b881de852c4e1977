package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// conceal finds what is private in the text, and makes the text that may be quoted: a * stands for each
// character, so that what is beside it keeps its column.
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

// Private refuses the keys and values that are private material, and reports them and whatever else in the
// file is, as comments are: the file is committed.
func (f *File) Private() diag.List {
	if len(f.private) == 0 {
		return nil
	}
	d := discloser{file: f, rest: f.private, line: 1, column: 1}
	d.node(f.Root, "")
	d.until(len(f.text) + 1)
	return d.faults
}

// Private reports the private material in a text that is no YAML.
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

// Quoted is a text that is no YAML, for diagnostics that quote it.
func Quoted(name string, text []byte, tokens ...string) *File {
	f := &File{Name: name, tokens: tokens}
	f.read(text)
	return f
}

// discloser walks the keys and values of a document in the order of the text, beside the places that are
// private.
type discloser struct {
	file   *File
	rest   []secrecy.Place
	faults diag.List

	line, column, offset int // of the key or value at hand

	path   string
	key    *Key
	value  *Node
	judged bool // whether it is private itself, and not a comment after it
	is     bool
	told   bool

	place cursor // of the last place that is no key and no value
}

// cursor is a place in the text that only goes forward, so that a line of many places is counted once.
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

// next goes on to a key or value: what precedes it belongs to the current one.
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

// until reports the places before an offset: once, where a key or value has several.
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

// private reports whether the key or value at hand is.
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

// refuse reports the key or value at hand, and refuses it: nothing that follows from it is news.
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

// report reports a place that is no key and no value.
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

// words say what was found and what to do.
func words(kind secrecy.Kind) *diag.Fault {
	switch kind {
	case secrecy.Identity:
		return diag.PrivateMaterial.Fault(string(kind)+" is here, which opens what is encrypted to its recipient; this file is committed",
			"write the recipient, age1…, which age-keygen -y prints; make a new identity: this one may have been seen")
	case secrecy.Token:
		return diag.PrivateMaterial.Fault(string(kind)+" is here; this file is committed", "take it out, and run relayform renew token: it may have been seen")
	}
	return diag.PrivateMaterial.Fault(string(kind)+" is here; this file is committed", "take it out, and replace it: it may have been seen")
}
