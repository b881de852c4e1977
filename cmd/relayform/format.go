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

// form is an output format of a command: a text, or a document that also has room for faults. A text format may have its own way to write
// faults; otherwise they are written for people, on stderr.
type form[T any] struct {
	name     string
	write    func(T, io.Writer) error
	document func(T) answer
	encode   func(io.Writer, any) error // writes a document
	faults   func(diag.List, io.Writer) error
}

// forms are a command's output formats, the default first.
type forms[T any] []form[T]

// formsOf returns a command's formats: its text, its document as JSON and YAML, then others.
func formsOf[T any](text func(T, io.Writer) error, made func(T) answer, others ...form[T]) forms[T] {
	return append(forms[T]{{name: "text", write: text}, {name: "json", document: made, encode: writeJSON},
		{name: "yaml", document: made, encode: writeYAML}}, others...)
}

// chosen is the value of --format, and what a command has found so far.
type chosen struct {
	name     string
	document answer // written when the command ends
	written  bool   // whether a text was written
}

// machine reports whether the output is for programs: then the document contains everything.
func (f chosen) machine() bool { return f.name == "json" || f.name == "yaml" }

// register adds --format to a command, and makes it refuse an unknown format before it does anything. With json or yaml, the command always
// ends with one document; the function nothing makes the one for a command that found nothing.
func (all forms[T]) register(c *cobra.Command, f *chosen, nothing func() answer) {
	names := all.names()
	c.Flags().StringVar(&f.name, "format", names[0], inWords(names))
	choices(c, "format", names...)
	check, run := c.Args, c.RunE
	c.Args = func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		err := check(c, args)
		if err == nil || !slices.Contains(names, f.name) {
			return err
		}
		return all.end(c, f, nothing, err)
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		line, _ := c.Context().Value(typedLine{}).([]string)
		if f.name = formatIn(line, f.name); !slices.Contains(names, f.name) {
			return err
		}
		return all.end(c, f, nothing, err)
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(names, f.name) {
			return fmt.Errorf("--format %s: want %s", f.name, inWords(names))
		}
		return all.end(c, f, nothing, run(c, args))
	}
}

// typedLine is the key of the program's arguments in the context.
type typedLine struct{}

// formatIn returns the last --format among arguments that could not be parsed, or else what is the default.
func formatIn(args []string, usual string) string {
	for i, arg := range slices.Backward(args) {
		if value, ok := strings.CutPrefix(arg, "--format="); ok {
			return value
		}
		if arg == "--format" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return usual
}

// write writes what a command found, in the chosen format. A document is written later, when the command ends.
func (all forms[T]) write(w io.Writer, f *chosen, found T) error {
	form := all.chosen(f)
	if form.document != nil {
		f.document = form.document(found)
		return nil
	}
	f.written = true
	return form.write(found, w)
}

// end writes the document when a command ends, with or without an error; faults are part of it. Other formats write the faults if the
// command found nothing. An error that was written in full is not reported again.
func (all forms[T]) end(c *cobra.Command, f *chosen, nothing func() answer, err error) error {
	faults, form := faultsIn(c, err), all.chosen(f)
	var unwritten error
	switch {
	case form.document != nil:
		if f.document == nil {
			f.document = nothing()
		}
		f.document.blame(faults)
		unwritten = form.encode(c.OutOrStdout(), f.document)
	case form.faults != nil && !f.written && len(faults) > 0:
		unwritten = form.faults(faults, c.OutOrStdout())
	default:
		return err
	}
	switch {
	case unwritten != nil:
		return unwritten
	case len(faults) > 0 && fallsShort(c, err):
		return errShort
	case len(faultsOf(err)) > 0:
		return besides(err)
	}
	return err
}

// chosen returns the chosen format.
func (all forms[T]) chosen(f *chosen) form[T] {
	return all[slices.IndexFunc(all, func(a form[T]) bool { return a.name == f.name })]
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
	if vetted, ok := v.(*vetDocument); ok {
		return diag.List(*vetted).WriteJSON(w) // one line for each fault
	}
	return document.WriteJSON(w, v)
}

// writeYAML writes v as YAML, with the same content as its JSON.
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

// style returns no colours, unless w is a terminal and the user did not ask for plain text (no-color.org).
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
