package main

import (
	"io"
	"os"

	"relayform/schema/diag"
)

// screen is where a text for people goes: a terminal with its width, and with colours unless its user did not ask for them.
func screen(w io.Writer) diag.Screen {
	if !isTerminal(w) {
		return diag.Screen{}
	}
	return diag.Screen{Colour: style(w) == diag.Colour, Width: columns(w.(*os.File))}
}
