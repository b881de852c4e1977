package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"relayform/compiler/policy"
	"relayform/schema"
)

func newSchema() *cobra.Command {
	var of string
	var policies bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the schema of topologies, or of what commands write, for editors and other tools",
		Long: `Schema prints the schema of topologies as JSON Schema, for editors, or as CUE. With --of it prints
the JSON Schema of what a command writes with --format json or yaml: diagnostics for vet, check for
compile --check, and for others the command's name. Later versions may add fields to these documents;
they remove none, and change the type of none.`,
		Args: cobra.NoArgs,
	}
	all := forms[string]{{name: "jsonschema", write: writeSchema}, {name: "cue", write: writeSchema}}
	var output chosen
	c.RunE = func(c *cobra.Command, _ []string) error {
		jsonSchema := output.name == "jsonschema"
		var text string
		var err error
		switch chosen := c.Flags().Changed("format"); {
		case of != "" && policies:
			return errors.New("want one of --of and --policy")
		case of != "" && !jsonSchema:
			return fmt.Errorf("--of: it is JSON Schema; want --format jsonschema, got %s", output.name)
		case policies && chosen && jsonSchema:
			return fmt.Errorf("--policy: it is CUE; want --format cue, got %s", output.name)
		case of != "":
			text, err = documentSchema(of)
		case policies:
			text = policy.Shape
		case jsonSchema:
			text = schema.JSONSchema()
		default:
			text = schema.CUE
		}
		if err != nil {
			return err
		}
		return all.write(c.OutOrStdout(), &output, text)
	}
	all.register(c, &output, nil)
	c.Flags().StringVar(&of, "of", "", "print the JSON Schema of what a command writes: "+inWords(documentNames()))
	c.Flags().BoolVar(&policies, "policy", false, "print what policies constrain, as CUE")
	choices(c, "of", slices.Sorted(slices.Values(documentNames()))...)
	return c
}

func writeSchema(text string, w io.Writer) error {
	_, err := io.WriteString(w, text)
	return err
}
