package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"relayform/schema/diag"
)

// isTerminal reports whether a file is a terminal.
func isTerminal(file any) bool {
	f, ok := file.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// asker asks the user at a terminal.
type asker struct {
	in  *bufio.Reader
	out io.Writer
}

// newAsker returns an asker if standard input is a terminal, otherwise nil. The questions go to the terminal even if standard error does
// not.
func newAsker(stderr io.Writer) *asker {
	if !isTerminal(os.Stdin) {
		return nil
	}
	a := &asker{in: bufio.NewReader(os.Stdin), out: stderr}
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		a.out = tty
	}
	return a
}

var errNoAnswer = errors.New("no answer; nothing was done")

// ask returns the answer to a question, or the fallback if the answer is empty.
func (a *asker) ask(question, fallback string) (string, error) {
	if fallback != "" {
		question += " [" + fallback + "]"
	}
	fmt.Fprint(a.out, screen(a.out).Wrap(diag.Printable(question)+": ", 2))
	line, err := a.in.ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.out)
		return "", errNoAnswer
	}
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
	}
	return fallback, nil
}

// agree asks a question; anything but yes means no.
func (a *asker) agree(question string) error {
	answer, err := a.ask(question+" [y/N]", "")
	if err == nil && !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
		return errNoAnswer
	}
	return err
}
