package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// prints are the files that may print directly: they print relayform's own text, or text that was made printable before.
var prints = []string{"say.go", "outcome.go", "ask.go", "progress.go", "explain.go", "help.go", "render.go", "schema.go", "version.go"}

// TestTalkIsPrintable finds commands that print directly. Messages for people go through say, which escapes what a terminal would
// interpret.
func TestTalkIsPrintable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") && !slices.Contains(prints, file) && bytes.Contains(text, []byte("fmt.Fprint")) {
			t.Errorf("%s prints by itself; want say", file)
		}
	}
	const hostile = "\x1b[2Ja\u009bb\rc\nrelayform: d"
	var b bytes.Buffer
	say(&b, "%s", hostile)
	if got := b.String(); got != `\x1b[2Ja\u009bb\rc\nrelayform: d`+"\n" {
		t.Errorf("say writes %q", got)
	}
	if got := printableText("-\ta\r\n+\x1b[2J\tb\n\n c\u202e"); got != "-\ta\n+\\x1b[2J\tb\n\n c\\u202e" {
		t.Errorf("a text of several lines is shown as %q", got)
	}
}
