package diag

import (
	"strings"
	"testing"
)

// TestColumnsAreCounted counts the columns of wide characters, of combining marks, and of colours.
func TestColumnsAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, "日本語": 6, "한글.yaml": 9, "Ａ": 2, "✓ ok": 4, "\x1b[1mbold\x1b[0m": 4, "\x1b[31m✗\x1b[0m x": 3, "🙂": 2,
	} {
		if got := Columns(text); got != want {
			t.Errorf("%q: %d columns, want %d", text, got, want)
		}
	}
}

// TestLinesAreWrapped checks that lines are broken at spaces, and only if they are too wide.
func TestLinesAreWrapped(t *testing.T) {
	for _, c := range []struct {
		width, indent int
		text, want    string
	}{
		{0, 2, "one two three", "one two three"},
		{13, 2, "one two three", "one two three"},
		{12, 2, "one two three", "one two\n  three"},
		{8, 2, "one two three four", "one two\n  three\n  four"},
		{8, 2, "unbreakable-word next", "unbreakable-word\n  next"},
		{8, 0, "日本 語語 x", "日本\n語語 x"},
		{12, 2, "got \"a  b\" and more", "got \"a  b\"\n  and more"},
		{10, 2, "\x1b[1mone\x1b[0m two three", "\x1b[1mone\x1b[0m two\n  three"},
		{9, 2, "question: ", "question: "},
	} {
		if got := (Screen{Width: c.width}).Wrap(c.text, c.indent); got != c.want {
			t.Errorf("%q in %d columns: got %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// TestCaretsStandUnderWideCharacters checks the carets under a place after wide characters, and under wide characters themselves.
func TestCaretsStandUnderWideCharacters(t *testing.T) {
	d := Diagnostic{Pos: Pos{"f", 3, 4, 3, 6}, Text: "日本 語x y"}
	if line, caret := d.snippet(0); line != "   3 | 日本 語x y" || caret != "     |      ^^^" {
		t.Errorf("\n%s\n%s", line, caret)
	}
}

// TestDiagnosticsFitTheScreen writes a fault for a terminal: its message and hint are wrapped, and its source line is cut around the place.
func TestDiagnosticsFitTheScreen(t *testing.T) {
	d := Diagnostic{Pos: Pos{"f.yaml", 3, 101, 3, 106}, Path: "a.b", Fault: Fault{BadValue, "want one of " + strings.Repeat("these, ", 12) + "got that", "write " + strings.Repeat("something else, ", 9)},
		Text: strings.Repeat("x", 100) + "token" + strings.Repeat("y", 100)}
	style := Colour
	style.Width = 60
	for line := range strings.Lines(d.text(style)) {
		if line = strings.TrimSuffix(line, "\n"); Columns(line) > 60 {
			t.Errorf("%d columns: %q", Columns(line), line)
		}
	}
	if text := d.text(style); !strings.Contains(text, "token") || !strings.Contains(text, "\x1b[31m^^^^^") {
		t.Errorf("got\n%s", text)
	}
}
