package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/schema/diag"
)

// format is the flag by which a command that finds faults is told how to print them.
type format struct{ name string }

func (f *format) register(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "format", "text", "how faults are printed: "+strings.Join(diag.Formats, ", "))
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diag.Formats, cobra.ShellCompDirectiveNoFileComp))
	judge := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(diag.Formats, f.name) {
			return fmt.Errorf("--format: want one of %s, got %s", strings.Join(diag.Formats, ", "), f.name)
		}
		return f.print(c.OutOrStdout(), judge(c, args))
	}
}

// print writes faults to stdout where another program reads them. Text is for people: it is left to
// report, which writes to stderr.
func (f *format) print(stdout io.Writer, err error) error {
	var faults diag.List
	if f.name == "text" || err != nil && !errors.As(err, &faults) {
		return err
	}
	if werr := faults.Write(stdout, f.name, versionOf()); werr != nil {
		return werr
	}
	if err != nil {
		return errShort
	}
	return nil
}

// style is plain but on a terminal whose user did not ask for plain text (no-color.org).
func style(w io.Writer) diag.Style {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return diag.Style{}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return diag.Style{}
	}
	return diag.Colour
}
