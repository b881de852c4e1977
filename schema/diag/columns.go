package diag

import (
	"strings"
	"unicode"
)

// wide are the characters that take two columns of a terminal: those of East Asian scripts, and pictures (UAX #11, W and F).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0x4dbf, 1}, {0x4e00, 0xa4cf, 1}, {0xa960, 0xa97c, 1}, {0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff01, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1f9ff, 1}, {0x20000, 0x3fffd, 1}},
}

// columnsOf is how many columns a character takes; what belongs to the one before it takes none.
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// Columns is how many columns a text takes on a terminal; colours take none.
func Columns(text string) int {
	n, coloured := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			coloured = true
		case coloured:
			coloured = r != 'm' // ECMA-48 8.3.117
		default:
			n += columnsOf(r)
		}
	}
	return n
}

// Wrap is a text in lines no wider than the screen; those that follow the first are indented by so many columns. It breaks at single
// spaces, and changes nothing else.
func (s Screen) Wrap(text string, indent int) string {
	if s.Width <= 0 || Columns(text) <= s.Width {
		return text
	}
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(text, " ") {
		n := Columns(word)
		switch {
		case i > 0 && word != "" && column > indent && column+1+n > s.Width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		case i > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
