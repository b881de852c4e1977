// Package source reads YAML into a small tree in which every key and value knows its place, and
// refuses what YAML allows but people do not mean.
package source

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// Kind is the form of a node.
type Kind uint8

// The kinds of node.
const (
	Scalar Kind = iota
	Map
	List
)

// String names the kind as a user would.
func (k Kind) String() string { return [...]string{"a value", "a block of keys", "a list"}[k] }

// Node is one value of a YAML document. Line and Column are where it starts, from 1, in characters.
type Node struct {
	Kind   Kind
	Quoted bool   // Scalar: written in quotes or as a block
	Tag    string // Scalar: !!str, !!int, !!float, !!bool, !!null or !!timestamp, as YAML resolves it
	Value  string // Scalar: its text
	Line   int
	Column int
	Keys   []Key   // Map: in the order of the file
	Items  []*Node // List
	// Refused tells that a fault is reported at this node: nothing that follows from it is news.
	Refused bool
	// Partial tells that keys of a Map were refused and are left out.
	Partial bool
	index   map[string]int
}

// Key is one entry of a Map.
type Key struct {
	Name    string
	Line    int
	Column  int
	Quoted  bool
	Refused bool // a fault is reported at this key
	Value   *Node
}

// Get is the value under name in a Map, or nil.
func (n *Node) Get(name string) *Node {
	if k := n.Key(name); k != nil {
		return k.Value
	}
	return nil
}

// Key is the entry called name of a Map, or nil.
func (n *Node) Key(name string) *Key {
	if n == nil {
		return nil
	}
	if n.index != nil {
		if i, ok := n.index[name]; ok {
			return &n.Keys[i]
		}
		return nil
	}
	for i := range n.Keys {
		if n.Keys[i].Name == name {
			return &n.Keys[i]
		}
	}
	return nil
}

// Rename gives an entry of a Map another name, which no other entry has.
func (n *Node) Rename(k *Key, name string) {
	if n.index != nil {
		n.index[name] = n.index[k.Name]
	}
	k.Name = name
}

// Null reports whether the node is YAML's null, written out or left empty.
func (n *Node) Null() bool { return n.Kind == Scalar && n.Tag == "!!null" }

// File is a parsed document with its text, which diagnostics quote.
type File struct {
	Name string
	Root *Node

	text    string
	lines   []int         // where each line starts
	marks   map[int][]int // of long lines, where each stride of characters starts
	blanked bool          // characters were refused and blanked

	tokens  []string        // digests of what is private, too
	private []secrecy.Place // what may not be quoted

	shown      string // the text without it, of the same lines
	shownLines []int
}

// At is a diagnostic at a place in the file, width characters wide. It tells nothing private, wherever its
// words come from.
func (f *File) At(line, column, width int, path string, fault *diag.Fault) diag.Diagnostic {
	mask := func(text string) string { return secrecy.Mask(text, f.tokens...) }
	text, skipped := f.around(line, column)
	return diag.Diagnostic{
		Pos:     diag.Pos{File: f.Name, Line: line, Column: column, EndLine: line, EndColumn: column + max(width, 1)},
		Path:    mask(path),
		Fault:   *fault.Code.Fault(mask(fault.Message), mask(fault.Hint)),
		Text:    text,
		Skipped: skipped,
	}
}

// AtKey is a diagnostic under a key.
func (f *File) AtKey(k *Key, path string, fault *diag.Fault) diag.Diagnostic {
	width := utf8.RuneCountInString(k.Name)
	if k.Quoted {
		width += 2
	}
	return f.At(k.Line, k.Column, width, path, fault)
}

// AtNode is a diagnostic under a value.
func (f *File) AtNode(n *Node, path string, fault *diag.Fault) diag.Diagnostic {
	width := 1
	if n.Kind == Scalar {
		width = utf8.RuneCountInString(n.Value)
		if n.Quoted {
			width += 2
		}
		if i := strings.IndexByte(n.Value, '\n'); i >= 0 {
			width = 1
		}
	}
	return f.At(n.Line, n.Column, width, path, fault)
}

// Item is the entry of a List at the index that the text gives, or nil.
func (n *Node) Item(index string) *Node {
	i, err := strconv.Atoi(index)
	if err != nil || n.Kind != List || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}
