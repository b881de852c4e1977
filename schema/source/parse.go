package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"relayform/schema/diag"
)

// The limits of an input. What is within them is judged; what is beyond is refused by name.
const (
	MaxBytes = 64 << 20 // size of a file
	MaxDepth = 64       // nesting of blocks and lists
)

// Parse reads one YAML document. The name stands in diagnostics and may be any text. The File is
// nil where the text is not YAML at all.
func Parse(name string, text []byte) (*File, diag.List) {
	f := &File{Name: name}
	whole := func(code diag.Code, message, hint string) (*File, diag.List) {
		return nil, diag.List{{Pos: diag.Pos{File: name}, Code: code, Message: message, Hint: hint}}
	}
	if len(text) > MaxBytes {
		return whole(diag.LimitExceeded, fmt.Sprintf("the file has %d bytes; the limit is 64 MiB", len(text)), "")
	}
	f.text = string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	f.lines = lineStarts(f.text)
	dec := yaml.NewDecoder(strings.NewReader(f.text))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return whole(diag.YAMLSyntax, "the file is empty; want a topology", "run: relayform init")
		}
		return nil, diag.List{f.syntaxError(err)}
	}
	c := converter{file: f}
	f.Root = c.node(root.Content[0], 1, "")
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		c.faults = append(c.faults, f.syntaxError(err))
	default:
		c.faults = append(c.faults, f.At(second.Line, second.Column, 1, diag.UnsupportedYAML, "", "a second document begins here; want one document in a file", "split the file at the line ---"))
	}
	return f, c.faults
}

func lineStarts(s string) []int {
	starts := []int{0}
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' && i+1 < len(s) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// syntaxError turns the parser's own words, which carry only a line, into a diagnostic.
func (f *File) syntaxError(err error) diag.Diagnostic {
	m := yamlLine.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	line, _ := strconv.Atoi(m[1])
	line = min(max(line, 1), len(f.lines))
	text := f.Line(line)
	column := 1 + len(text) - len(strings.TrimLeft(text, " \t"))
	hint := ""
	if strings.Contains(text, "\t") {
		hint = "indent with spaces; YAML allows no tabs there"
	}
	return f.At(line, column, len([]rune(strings.TrimSpace(text))), diag.YAMLSyntax, "", "not valid YAML: "+m[2], hint)
}

type converter struct {
	file   *File
	faults diag.List
}

func (c *converter) fault(n *yaml.Node, code diag.Code, path, message, hint string) {
	c.faults = append(c.faults, c.file.At(n.Line, n.Column, len([]rune(n.Value)), code, path, message, hint))
}

// node converts n. What is refused becomes null, so that the rest is still judged.
func (c *converter) node(n *yaml.Node, depth int, path string) *Node {
	out := &Node{Line: n.Line, Column: n.Column, Tag: "!!null"}
	if depth > MaxDepth {
		c.fault(n, diag.LimitExceeded, path, fmt.Sprintf("nested deeper than %d levels", MaxDepth), "")
		return out
	}
	if n.Anchor != "" {
		c.fault(n, diag.UnsupportedYAML, path, "YAML anchors are not part of the language: &"+n.Anchor, "write the value out where it is used")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		c.fault(n, diag.UnsupportedYAML, path, "YAML tags are not part of the language: "+n.Tag, "remove the tag")
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind, out.Tag = Map, ""
		c.mapping(n, out, depth, path)
	case yaml.SequenceNode:
		out.Kind, out.Tag = List, ""
		out.Items = make([]*Node, len(n.Content))
		for i, item := range n.Content {
			out.Items[i] = c.node(item, depth+1, path+"["+strconv.Itoa(i)+"]")
		}
	case yaml.AliasNode:
		c.fault(n, diag.UnsupportedYAML, path, "YAML aliases are not part of the language: *"+n.Value, "write the value out where it is used")
	default:
		out.Tag, out.Value = n.ShortTag(), n.Value
		out.Quoted = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	}
	return out
}

// indexFrom is the number of keys from which a map is looked up by hash rather than by scanning.
const indexFrom = 16

func (c *converter) mapping(n *yaml.Node, out *Node, depth int, path string) {
	out.Keys = make([]Key, 0, len(n.Content)/2)
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		name := k.Value
		at := Join(path, name)
		switch {
		case k.Kind == yaml.AliasNode || k.Tag == "!!merge":
			c.fault(k, diag.UnsupportedYAML, path, "YAML aliases and merge keys are not part of the language", "write the keys out")
			continue
		case k.Kind != yaml.ScalarNode:
			c.fault(k, diag.UnsupportedYAML, path, "a key must be plain text", "")
			continue
		}
		if first, ok := seen[name]; ok {
			c.fault(k, diag.DuplicateKey, at, fmt.Sprintf("the key stands here a second time; the first is at line %d", out.Keys[first].Line), "remove one of the two")
			c.node(v, depth+1, at)
			continue
		}
		if tag := k.ShortTag(); tag != "!!str" && k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
			c.fault(k, diag.UnsupportedYAML, at, fmt.Sprintf("YAML reads this key as %s; want text", TagName(tag)), fmt.Sprintf("quote it: %q", name))
		}
		seen[name] = len(out.Keys)
		out.Keys = append(out.Keys, Key{Name: name, Line: k.Line, Column: k.Column, Quoted: k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0, Value: c.node(v, depth+1, at)})
	}
	if len(out.Keys) >= indexFrom {
		out.index = seen
	}
}

// Join appends a key to a path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// TagName is YAML's type in a user's words.
func TagName(tag string) string {
	switch tag {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "nothing (null)"
	case "!!timestamp":
		return "a date"
	}
	return strings.TrimPrefix(tag, "!!")
}

// Marshal writes v as YAML, fields in the order of the Go type (tag yaml), indented by two.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
