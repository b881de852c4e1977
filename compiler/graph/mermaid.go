package graph

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// writeMermaid writes a flowchart (https://mermaid.js.org/syntax/flowchart.html), as Markdown on code hosts shows it.
func (p Picture) writeMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, part := range p.Parts {
		fmt.Fprintf(&b, "  subgraph %s [\"%s\"]\n    direction LR\n", part.ID, mermaidText(part.Title))
		for _, framed := range []bool{false, true} {
			indent := "    "
			if framed && part.Frame != "" {
				fmt.Fprintf(&b, "    subgraph %s_frame [\"%s\"]\n", part.ID, mermaidText(part.Frame))
				indent = "      "
			}
			for i, n := range part.Nodes {
				if n.Framed != framed {
					continue
				}
				shape := [2]string{"[", "]"}
				switch n.Kind {
				case Address:
					shape = [2]string{"([", "])"}
				case Group:
					shape = [2]string{"[[", "]]"}
				}
				fmt.Fprintf(&b, "%s%s_%d%s\"%s\"%s\n", indent, part.ID, i, shape[0], mermaidText(append([]string{n.Name}, n.Lines...)...), shape[1])
			}
			if framed && part.Frame != "" {
				b.WriteString("    end\n")
			}
		}
		for _, e := range part.Edges {
			arrow := "-->"
			if e.Label != "" {
				arrow = "-- \"" + mermaidText(e.Label) + "\" -->"
			}
			fmt.Fprintf(&b, "    %s_%d %s %s_%d\n", part.ID, e.From, arrow, part.ID, e.To)
		}
		for i, n := range part.Nodes {
			if n.Kind == Missing || n.Kind == Fading {
				fmt.Fprintf(&b, "    style %s_%d stroke-dasharray:4 3\n", part.ID, i)
			}
		}
		b.WriteString("  end\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText returns lines as a quoted Mermaid text: everything that could end it, or be Markdown, HTML or an entity in it, is written as
// an entity code.
func mermaidText(lines ...string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for _, r := range line {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,-:/=()…'", r) {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	return b.String()
}
