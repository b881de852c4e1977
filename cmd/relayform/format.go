package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler/document"
	"relayform/compiler/manifest"
	"relayform/schema/diag"
)

// form is an output format of a command.
type form[T any] struct {
	name  string
	write func(T, io.Writer) error
}

// forms are a command's output formats, the default first.
type forms[T any] []form[T]

// formsOf returns text, JSON and YAML of the document made from what a command found, and then others.
func formsOf[T, D any](text func(T, io.Writer) error, document func(T) D, others ...form[T]) forms[T] {
	return append(forms[T]{{"text", text}, {"json", func(found T, w io.Writer) error { return writeJSON(w, document(found)) }},
		{"yaml", func(found T, w io.Writer) error { return writeYAML(w, document(found)) }}}, others...)
}

// itself is a document that is what was found.
func itself[T any](found T) T { return found }

// chosen is the value of --format.
type chosen struct{ name string }

// machine reports whether the output is for programs: then the document contains everything.
func (f chosen) machine() bool { return f.name == "json" || f.name == "yaml" }

// register adds --format to a command, which refuses an unknown one before it does anything.
func (all forms[T]) register(c *cobra.Command, f *chosen) {
	names := all.names()
	c.Flags().StringVar(&f.name, "format", names[0], inWords(names))
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(names, f.name) {
			return fmt.Errorf("--format %s: want %s", f.name, inWords(names))
		}
		return run(c, args)
	}
}

// write writes what a command found in the form that was chosen.
func (all forms[T]) write(w io.Writer, f chosen, found T) error {
	i := slices.IndexFunc(all, func(a form[T]) bool { return a.name == f.name })
	return all[i].write(found, w)
}

func (all forms[T]) names() []string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.name
	}
	return names
}

// inWords lists choices: text, json or yaml.
func inWords(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func writeJSON(w io.Writer, v any) error {
	if l, ok := v.(diag.List); ok {
		return l.WriteJSON(w) // one line each
	}
	return document.WriteJSON(w, v)
}

// writeYAML writes as YAML what is written as JSON.
func writeYAML(w io.Writer, v any) error {
	var text strings.Builder
	if err := writeJSON(&text, v); err != nil {
		return err
	}
	yaml, err := manifest.FromJSON([]byte(text.String()))
	if err != nil {
		return err
	}
	_, err = w.Write(yaml)
	return err
}

// style is plain except on a terminal whose user did not ask for plain text (no-color.org).
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
