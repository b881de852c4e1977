package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"relayform/schema/diag"
)

// Empty is the message for an empty file.
const Empty = "the file is empty"

// Parse reads one YAML document. Diagnostics use the name for the file; it may be any text. The File is nil if the text is not YAML at all.
// No diagnostic quotes private values; the tokens with these digests count as private.
func Parse(name string, text []byte, tokens ...string) (*File, diag.List) {
	f := &File{Name: name, tokens: tokens}
	whole := func(fault *diag.Fault) (*File, diag.List) {
		return nil, diag.List{{Pos: diag.Pos{File: name}, Fault: *fault}}
	}
	if len(text) > MaxBytes {
		return whole(diag.LimitExceeded.Fault(TooLarge(int64(len(text))), ""))
	}
	if encoding := wide(text); encoding != "" {
		return whole(diag.Encoding.Fault("the file is "+encoding+"; want UTF-8", "save it as UTF-8, without a byte order mark"))
	}
	if many := TooMany(text); many != "" {
		return whole(diag.LimitExceeded.Fault(many, ""))
	}
	faults, readable := f.read(text)
	if !readable {
		return nil, faults
	}
	c := converter{file: f, faults: append(faults, f.directives()...)}
	dec := yaml.NewDecoder(strings.NewReader(f.text))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if !errors.Is(err, io.EOF) {
			return nil, append(c.faults, f.syntaxErrors(err)...)
		}
		if len(c.faults) > 0 {
			return nil, c.faults
		}
		root.Content = []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!null"}}
	}
	if top := root.Content[0]; top.Kind == yaml.ScalarNode && top.Value == "" {
		if len(c.faults) > 0 {
			return nil, c.faults
		}
		return whole(diag.YAMLSyntax.Fault(Empty, ""))
	}
	f.Root = c.node(root.Content[0])
	if c.tooDeep {
		return nil, c.faults
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		c.faults = append(c.faults, f.syntaxErrors(err)...)
	default:
		c.faults = append(c.faults, f.another(second.Line, second.Column)...)
	}
	return f, c.faults
}

type converter struct {
	file    *File
	faults  diag.List
	path    []string // to the current node; joined only for a fault
	tooDeep bool
	nodes   []Node // allocated in advance, many at a time
}

// at returns the path to the current node.
func (c *converter) at() string {
	at := ""
	for _, step := range c.path {
		if strings.HasPrefix(step, "[") {
			at += step
		} else {
			at = Join(at, step)
		}
	}
	return at
}

// fault reports a fault at n.
func (c *converter) fault(n *yaml.Node, fault *diag.Fault) {
	if len(c.faults) < maxKept {
		c.faults = append(c.faults, c.file.At(n.Line, n.Column, utf8.RuneCountInString(n.Value), c.at(), fault))
	}
}

func (c *converter) newNode() *Node {
	if len(c.nodes) == 0 {
		c.nodes = make([]Node, 64)
	}
	out := &c.nodes[0]
	c.nodes = c.nodes[1:]
	return out
}

// node converts n. It marks what it refuses, and the rest is still judged.
func (c *converter) node(n *yaml.Node) *Node {
	out := c.newNode()
	out.Line, out.Column, out.Tag = n.Line, n.Column, "!!null"
	if len(c.path) >= MaxDepth {
		if !c.tooDeep {
			c.fault(n, diag.LimitExceeded.Fault(tooDeep(), ""))
		}
		out.Refused, c.tooDeep = true, true
		return out
	}
	if n.Anchor != "" {
		c.fault(n, diag.UnsupportedYAML.Fault("anchors are not part of the language: &"+diag.Shorten(n.Anchor), "write the value out where it is used"))
	}
	if n.Style&yaml.TaggedStyle != 0 {
		c.fault(n, diag.UnsupportedYAML.Fault("tags are not part of the language: "+diag.Shorten(n.Tag), "remove the tag"))
		out.Refused = n.Kind == yaml.ScalarNode
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind, out.Tag = Map, ""
		c.mapping(n, out)
	case yaml.SequenceNode:
		out.Kind, out.Tag = List, ""
		out.Items = make([]*Node, len(n.Content))
		for i, item := range n.Content {
			c.path = append(c.path, index(i))
			out.Items[i], n.Content[i] = c.node(item), nil
			c.path = c.path[:len(c.path)-1]
		}
	case yaml.AliasNode:
		c.fault(n, diag.UnsupportedYAML.Fault("aliases are not part of the language: *"+diag.Shorten(n.Value), "write the value out where it is used"))
		out.Refused = true
	default:
		out.Tag, out.Value = n.ShortTag(), n.Value
		out.Quoted = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		if !out.Quoted && out.Tag == "!!str" {
			out.Tag = tagOf(n.Value)
		}
		out.Refused = c.unseen(n) || out.Refused
	}
	return out
}

// unseen reports the first invisible character of a key or value, and returns whether there is one.
func (c *converter) unseen(n *yaml.Node) bool {
	for _, r := range n.Value {
		if r < 0x7f && (r >= ' ' || r == '\n' || r == '\t') {
			continue
		}
		if r == blank && c.file.blanked {
			return true // reported when the text was read
		}
		why := hidden(r)
		if why == "" {
			continue
		}
		if len(c.faults) >= maxKept {
			return true
		}
		d := c.file.At(n.Line, n.Column, utf8.RuneCountInString(n.Value), c.at(), diag.BadCharacter.Fault(fmt.Sprintf(why, nameOf(r)), remedy(r)))
		if i := strings.IndexRune(d.Text, r); i >= 0 {
			d.Column = 1 + d.Skipped + utf8.RuneCountInString(d.Text[:i])
			d.EndColumn = d.Column + 1
		} else if n.Style&yaml.DoubleQuotedStyle != 0 {
			d.Hint = "in double quotes a \\ begins an escape; put text with a \\ into single quotes"
		}
		c.faults = append(c.faults, d)
		return true
	}
	return false
}

// indexFrom is the number of keys from which a map has an index, instead of being scanned.
const indexFrom = 16

func (c *converter) mapping(n *yaml.Node, out *Node) {
	out.Keys = make([]Key, 0, len(n.Content)/2)
	if len(n.Content)/2 >= indexFrom {
		out.index = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		n.Content[i], n.Content[i+1] = nil, nil // a converted node can be freed: these are more than half of the memory
		switch {
		case k.Kind == yaml.AliasNode || k.Tag == "!!merge":
			c.fault(k, diag.UnsupportedYAML.Fault("aliases and merge keys are not part of the language", "write the keys out"))
			out.Partial = true
			continue
		case k.Kind != yaml.ScalarNode:
			c.fault(k, diag.UnsupportedYAML.Fault("a block or a list is used as a key; want text", ""))
			out.Partial = true
			continue
		case len(k.Value) > MaxKey:
			c.fault(k, diag.LimitExceeded.Fault(fmt.Sprintf("a key of %d bytes; the limit is %d", len(k.Value), MaxKey), ""))
			out.Partial = true
			continue
		}
		c.path = append(c.path, k.Value)
		if first := out.Key(k.Value); first != nil {
			c.fault(k, diag.DuplicateKey.Fault(fmt.Sprintf("the key is here a second time; the first is at line %d, column %d", first.Line, first.Column), "remove one of the two"))
			c.node(v)
		} else {
			if out.index != nil {
				out.index[k.Value] = len(out.Keys)
			}
			key := c.key(k)
			key.Value = c.node(v)
			out.Keys = append(out.Keys, key)
		}
		c.path = c.path[:len(c.path)-1]
	}
}

// key converts a key, without its value.
func (c *converter) key(k *yaml.Node) Key {
	out := Key{Name: k.Value, Line: k.Line, Column: k.Column, Quoted: k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0}
	if k.Anchor != "" {
		c.fault(k, diag.UnsupportedYAML.Fault("anchors are not part of the language: &"+diag.Shorten(k.Anchor), "remove the anchor"))
	}
	if k.Style&yaml.TaggedStyle != 0 {
		c.fault(k, diag.UnsupportedYAML.Fault("tags are not part of the language: "+diag.Shorten(k.Tag), "remove the tag"))
		out.Refused = true
		return out
	}
	plain := Node{Tag: k.ShortTag(), Value: k.Value, Quoted: out.Quoted}
	if plain.Tag == "!!str" && !out.Quoted {
		plain.Tag = tagOf(k.Value)
	}
	if plain.Tag != "!!str" {
		c.fault(k, diag.WrongType.Fault("want text as a key, got "+plain.Reading(), "put it into quotes: "+diag.Quote(k.Value)))
		out.Refused = true
		return out
	}
	out.Refused = c.unseen(k) || out.Refused
	return out
}

// index returns a list entry's part of a path.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// Join appends a key to a path.
func Join(path, key string) string {
	if path == "" {
		return diag.Shorten(key)
	}
	return path + "." + diag.Shorten(key)
}

// Marshal returns v as YAML, with fields in the order of the Go type (tag json), and an indent of two.
func Marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil { // JSON is YAML
		return nil, err
	}
	restyle(&n)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err = errors.Join(enc.Encode(&n), enc.Close())
	return b.Bytes(), err
}

// restyle removes JSON's brackets and quotes from a tree: each text gets quotes only if it needs them.
func restyle(n *yaml.Node) {
	if n.Style = 0; n.Tag == "!!str" {
		_ = n.Encode(n.Value) // encoding a text cannot fail
	}
	for _, c := range n.Content {
		restyle(c)
	}
}
