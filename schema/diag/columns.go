package diag

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columnsOf returns how many columns of a terminal a character takes: two for wide characters (UAX #11), such as East Asian scripts and
// emoji; none for marks that combine with the character before them.
func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Columns returns how many columns a text takes on a terminal; colours take none.
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

// Wrap breaks a text into lines no wider than the screen, and indents all lines but the first by that many columns. It breaks at single
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
