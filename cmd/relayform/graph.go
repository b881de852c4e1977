package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/graph"
)

func newGraph() *cobra.Command {
	var at files
	var by string
	var output chosen
	all := graphForms()
	c := &cobra.Command{
		Use:   "graph [FILE]",
		Short: "Draw who dials whom, through what, and who signed what",
		Long: fmt.Sprintf(`Graph draws the mesh: which remote dials which address, and the path through the ingress and the
relay's Service to the relay server; and the chain of trust, from the lockfile. It needs no key.

Up to %d remotes have a box each. More are grouped by the values of a label: the one that --by names,
or else the label that separates them best.

  relayform graph >mesh.mmd                           # Mermaid, for Markdown
  relayform graph --format dot | dot -Tpng >mesh.png
  relayform graph --format svg --by region >mesh.svg  # light and dark`, graph.Drawn),
		RunE: func(c *cobra.Command, _ []string) error {
			picture, err := compiler.Graph(at.project(), environment(), by)
			if err != nil {
				return err
			}
			return all.write(c.OutOrStdout(), &output, picture)
		},
	}
	at.register(c)
	all.register(c, &output, nil)
	at.registerBy(c, &by)
	return c
}

// graphForms are the forms of a picture.
func graphForms() forms[graph.Picture] {
	var all forms[graph.Picture]
	for _, name := range graph.Formats {
		all = append(all, form[graph.Picture]{name: name, write: func(g graph.Picture, w io.Writer) error { return g.Write(w, name) }})
	}
	return all
}

// registerBy adds the flag for the label by which many remotes are grouped.
func (f *files) registerBy(c *cobra.Command, by *string) {
	c.Flags().StringVar(by, "by", "", "group remotes by the values of this label")
	_ = c.RegisterFlagCompletionFunc("by", f.completed(labelKeys))
}
