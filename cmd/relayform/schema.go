package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"relayform/compiler/policy"
	"relayform/schema"
)

func newSchema() *cobra.Command {
	var format string
	var policies bool
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
			if policies {
				if c.Flags().Changed("format") && format != "cue" {
					return fmt.Errorf("--policy: it is CUE; want --format cue, got %s", format)
				}
				text = policy.Shape
			}
			_, err := fmt.Fprint(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "jsonschema", "cue or jsonschema")
	c.Flags().BoolVar(&policies, "policy", false, "print what policies constrain, as CUE")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"cue", "jsonschema"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}
