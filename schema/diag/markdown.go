package diag

import (
	"fmt"
	"io"
	"strings"
)

// maxMarked is how many faults Markdown shows: GitHub takes 65,536 characters for a comment.
const maxMarked = 20

// WriteMarkdown writes a paragraph for each fault: its code, where it is, what is wrong, and on a line of its own what to do.
func (l List) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for i, d := range l {
		if i == maxMarked {
			fmt.Fprintf(&b, "\nAnd %d more.\n", len(l)-i)
			break
		}
		d = d.masked()
		fmt.Fprintf(&b, "\n❌ **%s** %s ", d.Code, MarkdownCode(d.Pos.String()))
		if d.Path != "" {
			b.WriteString(MarkdownCode(d.Path) + ": ")
		}
		b.WriteString(Markdown(d.Message))
		if d.Hint != "" {
			b.WriteString("<br>" + Markdown(d.Hint))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown escapes a text for Markdown and HTML.
func Markdown(text string) string {
	var b strings.Builder
	for _, r := range Printable(text) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '@':
			b.WriteString("&#64;") // notify nobody
		case '\\', '`', '*', '_', '[', ']', '#', '|', '~', '!':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// MarkdownCode returns a text in a code span.
func MarkdownCode(text string) string {
	return "`" + strings.ReplaceAll(Printable(text), "`", "'") + "`"
}
