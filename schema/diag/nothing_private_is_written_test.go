package diag

import (
	"strings"
	"testing"
)

// TestNothingPrivateIsWritten writes faults that quote an identity, in every format.
func TestNothingPrivateIsWritten(t *testing.T) {
	const identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
	l := List{{Pos: Pos{File: identity}, Path: "a." + identity, Fault: Fault{BadFile, "no such file: " + identity, "write " + identity}}}
	for format, text := range inEveryForm(t, l) {
		if said := text + l.Error(); strings.Contains(said, "GFPYY") || !strings.Contains(said, "no such file: ***") {
			t.Errorf("%s: %s", format, said)
		}
	}
}

// TestLittleIsLeftOfALongWord cuts text in the middle of a long word that may be private: only a short part of the word is left. Names are
// not shortened further.
func TestLittleIsLeftOfALongWord(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 80):                                 strings.Repeat("a", 80),
		strings.Repeat("a", 90):                                 "aaaaaaaa…",
		"see " + strings.Repeat("QUJD", 30):                     "see QUJDQUJD…",
		strings.Repeat("kind-of-name.", 10):                     strings.Repeat("kind-of-name.", 6) + "ki…",
		strings.Repeat("ä", 90):                                 strings.Repeat("ä", 80) + "…",
		strings.Repeat("a", 50) + " " + strings.Repeat("b", 50): strings.Repeat("a", 50) + " " + strings.Repeat("b", 29) + "…",
	} {
		if got := Shorten(text); got != want {
			t.Errorf("%q: got %q; want %q", text, got, want)
		}
	}
}
