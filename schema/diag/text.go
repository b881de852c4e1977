package diag

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSnippet is the maximum number of characters of a source line in a snippet.
const maxSnippet = 160

// Style marks the parts of a diagnostic on a terminal; the zero Style is plain, and does not wrap lines.
type Style struct {
	place, caret, aside, end string

	Width int // in columns; 0 to disable wrapping
}

// Colour is the style for a terminal with colours (ECMA-48 8.3.117).
var Colour = Style{place: "\x1b[1m", caret: "\x1b[31m", aside: "\x1b[36m", end: "\x1b[0m"}

// WriteText writes every diagnostic for people: a line that says where and what, the source line
// with a caret under the token, and the hint.
func (l List) WriteText(w io.Writer) error { return l.WriteStyled(w, Style{}) }

// WriteStyled is like WriteText, with a style.
func (l List) WriteStyled(w io.Writer, s Style) error {
	for _, d := range l {
		if _, err := io.WriteString(w, d.text(s)); err != nil {
			return err
		}
	}
	return nil
}

func (d Diagnostic) text(s Style) string {
	d = d.masked()
	var b strings.Builder
	where := d.Pos.String() + ":"
	screen := Screen{Width: s.Width}
	head := fmt.Sprintf("%s%s%s%s %s[%s]%s", s.place, where, s.end, strings.TrimPrefix(d.Error(), where), s.aside, d.Code, s.end)
	b.WriteString(screen.Wrap(head, 4) + "\n")
	if d.Line > 0 && strings.TrimSpace(d.Text) != "" {
		line, caret := d.snippet(s.Width)
		indent := len(caret) - len(strings.TrimLeft(caret, " |"))
		fmt.Fprintf(&b, "%s\n%s%s%s%s\n", line, caret[:indent], s.caret, caret[indent:], s.end)
	}
	if d.Hint != "" {
		b.WriteString(screen.Wrap(fmt.Sprintf("  %shint:%s %s", s.aside, s.end, Printable(d.Hint)), 4) + "\n")
	}
	return b.String()
}

// snippet returns the source line and the caret line, for a screen with that many columns. It cuts long lines around the token, and
// replaces each character that a terminal would interpret by one other character, so that the caret stays under the token.
func (d Diagnostic) snippet(width int) (text, caret string) {
	gutter := fmt.Sprintf("%4d | ", d.Line)
	most := maxSnippet
	if width > len(gutter) {
		most = min(most, width-len(gutter))
	}
	length := utf8.RuneCountInString(d.Text)
	start := min(max(d.Column-1-d.Skipped, 0), length)
	end := start + 1
	if d.EndLine == d.Line && d.EndColumn > d.Column {
		end = max(min(d.EndColumn-1-d.Skipped, length), start+1)
	}
	from := 0
	if length > most && start > most/2 {
		from = start - most/2
	}
	to := min(length, from+most)
	end = min(end, max(to, start+1))
	shown := make([]rune, 0, to-from)
	at := -1
	before, under := 0, 0 // columns before the caret, and of the text that it marks
	for _, r := range d.Text {
		if at++; at == to {
			break
		}
		switch {
		case at < from:
		case r == '\t':
			r = ' '
		case !unicode.IsPrint(r):
			r = '\uFFFD'
		}
		if at < from {
			continue
		}
		shown = append(shown, r)
		switch {
		case at < start:
			before += columnsOf(r)
		case at < end:
			under += columnsOf(r)
		}
	}
	caret = strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", before) + strings.Repeat("^", max(under, 1))
	return strings.TrimRight(gutter+string(shown), " "), caret
}

// Printable returns s with everything that a terminal would interpret or hide written as an escape.
func Printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r != unicode.ReplacementChar && unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		q := strconv.QuoteRuneToASCII(r)
		b.WriteString(q[1 : len(q)-1])
	}
	return b.String()
}

// maxQuoted is the maximum number of characters of the input that a message quotes.
const maxQuoted = 80

// maxCut is the number of letters and digits from which a word may be private; if it is cut, only the first left are shown.
const maxCut, left = 40, 8

// Shorten returns s, cut if it is longer than a message should quote. If the cut is inside a word that is so long that it may be private,
// only a short part of the word stays, because half of a private value would not be recognized as private.
func Shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	n, word := 0, 0 // where the current word begins
	for i, r := range s {
		if n++; n > maxQuoted {
			if i-word >= maxCut {
				i = word + left
			}
			return s[:i] + "…"
		}
		if !strings.ContainsRune("+/=_", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			word = i + utf8.RuneLen(r)
		}
	}
	return s
}

// Count returns a number with its noun.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// Quote returns s in quotes, escaped and shortened.
func Quote(s string) string { return strconv.Quote(Shorten(s)) }
