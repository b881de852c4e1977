package source

import (
	"fmt"
	"slices"
	"strings"
)

// Set writes a text value into a block of the document, and changes nothing else in the text. The block is given as a path of keys with
// periods between them. A new key is inserted after the last of the keys in after. The value must be text that needs no escapes in YAML.
func Set(name string, text []byte, block, key, value string, after []string) ([]byte, error) {
	f, faults := Parse(name, text)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	in := f.Root
	for key := range strings.SplitSeq(block, ".") {
		in = in.Get(key)
	}
	if in == nil || in.Kind != Map || len(in.Keys) == 0 {
		return nil, fmt.Errorf("%s: %s is not a block of keys", name, block)
	}
	if strings.HasPrefix(value, "[") {
		value = `"` + value + `"`
	}
	var out string
	switch have := in.Get(key); {
	case have != nil:
		start := f.offset(have.Line, have.Column)
		length, ok := f.scalar(have, start)
		if !ok {
			return nil, fmt.Errorf("%s:%d: %s.%s is written in a form that relayform cannot edit; edit it by hand: %s", name, have.Line, block, key, value)
		}
		out = f.text[:start] + value + f.text[start+length:]
	case f.text[f.offset(in.Line, in.Column)] == '{':
		at := f.offset(in.Line, in.Column) + 1
		out = f.text[:at] + key + ": " + value + ", " + f.text[at:]
	default:
		out = f.insert(in, key+": "+value, after)
	}
	bom := text[:len(text)-len(f.text)]
	return append(slices.Clone(bom), out...), nil
}

// offset returns the offset of a place in the text, in bytes.
func (f *File) offset(line, column int) int {
	start := f.lines[line-1]
	for i := range f.text[start:] {
		if column--; column == 0 {
			return start + i
		}
	}
	return len(f.text)
}

// scalar returns how many bytes a value on one line takes.
func (f *File) scalar(n *Node, start int) (int, bool) {
	rest := f.text[start:]
	switch {
	case n.Kind != Scalar:
		return 0, false
	case !n.Quoted:
		return len(n.Value), n.Value != "" && strings.HasPrefix(rest, n.Value)
	case rest[0] == '"' || rest[0] == '\'':
		length := len(n.Value) + 2
		return length, len(rest) >= length && rest[1:length-1] == n.Value && rest[length-1] == rest[0]
	}
	return 0, false
}

// insert adds an entry on its own line, after the last of the keys in after, or at the top of the block if none is there.
func (f *File) insert(in *Node, entry string, after []string) string {
	line := in.Keys[0].Line - 1
	for _, k := range in.Keys {
		if slices.Contains(after, k.Name) {
			line = max(line, k.Value.Line)
		}
	}
	end := "\n"
	if strings.Contains(f.text, "\r\n") {
		end = "\r\n"
	}
	at := len(f.text)
	if line < len(f.lines) {
		at = f.lines[line]
	}
	entry = strings.Repeat(" ", in.Keys[0].Column-1) + entry + end
	if at > 0 && f.text[at-1] != '\n' {
		entry = end + entry
	}
	return f.text[:at] + entry + f.text[at:]
}
