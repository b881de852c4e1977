package diag

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestSnippetsShowThePlace checks that the caret points at the right token, in short lines and in lines that are cut.
func TestSnippetsShowThePlace(t *testing.T) {
	long := strings.Repeat("é", 100) + "token" + strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		d          Diagnostic
		under      string // the text above the carets
		characters int
	}{
		"short":             {Diagnostic{Pos: Pos{"f", 3, 3, 3, 8}, Text: "a token b"}, "token", 9},
		"one character":     {Diagnostic{Pos: Pos{"f", 3, 3, 0, 0}, Text: "a token b"}, "t", 9},
		"wide characters":   {Diagnostic{Pos: Pos{"f", 3, 3, 3, 8}, Text: "é token b"}, "token", 9},
		"tabs and escapes":  {Diagnostic{Pos: Pos{"f", 3, 4, 3, 9}, Text: "\t\x1b-token"}, "token", 8},
		"at the end":        {Diagnostic{Pos: Pos{"f", 3, 3, 3, 99}, Text: "a token"}, "token", 7},
		"behind the end":    {Diagnostic{Pos: Pos{"f", 3, 8, 3, 9}, Text: "a token"}, "", 7},
		"of several lines":  {Diagnostic{Pos: Pos{"f", 3, 3, 5, 8}, Text: "a token b"}, "t", 9},
		"in a long line":    {Diagnostic{Pos: Pos{"f", 3, 101, 3, 106}, Text: long}, "token", maxSnippet},
		"in one that fits":  {Diagnostic{Pos: Pos{"f", 3, 101, 3, 106}, Text: long[:100] + strings.Repeat("y", 50) + "token" + strings.Repeat("x", 55)}, "token", maxSnippet},
		"early in a long":   {Diagnostic{Pos: Pos{"f", 3, 1, 3, 3}, Text: long}, "éé", maxSnippet},
		"late in a long":    {Diagnostic{Pos: Pos{"f", 3, 405, 3, 406}, Text: long}, "x", 81},
		"longer than shown": {Diagnostic{Pos: Pos{"f", 3, 101, 3, 400}, Text: long}, "token" + strings.Repeat("x", 75), maxSnippet},
	} {
		line, caret := c.d.snippet(0)
		_, text, _ := strings.Cut(line, "| ")
		_, marks, _ := strings.Cut(caret, "| ")
		if n := utf8.RuneCountInString(text); n != c.characters || strings.Index(line, "|") != strings.Index(caret, "|") {
			t.Errorf("%s: %d characters\n%s\n%s", name, n, line, caret)
		}
		var under strings.Builder
		for i, r := range []rune(text) {
			if i < len(marks) && marks[i] == '^' {
				under.WriteRune(r)
			}
		}
		if under.String() != c.under || strings.Count(marks, "^") != max(1, utf8.RuneCountInString(c.under)) {
			t.Errorf("%s: the carets stand under %q\n%s\n%s", name, under.String(), line, caret)
		}
	}
}

// TestTextTellsEverything writes a fault for people, plain and in colour.
func TestTextTellsEverything(t *testing.T) {
	d := Diagnostic{Pos: Pos{"f.yaml", 3, 3, 3, 8}, Path: "a.b", Fault: Fault{BadValue, "wrong", "do this"}, Text: "a token"}
	const plain = "f.yaml:3:3: a.b: wrong [bad-value]\n   3 | a token\n     |   ^^^^^\n  hint: do this\n"
	if got := d.text(Style{}); got != plain {
		t.Errorf("got\n%swant\n%s", got, plain)
	}
	coloured := "\x1b[1mf.yaml:3:3:\x1b[0m a.b: wrong \x1b[36m[bad-value]\x1b[0m\n   3 | a token\n     |   \x1b[31m^^^^^\x1b[0m\n  \x1b[36mhint:\x1b[0m do this\n"
	if got := d.text(Colour); got != coloured {
		t.Errorf("got\n%swant\n%s", got, coloured)
	}
	whole := Diagnostic{Pos: Pos{File: "f.yaml"}, Fault: Fault{BadFile, "gone", ""}, Text: "never shown"}
	if got := whole.text(Style{}); got != "f.yaml: gone [bad-file]\n" {
		t.Errorf("a whole file: got %s", got)
	}
}

// TestQuotesAreShort checks that quotes of long inputs are shortened.
func TestQuotesAreShort(t *testing.T) {
	for in, want := range map[string]string{
		strings.Repeat("é", 80): strings.Repeat("é", 80), strings.Repeat("é", 81): strings.Repeat("é", 80) + "…", strings.Repeat("a ", 41): strings.Repeat("a ", 40) + "…", "": "",
	} {
		if got := Shorten(in); got != want {
			t.Errorf("%d bytes: got %s", len(in), got)
		}
	}
	if got := Quote("a\x1b\"" + strings.Repeat("b ", 99)); got != `"a\x1b\"`+strings.Repeat("b ", 38)+`b…"` {
		t.Errorf("got %s", got)
	}
	for in, want := range map[string]string{"a": "a", "\xff": `\ufffd`, "\u00a0": `\u00a0`, "a\nb": `a\nb`, "é'\\日\x1b": `é'\日\x1b`, "'\"\\": "'\"\\"} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// TestSuggestionsAreNear suggests what was probably meant, and nothing that is too different.
func TestSuggestionsAreNear(t *testing.T) {
	options := []string{"istio", "loadBalancer", "nodePort", "server"}
	for got, want := range map[string]string{
		"isto": "istio", "itsio": "istio", "iso": "istio", "istioo": "istio", "loadbalancer": "loadBalancer", "nodPort": "nodePort", "sever": "server", "severr": "server", "nginx": "", "abcdio": "", "x": "", "": "", "istio": "",
	} {
		if near := Nearest(got, options); near != want {
			t.Errorf("%q: got %q, want %q", got, near, want)
		}
	}
	if near := Nearest("abcd", []string{"abxd", "abcx", "ABCD"}); near != "ABCD" {
		t.Errorf("another case: got %q", near)
	}
	if near := Nearest("abcx", []string{"abcd", "abce"}); near != "abcd" {
		t.Errorf("of two that are as near, the first: got %q", near)
	}
	if near := Nearest("abcdef", []string{"abxxef", "abcxef", "abcdxx"}); near != "abcxef" {
		t.Errorf("the nearest of several: got %q", near)
	}
}
