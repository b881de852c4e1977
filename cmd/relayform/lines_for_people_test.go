package main

import (
	"testing"

	"relayform/schema/diag"
)

// TestSentencesAreWrappedAndCommandsAreNot shows lines on a narrow terminal: a command can be copied from there.
func TestSentencesAreWrappedAndCommandsAreNot(t *testing.T) {
	s := diag.Screen{Width: 20}
	for line, want := range map[string]string{
		"relayform: one two three":      "relayform: one two\n  three",
		"  hint: one two three four":    "  hint: one two\n    three four",
		"  kubectl apply -k build/east": "  kubectl apply -k build/east",
	} {
		if got := wrapped(s, line); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMarksHaveTheirColour writes a line after a mark: the mark's colour reaches the terminal, and what others gave does not.
func TestMarksHaveTheirColour(t *testing.T) {
	if got, want := marked(diag.Screen{Colour: true}, diag.Wrong, "%s:", "east\x1b[2J"), "\x1b[31m✗\x1b[0m east\\x1b[2J:"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestUnknownCommandsAreToldOnOneLine types commands that there are not.
func TestUnknownCommandsAreToldOnOneLine(t *testing.T) {
	for want, args := range map[string][]string{
		"relayform: unknown command \"aply\"; relayform help lists them; did you mean apply?\n": {"aply", "--yes"},
		"relayform: unknown command \"nonsense\"; relayform help lists them\n":                  {"nonsense"},
		"relayform: unknown flag: --nonsense\n":                                                 {"--nonsense"},
	} {
		if _, err := relayform(t, exitError, args...); err != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
