package main

import (
	"io"
	"os"

	"relayform/schema/diag"
)

// screen describes where a text for people is written: the width of the terminal, if it is one, and whether to use colours.
func screen(w io.Writer) diag.Screen {
	if !isTerminal(w) {
		return diag.Screen{}
	}
	return diag.Screen{Colour: style(w) == diag.Colour, Width: columns(w.(*os.File))}
}
