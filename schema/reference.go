package schema

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue"

	"relayform/schema/source"
)

// Reference returns the language as a Markdown page: each block's fields with their meaning, accepted values and defaults, from
// topology.cue.
func Reference() string {
	var b strings.Builder
	compiled().topology().reference(&b, "", "the topology")
	return b.String()
}

// reference writes a block, then the blocks in it. In paths, <NAME> is a key that users choose, and [] an item of a list.
func (s *shape) reference(b *strings.Builder, path, title string) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if s.oneOf {
		b.WriteString("Exactly one of these.\n\n")
	}
	type block struct {
		shape       *shape
		path, title string
	}
	var below []block
	for _, f := range s.fields {
		of := f.shape()
		fmt.Fprintf(b, "- `%s`", f.name)
		if f.required {
			b.WriteString(" (required)")
		}
		fmt.Fprintf(b, ": %s", sentences(f.doc, "Takes "+of.takes()))
		if f.fallback.IsValid() {
			fmt.Fprintf(b, " Default: `%v`.", f.fallback.Interface())
		}
		b.WriteByte('\n')
		at := source.Join(path, f.name)
		for in := of; in != nil; in = in.elem {
			switch in.form {
			case structForm:
				below = append(below, block{in, at, "`" + at + "`"})
			case mapForm:
				at += ".<NAME>"
				continue
			case listForm:
				at += "[]"
				continue
			}
			break
		}
	}
	for _, in := range below {
		in.shape.reference(b, in.path, in.title)
	}
}

// takes says which values are accepted, in words.
func (s *shape) takes() string {
	if s.wanted != "" {
		return s.wanted
	}
	switch s.form {
	case structForm:
		return "a block"
	case mapForm:
		return "blocks or values, by name"
	case listForm:
		return "a list: " + s.elem.takes()
	}
	switch {
	case len(s.options()) > 0:
		return strings.Join(s.options(), ", ")
	case s.kind == cue.BoolKind:
		return "true or false"
	case s.kind == cue.IntKind:
		return "a number"
	}
	return "text"
}

// sentences joins texts on one line, each with a period.
func sentences(texts ...string) string {
	var all []string
	for _, t := range texts {
		if t = strings.TrimSpace(strings.ReplaceAll(t, "\n", " ")); t != "" {
			all = append(all, strings.TrimSuffix(t, ".")+".")
		}
	}
	return strings.Join(all, " ")
}
