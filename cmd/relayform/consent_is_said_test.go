package main

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestConsentIsSaid answers whether to continue. Only a whole line that says yes is consent: after a typo, an empty line or a closed
// terminal, no cluster is changed.
func TestConsentIsSaid(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "Y\n": true, "yes\n": true, "YES\n": true, " y \r\n": true,
		"": false, "\n": false, " \n": false, "n\n": false, "no\n": false, "N\n": false, "yep\n": false, "yy\n": false, "j\n": false, "not yes\n": false, "y": false, "yes": false,
	} {
		var out bytes.Buffer
		a := &asker{in: bufio.NewReader(strings.NewReader(answer)), out: &out}
		if err := a.agree("delete it?"); (err == nil) != want || err != nil && !errors.Is(err, errNoAnswer) {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.HasPrefix(out.String(), "delete it? [y/N]: ") {
			t.Errorf("asks %q", out.String())
		}
	}
}

// TestAnAnswerIsTaken asks with a default in brackets. With a closed terminal nothing is assumed, and the default cannot control the
// terminal.
func TestAnAnswerIsTaken(t *testing.T) {
	for answer, want := range map[string]string{"\n": "a\x1b", "b\n": "b", "  b \n": "b", "": "", "b": ""} {
		var out bytes.Buffer
		a := &asker{in: bufio.NewReader(strings.NewReader(answer)), out: &out}
		got, err := a.ask("which\x1b[2J", "a\x1b")
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", answer, got, err)
		}
		if text, _, _ := strings.Cut(out.String(), ": "); text != `which\x1b[2J [a\x1b]` {
			t.Errorf("asks %q", text)
		}
	}
}
