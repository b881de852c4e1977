package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"relayform/schema/diag"
)

// MaxEntries is the maximum number of lines and entries in a file of Kubernetes objects.
const MaxEntries = 500_000

// Documents reads a stream of YAML documents, or JSON, with arbitrary keys and values: Kubernetes objects. It refuses aliases and merge
// keys, which could make a document larger than its file, and deep nesting. Empty documents are skipped.
func Documents(name string, text []byte) ([]*Node, *diag.Diagnostic) {
	f := &File{Name: name}
	refuse := func(line, column int, fault *diag.Fault) ([]*Node, *diag.Diagnostic) {
		d := f.At(line, column, 1, "", fault)
		return nil, &d
	}
	if len(text) > MaxBytes {
		return refuse(0, 0, diag.LimitExceeded.Fault(TooLarge(int64(len(text))), ""))
	}
	if encoding := wide(text); encoding != "" {
		return refuse(0, 0, diag.Encoding.Fault("the file is "+encoding+"; want UTF-8", "save it as UTF-8, without a byte order mark"))
	}
	if n := Items(text); n > MaxEntries {
		return refuse(0, 0, diag.LimitExceeded.Fault(fmt.Sprintf("the file has %d lines, values and entries; the limit is %d", n, MaxEntries), ""))
	}
	f.set(string(text))
	f.show(text)
	roots, err := decode(f.text)
	if err != nil && json.Valid(text) { // YAML lacks some of JSON's escapes
		if text, again := compact(text); again == nil {
			roots, err = decode(text)
		}
	}
	if err != nil {
		d := f.syntaxErrors(err)[0]
		return nil, &d
	}
	var documents []*Node
	for _, root := range roots {
		c := lenient{}
		out := c.node(root, 0)
		if c.at != nil {
			return refuse(c.at.Line, c.at.Column, c.fault)
		}
		if !out.Null() {
			documents = append(documents, out)
		}
	}
	return documents, nil
}

func decode(text string) ([]*yaml.Node, error) {
	var roots []*yaml.Node
	for dec := yaml.NewDecoder(strings.NewReader(text)); ; {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			return nil, err
		case len(n.Content) > 0:
			roots = append(roots, n.Content[0])
		}
	}
}

// compact returns JSON without unnecessary escapes.
func compact(text []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	return string(out), err
}

// lenient converts nodes until it refuses one.
type lenient struct {
	at    *yaml.Node
	fault *diag.Fault
}

func (c *lenient) refuse(n *yaml.Node, fault *diag.Fault) {
	if c.at == nil {
		c.at, c.fault = n, fault
	}
}

func (c *lenient) node(n *yaml.Node, depth int) *Node {
	out := &Node{Line: n.Line, Column: n.Column}
	switch {
	case depth >= MaxDepth:
		c.refuse(n, diag.LimitExceeded.Fault(tooDeep(), ""))
	case c.at != nil:
	case n.Kind == yaml.AliasNode:
		c.refuse(n, diag.UnsupportedYAML.Fault("aliases are refused: *"+diag.Shorten(n.Value), "write the value out where it is used"))
	case n.Kind == yaml.MappingNode:
		out.Kind = Map
		out.Keys = make([]Key, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			switch {
			case k.Kind != yaml.ScalarNode:
				c.refuse(k, diag.UnsupportedYAML.Fault("a block, a list or an alias is used as a key; want text", ""))
			case k.Tag == "!!merge":
				c.refuse(k, diag.UnsupportedYAML.Fault("merge keys are refused", "write the keys out"))
			}
			out.Keys = append(out.Keys, Key{Name: k.Value, Line: k.Line, Column: k.Column, Value: c.node(n.Content[i+1], depth+1)})
		}
	case n.Kind == yaml.SequenceNode:
		out.Kind = List
		for _, item := range n.Content {
			out.Items = append(out.Items, c.node(item, depth+1))
		}
	default:
		out.Tag, out.Value = n.ShortTag(), n.Value
	}
	return out
}
