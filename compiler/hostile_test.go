package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"relayform/compiler/project"
	"relayform/schema/diag"
)

// hostile returns the inputs that must be refused, by name: a file, or a folder with its dependencies.
func hostile(t testing.TB) map[string]string {
	t.Helper()
	cases := map[string]string{}
	for _, pattern := range []string{"*.yaml", "*/topology.yaml"} {
		paths, err := filepath.Glob("../fixtures/hostile/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../fixtures/hostile/")
			cases[strings.TrimSuffix(strings.TrimSuffix(name, "/topology.yaml"), ".yaml")] = name
		}
	}
	return cases
}

// TestHostile compares the errors for each hostile input with golden/hostile/<case>.txt.
func TestHostile(t *testing.T) {
	cases := hostile(t)
	goldens, err := filepath.Abs("../golden/hostile")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../fixtures/hostile")
	files := map[string][]byte{}
	codes := map[diag.Code]bool{}
	many := 0
	for name, path := range cases {
		_, err := Vet(project.New(path, "", ""), Env{Now: fixtureTime})
		var faults diag.List
		if !errors.As(err, &faults) {
			t.Errorf("%s: got %v; want faults", name, err)
			continue
		}
		var text bytes.Buffer
		if err := faults.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		files[name+".txt"] = text.Bytes()
		if len(faults) >= 5 {
			many++
		}
		for _, d := range faults {
			codes[d.Code] = true
			soundPosition(t, name, d)
		}
		plainWords(t, name, text.String())
	}
	golden(t, goldens, files)
	if len(cases)-many < 120 || many < 10 {
		t.Errorf("%d inputs, %d of them with five faults or more; want 120 with one fault, and 10 with many", len(cases), many)
	}
	for _, e := range diag.Inputs() {
		if code := e.Code; !codes[code] && code != diag.NotRenewable && code != diag.NotAdopted && code != diag.NotDone { // which renew and adopt alone say, and which is of no input
			t.Errorf("no fixture produces %s", e.Code)
		}
	}
	for code := range codes {
		if e, ok := diag.Inputs().Of(code); !ok || e.Title == "" || e.Text == "" || !strings.Contains(e.Text, "\nWrong:\n\n    ") || !strings.Contains(e.Text, "\nRight:\n\n    ") {
			t.Errorf("%s is not explained: want a title, a paragraph, a wrong and a right example", code)
		}
	}
}

// plainWords fails on internal terms, and on what a terminal would interpret.
func plainWords(t *testing.T, name, text string) {
	t.Helper()
	for _, word := range []string{"conflicting", "disjunction", "out of bound", "incomplete value", "not allowed in", "#Topology", "topology.cue", "=~", "!!", "did not find expected", "this context"} {
		said := text
		for line := range strings.Lines(text) { // text quoted from the input is the user's
			if strings.Contains(line, " | ") {
				said = strings.ReplaceAll(said, line, "")
			}
		}
		if strings.Contains(said, word) && !strings.Contains(name, "tag") && name != "many-yaml" {
			t.Errorf("%s: %q is not a user's word:\n%s", name, word, said)
		}
	}
	if i := strings.IndexFunc(text, func(r rune) bool {
		return r != '\n' && !unicode.IsPrint(r)
	}); i >= 0 {
		t.Errorf("%s: %q reaches the terminal", name, text[i:i+4])
	}
}

// soundPosition fails if a caret would not be under a character.
func soundPosition(t *testing.T, name string, d diag.Diagnostic) {
	t.Helper()
	switch width := d.Skipped + len([]rune(d.Text)); {
	case d.Line == 0:
	case d.Column < 1 || d.Column > width+1 || d.EndColumn <= d.Column || d.EndLine < d.Line:
		t.Errorf("%s: %+v is no place in %q", name, d.Pos, d.Text)
	}
}

// TestFaultsDoNotFollowFromFaults checks that each file with one fault reports only that one.
func TestFaultsDoNotFollowFromFaults(t *testing.T) {
	cases := hostile(t)
	t.Chdir("../fixtures/hostile")
	// These repeat one mistake in several places.
	several := []string{"unknown-clusters-list", "yaml-tabs-everywhere", "yaml-alias", "character-bidi-in-comment", "encoding-bad-bytes", "encoding-overlong", "folder-external-missing", "folder-external-not-pem",
		"folder-external-and-a-fault", "folder-lock-not-pem", "private-not-yaml"}
	for name, path := range cases {
		if strings.HasPrefix(name, "many-") || slices.Contains(several, name) {
			continue
		}
		_, err := Vet(project.New(path, "", ""), Env{Now: fixtureTime})
		var faults diag.List
		if errors.As(err, &faults); len(faults) != 1 {
			t.Errorf("%s: %d faults; want one\n%v", name, len(faults), fmt.Sprint(err))
		}
	}
}
