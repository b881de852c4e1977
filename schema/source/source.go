// Package source reads YAML into a small tree in which every key and value has its position, and refuses what YAML allows but people do not
// intend.
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
	// Refused means that a fault was reported at this node, so that nothing that follows from it is reported.
	Refused bool
	// Partial means that some keys of a Map were refused, and left out.
	Partial bool
	index   map[string]int
}

// Key is one entry of a Map.
type Key struct {
	Name    string
	Line    int
	Column  int
	Quoted  bool
	Refused bool // a fault was reported at this key
	Value   *Node
}

// Get returns the value of the key with this name in a Map, or nil.
func (n *Node) Get(name string) *Node {
	if k := n.Key(name); k != nil {
		return k.Value
	}
	return nil
}

// Key returns the entry with this name in a Map, or nil.
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

// Rename changes the name of an entry of a Map. No other entry may have the new name.
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
	marks   map[int][]int // of long lines: where every stride characters start
	blanked bool          // refused characters were replaced

	tokens  []string        // digests of further private values
	private []secrecy.Place // places of private values

	shown      string // the text with private values masked, in the same lines
	shownLines []int
}

// At returns a diagnostic at a place in the file, width characters wide. It masks private values in all of its texts.
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

// AtKey returns a diagnostic at a key.
func (f *File) AtKey(k *Key, path string, fault *diag.Fault) diag.Diagnostic {
	width := utf8.RuneCountInString(k.Name)
	if k.Quoted {
		width += 2
	}
	return f.At(k.Line, k.Column, width, path, fault)
}

// AtNode returns a diagnostic at a value.
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

// Item returns the entry of a List at an index, which is given as text, or nil.
func (n *Node) Item(index string) *Node {
	i, err := strconv.Atoi(index)
	if err != nil || n.Kind != List || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}
