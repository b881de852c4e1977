package diag

import (
	"io"
	"strings"
	"testing"
	"unicode"
)

// TestNothingInADiagnosticActsUponATerminal puts characters that a terminal would interpret or hide into each part of a diagnostic, and
// looks for them in every format.
func TestNothingInADiagnosticActsUponATerminal(t *testing.T) {
	const hostile = "\x1b[2Ja\u009b31m\u202eb\r\x07\u200b"
	parts := map[string]Diagnostic{
		"file":    {Pos: Pos{File: hostile, Line: 1, Column: 1}},
		"path":    {Path: hostile},
		"message": {Fault: Fault{Message: hostile}},
		"hint":    {Fault: Fault{Hint: hostile}},
		"line":    {Pos: Pos{File: "f", Line: 1, Column: 1}, Text: hostile},
	}
	for part, d := range parts {
		for format, text := range inEveryForm(t, List{d}) {
			for line := range strings.Lines(text) {
				if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), acts); i >= 0 {
					t.Errorf("the %s as %s: %q", part, format, line)
				}
			}
		}
	}
}

// inEveryForm returns a list in each format.
func inEveryForm(t *testing.T, l List) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, write := range map[string]func(io.Writer) error{
		"text": l.WriteText, "json": l.WriteJSON, "github": l.WriteGitHub, "markdown": l.WriteMarkdown, "sarif": func(w io.Writer) error { return l.WriteSARIF(w, "v1") },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		all[name] = b.String()
	}
	return all
}

// acts reports whether a terminal may interpret a character. A snippet shows U+FFFD instead.
func acts(r rune) bool { return r != unicode.ReplacementChar && !unicode.IsPrint(r) }
