package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/shell"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// say writes a line for people. Whatever a terminal would act upon is written as an escape: paths,
// clusters and kubectl may hold anything. What is private is masked. Commands of relayform's read as they are typed here.
// On a terminal a sentence is wrapped to its width; what is indented, as commands are, can be copied as it is.
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, wrapped(screen(w), sayable(format, args...)))
}

// wrapped is a line for a screen.
func wrapped(s diag.Screen, line string) string {
	switch {
	case strings.HasPrefix(line, "  hint: "):
		return s.Wrap(line, 4)
	case strings.HasPrefix(line, " "):
		return line
	}
	return s.Wrap(line, 2)
}

// marked is a line after a mark, which has its colour, for a screen.
func marked(s diag.Screen, mark, format string, args ...any) string {
	return s.Wrap(s.Mark(mark)+" "+sayable(format, args...), 2)
}

// sayable is what say writes, as one line.
func sayable(format string, args ...any) string {
	return typed(diag.Printable(secrecy.Mask(fmt.Sprintf(format, args...))), ownName())
}

// ownName is how this program is typed where it runs.
var ownName = sync.OnceValue(func() string { return typedAs(os.Args[0]) })

// printableText is a text of several lines, which may hold anything, with its lines and tabs.
func printableText(text string) string {
	var b strings.Builder
	for line := range strings.Lines(secrecy.Mask(text)) {
		line, ended := strings.CutSuffix(line, "\n")
		for i, cell := range strings.Split(strings.TrimSuffix(line, "\r"), "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(diag.Printable(cell))
		}
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// command is a command of relayform's for the project of the command that runs, with its identity.
func command(c *cobra.Command, project project.Project, verb string) string {
	text := project.Command(verb)
	if f := c.Flags().Lookup("identity"); f != nil && f.Changed {
		text += " --identity " + shell.Path(f.Value.String())
	}
	return text
}

// kubectlApply is the command that applies a cluster's overlay.
func kubectlApply(project project.Project, plan *plan.Plan, cluster string) string {
	if plan.Sops != nil {
		return fmt.Sprintf("relayform apply %s --file %s%s", cluster, shell.Path(project.Topology), project.Flags())
	}
	return fmt.Sprintf("kubectl --context %s apply -k %s", shell.Word(plan.Context(cluster)), shell.Path(project.Overlay(cluster)))
}
