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

// say writes a line for people. It escapes whatever a terminal would interpret, as paths, clusters and kubectl may contain anything, and
// masks private values. It shows relayform's commands as the user types them here. On a terminal, sentences are wrapped to its width;
// indented lines, such as commands, are not, so that they can be copied.
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, wrapped(screen(w), sayable(format, args...)))
}

// wrapped returns a line wrapped for a screen.
func wrapped(s diag.Screen, line string) string {
	switch {
	case strings.HasPrefix(line, "  hint: "):
		return s.Wrap(line, 4)
	case strings.HasPrefix(line, " "):
		return line
	}
	return s.Wrap(line, 2)
}

// marked returns a line after a coloured mark, wrapped for a screen.
func marked(s diag.Screen, mark, format string, args ...any) string {
	return s.Wrap(s.Mark(mark)+" "+sayable(format, args...), 2)
}

// sayable returns what say writes, as one line.
func sayable(format string, args ...any) string {
	return typed(diag.Printable(secrecy.Mask(fmt.Sprintf(format, args...))), ownName())
}

// ownName is how the user types this program here.
var ownName = sync.OnceValue(func() string { return typedAs(os.Args[0]) })

// printableText makes a text of several lines safe to print, and keeps its lines and tabs.
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

// command returns a relayform command for a project, with the identity that the running command was given.
func command(c *cobra.Command, project project.Project, verb string) string {
	text := project.Command(verb)
	if f := c.Flags().Lookup("identity"); f != nil && f.Changed {
		text += " --identity " + shell.Path(f.Value.String())
	}
	return text
}

// kubectlApply returns the command that applies a cluster's overlay.
func kubectlApply(project project.Project, plan *plan.Plan, cluster string) string {
	if plan.Sops != nil {
		return fmt.Sprintf("relayform apply %s --file %s%s", cluster, shell.Path(project.Topology), project.Flags())
	}
	return fmt.Sprintf("kubectl --context %s apply -k %s", shell.Word(plan.Context(cluster)), shell.Path(project.Overlay(cluster)))
}
