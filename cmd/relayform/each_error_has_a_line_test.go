package main

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// TestEachErrorHasALine tells errors that were put together, and one that quotes what was never a line of relayform's.
func TestEachErrorHasALine(t *testing.T) {
	quoting := errors.New("got [x\nrelayform: all is well]")
	root := newRoot(nil, nil)
	for want, err := range map[string]error{
		"relayform: a\nrelayform: b\nrelayform: c\n":                  errors.Join(errors.New("a"), errors.Join(nil, errors.New("b"), errors.New("c"))),
		"relayform: got [x\\nrelayform: all is well]\n":               quoting,
		"relayform: a\nrelayform: got [x\\nrelayform: all is well]\n": errors.Join(errors.New("a"), quoting),
		"relayform: both: a and b\n":                                  fmt.Errorf("both: %w and %w", errors.New("a"), errors.New("b")),
	} {
		var b bytes.Buffer
		if code := report(root, err, &b); code != exitError || b.String() != want {
			t.Errorf("exit %d and %q, want %q", code, b.String(), want)
		}
	}
}
