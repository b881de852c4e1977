package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"relayform/schema/diag"
)

// TestHelpFitsTerminals writes the help of every command: no line is wider than what it is written for, but for one that is an
// address and nothing else.
func TestHelpFitsTerminals(t *testing.T) {
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		all = append(all, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	root := newRoot(nil, nil)
	root.InitDefaultCompletionCmd()
	walk(root)
	if len(all) < 25 {
		t.Fatalf("%d commands; want all", len(all))
	}
	for _, c := range all {
		path := strings.Fields(c.CommandPath())[1:]
		written, _ := relayform(t, exitDone, append(path, "--help")...)
		asked, _ := relayform(t, exitDone, append([]string{"help"}, path...)...)
		if asked != written {
			t.Errorf("%s: help and --help differ", c.CommandPath())
		}
		fits(t, c.CommandPath(), written, usualColumns)
		contains(t, written, "Usage:\n  relayform")
	}
}

// fits fails on lines that are wider than so many columns.
func fits(t *testing.T, what, text string, columns int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if utf8.RuneCountInString(line) > columns && !strings.HasPrefix(strings.TrimSpace(line), "https://") {
			t.Errorf("%s: wider than %d columns: %s", what, columns, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("%s: ends with spaces: %q", what, line)
		}
	}
}

// TestHelpIsFilled has paragraphs of any lines fill a screen, and leaves what is indented alone.
func TestHelpIsFilled(t *testing.T) {
	const text = "One two\nthree four.\n\n  exec  one   two three four\nFive."
	for width, want := range map[int]string{
		12: "One two\nthree four.\n\n  exec  one   two three four\nFive.\n",
		40: "One two three four.\n\n  exec  one   two three four\nFive.\n",
	} {
		if got := prosed(text, diag.Screen{Width: width}); got != want {
			t.Errorf("%d columns: got %q, want %q", width, got, want)
		}
	}
	var b bytes.Buffer
	if s := helpScreen(&b); s.Colour || s.Width != usualColumns {
		t.Errorf("a file gets %+v", s)
	}
	root := newRoot(&b, &b)
	for _, c := range root.Commands() {
		if c.Name() == "apply" {
			narrow, wide := usageOf(c, diag.Screen{Width: 80}), usageOf(c, diag.Screen{Colour: true, Width: 120})
			fits(t, "apply", narrow, 80)
			if strings.Count(wide, "\n") >= strings.Count(narrow, "\n") || !strings.HasPrefix(wide, "\x1b[1mUsage:\x1b[0m\n") {
				t.Errorf("a wide terminal gets\n%s", wide)
			}
		}
	}
}
