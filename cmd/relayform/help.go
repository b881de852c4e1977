package main

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler/policy"
	"relayform/compiler/review"
	"relayform/compiler/verify"
	"relayform/schema"
	"relayform/schema/diag"
)

//go:embed help/*.md
var pages embed.FS

// topic is an embedded page of documentation.
type topic struct{ name, short string }

// topics lists the topics in reading order. Those without a file in help/ are generated here.
var topics = []topic{
	{"concepts", "what a relay mesh is, its four files, the parts of a compile"},
	{"topology", "every field of the topology file"},
	{"existing-mesh", "take over a running mesh"},
	{"ways-in", "how agents reach the relay server: the forms of ingress"},
	{"certificates", "what ends when, renewal, rotation of the root"},
	{"pki", "certificates of your own PKI"},
	{"stores", "how private values reach the clusters, and the key store"},
	{"gitops", "Flux and Argo CD"},
	{"ci", "checks and reviews without a key: GitHub, GitLab, pre-commit"},
	{"policies", "constraints of your own, in CUE"},
	{"troubleshooting", "every diagnostic, by what finds it"},
	{"security", "who can do what with which file, and what a theft costs"},
	{"files", "who owns which file, and which links are followed"},
	{"limits", "how large an input may be"},
	{"fleets", "thousands of clusters"},
	{"changes", "adding, removing and renaming clusters"},
}

// made are the topics generated from the program itself.
var made = map[string]func() string{
	"topology":        topologyPage,
	"policies":        func() string { return policy.Page },
	"troubleshooting": troubleshootingPage,
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND or TOPIC]",
		Short: "Show the help of a command, or a page of documentation",
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(topicNames(), commandNames(c.Root())...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(topicNames(), args[0]) {
				return writePage(c.OutOrStdout(), args[0])
			}
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				known := append(topicNames(), commandNames(c.Root())...)
				return fmt.Errorf("%s: no such command or topic%s; relayform help lists them", diag.Shorten(strings.Join(args, " ")), diag.DidYouMean(strings.Join(args, " "), known))
			}
			of.InitDefaultHelpFlag()
			of.InitDefaultVersionFlag()
			return of.Help()
		},
	}
}

func topicNames() []string {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.name
	}
	return names
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// writePage writes a topic's page. On a terminal its headings are bold, and paragraphs are wrapped.
func writePage(w io.Writer, name string) error {
	text, err := pageOf(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, fitted(text, screen(w)))
	return err
}

func pageOf(name string) (string, error) {
	if make := made[name]; make != nil {
		return make(), nil
	}
	text, err := pages.ReadFile("help/" + name + ".md")
	return string(text), err
}

// topicsInWords returns the list of topics, for the program's help.
func topicsInWords() string {
	var b strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&b, "  %-16s %s\n", t.name, t.short)
	}
	return b.String()
}

// topologyPage documents every field of the schema.
func topologyPage() string {
	return `# The topology file

One YAML file. A choice is a key: under ingress, pki, secrets and deliver, write the one that you choose. Relative paths are
relative to the file, and must not point outside its folder. With

    relayform schema >topology.schema.json

and the first line "# yaml-language-server: $schema=topology.schema.json", editors complete and check it. fixtures/ in the source has a topology
for each, golden/ what it compiles to; relayform schema prints the same for editors.
` + schema.Reference()
}

// troubleshootingPage lists every code by subject.
func troubleshootingPage() string {
	var b strings.Builder
	b.WriteString("# When something is wrong\n\nAll faults of an input are reported in one run, each with its place, what was wanted and what to do. The code in brackets has a page:\n`relayform explain CODE`.\n")
	for _, part := range []struct {
		title string
		codes diag.Explanations
	}{
		{"What vet and compile report about a topology and its files", diag.Inputs()},
		{"What verify finds", verify.Explanations()},
		{"What review finds", review.Explanations()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n", part.title)
		for _, e := range part.codes {
			fmt.Fprintf(&b, "- `%s`: %s\n", e.Code, e.Title)
		}
	}
	return b.String()
}
