package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"relayform/schema/diag"
)

// The widths of help, in columns: without a terminal's own width, the maximum for paragraphs, and the maximum for the rest.
const (
	usualColumns  = 80
	proseColumns  = 100
	tabledColumns = 120
)

// helpScreen returns the screen that help is written for; it always has a width.
func helpScreen(w io.Writer) diag.Screen {
	s := screen(w)
	s.Width = min(cmp.Or(s.Width, usualColumns), tabledColumns)
	return s
}

// writeHelp writes what a command does, and its usage.
func writeHelp(c *cobra.Command, _ []string) {
	s := helpScreen(c.OutOrStdout())
	prose := s
	prose.Width = min(s.Width, proseColumns)
	text := prosed(typed(cmp.Or(c.Long, c.Short), c.Root().DisplayName()), prose)
	_, _ = io.WriteString(c.OutOrStdout(), text+"\n"+usageOf(c, s))
}

// writeUsage writes a command's usage.
func writeUsage(c *cobra.Command) error {
	_, err := io.WriteString(c.OutOrStderr(), usageOf(c, helpScreen(c.OutOrStderr())))
	return err
}

// prosed returns a text with its paragraphs wrapped, and its indented lines unchanged.
func prosed(text string, s diag.Screen) string {
	var b strings.Builder
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			s.Fill(&b, "", 0, strings.Join(paragraph, " "))
			paragraph = nil
		}
	}
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && line[0] != ' ' {
			paragraph = append(paragraph, line)
			continue
		}
		end()
		b.WriteString(line + "\n")
	}
	end()
	return b.String()
}

// usageOf returns a command's usage: the line to type, examples, subcommands by group, and flags.
func usageOf(c *cobra.Command, s diag.Screen) string {
	var b strings.Builder
	head := func(title string) { b.WriteString(s.Bold(title) + "\n") }
	head("Usage:")
	if c.Runnable() {
		b.WriteString("  " + c.UseLine() + "\n")
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("  " + c.CommandPath() + " [command]\n")
	}
	if c.HasExample() {
		b.WriteByte('\n')
		head("Examples:")
		b.WriteString(typed(c.Example, c.Root().DisplayName()) + "\n")
	}
	for _, group := range append(c.Groups(), &cobra.Group{Title: "Commands:"}) {
		title := group.Title
		for _, sub := range c.Commands() {
			if sub.GroupID != group.ID || !sub.IsAvailableCommand() && sub.Name() != "help" {
				continue
			}
			if title != "" {
				b.WriteByte('\n')
				head(title)
				title = ""
			}
			name := "  " + sub.Name() + strings.Repeat(" ", max(sub.NamePadding()-len(sub.Name()), 0)+1)
			s.Fill(&b, name, len(name), sub.Short)
		}
	}
	for _, flags := range []struct{ title, text string }{
		{"Flags:", c.LocalFlags().FlagUsagesWrapped(s.Width)}, {"Global Flags:", c.InheritedFlags().FlagUsagesWrapped(s.Width)},
	} {
		if flags.text != "" {
			b.WriteByte('\n')
			head(flags.title)
			for line := range strings.Lines(flags.text) {
				b.WriteString(strings.TrimRight(line, " \n") + "\n")
			}
		}
	}
	if c.HasAvailableSubCommands() {
		b.WriteByte('\n')
		s.Fill(&b, "", 0, `Use "`+c.CommandPath()+` [command] --help" for more information about a command.`)
	}
	return b.String()
}
