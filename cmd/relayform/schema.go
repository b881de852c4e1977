package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"relayform/schema"
)

func newSchema() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the language's schema, for editors and other tools",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text := schema.CUE
			switch format {
			case "cue":
			case "jsonschema":
				text = schema.JSONSchema()
			default:
				return fmt.Errorf("--format: want cue or jsonschema, got %s", format)
			}
			_, err := fmt.Fprint(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "jsonschema", "cue or jsonschema")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"cue", "jsonschema"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}
