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
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, typed(diag.Printable(secrecy.Mask(fmt.Sprintf(format, args...))), ownName()))
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
