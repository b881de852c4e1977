package diag

import "strings"

// Screen is where a text for people is shown; the zero Screen has no colours and unlimited width.
type Screen struct {
	Colour bool
	Width  int // in columns; 0 to disable wrapping, as in a file
}

// The marks of a line show its state, even without colour.
const (
	Well   = "✓"
	Wrong  = "✗"
	Watch  = "!"
	Remark = "·"
)

// hues are the colours of the marks (ECMA-48 8.3.117), which light and dark terminals both show.
var hues = map[string]string{Well: "\x1b[32m", Wrong: "\x1b[31m", Watch: "\x1b[33m", Remark: "\x1b[36m"}

// Mark returns a mark in its colour.
func (s Screen) Mark(mark string) string {
	if !s.Colour {
		return mark
	}
	return hues[mark] + mark + "\x1b[0m"
}

// Bold returns a text in bold.
func (s Screen) Bold(text string) string {
	if !s.Colour {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// Fill writes a text after a head, such as a mark, in lines no wider than the screen. It indents all lines but the first by that many
// columns, never cuts words, and ends with a line break.
func (s Screen) Fill(b *strings.Builder, head string, indent int, text string) {
	b.WriteString(head)
	column := indent
	for i, word := range strings.Fields(text) {
		n := Columns(word)
		switch {
		case i > 0 && s.Width > 0 && column+1+n > s.Width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		case i > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}
