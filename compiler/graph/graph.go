// Package graph draws a mesh: who dials whom through what, and who signed what. A picture depends only on plan and lockfile. It is written
// as Mermaid, as DOT, or as an SVG that follows the reader's light or dark theme.
package graph

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Picture is a set of related drawings.
type Picture struct {
	Title string
	Parts []Part
}

// Part is one drawing: boxes in columns, and arrows between them. Its texts are printable; each writer escapes them for its format.
type Part struct {
	ID    string // a word
	Title string
	Says  string // description for those who cannot see the drawing
	Frame string // the label of the frame around boxes that are Framed
	Nodes []Node
	Edges []Edge
}

// Kind is what a box represents. It determines the box's style.
type Kind string

// Kinds of boxes.
const (
	Remote  Kind = "remote"
	Group   Kind = "group" // of remotes, or of addresses
	Address Kind = "address"
	Ingress Kind = "ingress"
	Service Kind = "service"
	Server  Kind = "server"
	Root    Kind = "root"
	CA      Kind = "ca"
	Leaf    Kind = "leaf"
	Fading  Kind = "fading"  // a root that is being added or removed
	Missing Kind = "missing" // not known or not issued yet
)

// Node is a box: a name, and lines below it.
type Node struct {
	Kind   Kind
	Name   string
	Lines  []string
	Column int
	Framed bool
}

// Edge is an arrow between two boxes, by their indexes in Part.Nodes.
type Edge struct {
	From, To int
	Label    string
}

// Of draws a mesh and its chain of trust. Many remotes are grouped by the values of a label; by default, the label that distinguishes them
// best. A nil lockfile has no chain.
func Of(p *plan.Plan, l *lockfile.File, label string) (Picture, error) {
	mesh, err := Mesh(p, label)
	if err != nil {
		return Picture{}, err
	}
	return Picture{Title: diag.Printable(p.Name), Parts: []Part{mesh, Trust(p, l)}}, nil
}

// Formats are the formats of Write, the default first.
var Formats = []string{"mermaid", "dot", "svg"}

// Write writes the picture in one of the Formats.
func (p Picture) Write(w io.Writer, format string) error {
	switch format {
	case "mermaid":
		return p.writeMermaid(w)
	case "dot":
		return p.writeDOT(w)
	case "svg":
		return p.writeSVG(w)
	}
	return fmt.Errorf("--format: want one of %s, got %s", strings.Join(Formats, ", "), format)
}

// node adds a box, and returns its index.
func (p *Part) node(n Node) int {
	n.Name = clip(n.Name)
	for i, line := range n.Lines {
		n.Lines[i] = clip(line)
	}
	n.Lines = slices.DeleteFunc(n.Lines, func(line string) bool { return line == "" })
	p.Nodes = append(p.Nodes, n)
	return len(p.Nodes) - 1
}

func (p *Part) edge(from, to int, label string) {
	p.Edges = append(p.Edges, Edge{from, to, clip(label)})
}

// maxLine is the maximum length of a line in a box, in characters.
const maxLine = 36

// clip shortens a text to a printable line. The end of a long text is kept, too, since names in a fleet begin alike.
func clip(text string) string {
	text = diag.Printable(text)
	if utf8.RuneCountInString(text) <= maxLine {
		return text
	}
	runes, end := []rune(text), maxLine/3
	return string(runes[:maxLine-end-1]) + "…" + string(runes[len(runes)-end:])
}

// wrap breaks a sentence into lines at spaces.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > most {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
