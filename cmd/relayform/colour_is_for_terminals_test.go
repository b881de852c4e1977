package main

import (
	"os"
	"path/filepath"
	"testing"

	"relayform/schema/diag"
)

// TestColourIsForTerminals checks that a terminal gets colour, unless its user asked for none.
func TestColourIsForTerminals(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if style(device) != diag.Colour {
		t.Error("a terminal gets no colour")
	}
	if style(file) != (diag.Style{}) {
		t.Error("a file gets colour")
	}
	t.Setenv("TERM", "dumb")
	if style(device) != (diag.Style{}) {
		t.Error("a dumb terminal gets colour")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if style(device) != (diag.Style{}) {
		t.Error("NO_COLOR is ignored")
	}
}
