package graph

import (
	"fmt"
	"io"
	"strings"
)

// writeDOT writes a graph for Graphviz (https://graphviz.org/doc/info/lang.html).
func (p Picture) writeDOT(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  rankdir=LR\n  fontname=\"sans-serif\"\n  node [shape=box style=rounded fontname=\"sans-serif\" fontsize=11]\n  edge [fontname=\"sans-serif\" fontsize=10]\n", dotText(p.Title))
	for _, part := range p.Parts {
		fmt.Fprintf(&b, "  subgraph cluster_%s {\n    label=%s\n", part.ID, dotText(part.Title))
		for _, framed := range []bool{false, true} {
			indent := "    "
			if framed && part.Frame != "" {
				fmt.Fprintf(&b, "    subgraph cluster_%s_frame {\n      label=%s\n      style=dashed\n", part.ID, dotText(part.Frame))
				indent = "      "
			}
			for i, n := range part.Nodes {
				if n.Framed == framed {
					fmt.Fprintf(&b, "%s%s_%d [label=%s%s]\n", indent, part.ID, i, dotText(append([]string{n.Name}, n.Lines...)...), dotShape(n.Kind))
				}
			}
			if framed && part.Frame != "" {
				b.WriteString("    }\n")
			}
		}
		for _, e := range part.Edges {
			fmt.Fprintf(&b, "    %s_%d -> %s_%d", part.ID, e.From, part.ID, e.To)
			if e.Label != "" {
				fmt.Fprintf(&b, " [label=%s]", dotText(e.Label))
			}
			b.WriteByte('\n')
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func dotShape(k Kind) string {
	switch k {
	case Group:
		return " peripheries=2"
	case Missing, Fading:
		return ` style="rounded,dashed"`
	}
	return ""
}

// dotEscapes prevents a text from ending its string, and from being read as a DOT escape or an HTML entity.
var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;")

// dotText returns lines as a quoted DOT string.
func dotText(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = dotEscapes.Replace(line)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}
