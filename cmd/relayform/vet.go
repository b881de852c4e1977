package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/plan"
	"relayform/compiler/policy"
	"relayform/schema/diag"
)

func newVet() *cobra.Command {
	var at files
	var output chosen
	all := vetForms()
	var policies []string
	c := &cobra.Command{
		Use:   "vet [FILE...]",
		Short: "Check topologies: every check that compile makes before it issues",
		RunE: func(c *cobra.Command, args []string) error {
			more, err := readPolicies(policies)
			if err != nil {
				return err
			}
			if len(args) > 1 && (at.out != "" || at.keys != "" || at.topology != "") {
				return errors.New("--file, --out and --keys are for one topology; vet several without them")
			}
			if len(args) == 0 {
				args = []string{""}
			}
			var faults diag.List
			for _, file := range args {
				err := vet(c, at, file, more)
				var found diag.List
				if err != nil && !errors.As(err, &found) {
					at.topology = file
					return err
				}
				faults = append(faults, found...)
			}
			if err := faults.Err(); err != nil {
				return err
			}
			return all.write(c.OutOrStdout(), &output, nil)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return new(vetDocument) })
	c.Flags().StringArrayVar(&policies, "policy", nil, "a file of CUE with constraints of your own, in addition to those that the topology names; may be repeated")
	_ = c.MarkFlagFilename("policy", "cue")
	return c
}

// vet checks one topology, and prints warnings and notes about a valid one.
func vet(c *cobra.Command, at files, file string, more []policy.File) error {
	plan, err := compiler.Vet(at.of(cmp.Or(file, at.topology)), environment(), more...)
	if err == nil {
		warnOf(c.ErrOrStderr(), plan.Warnings)
		noteOf(c.ErrOrStderr(), plan.Notes)
	}
	return err
}

// vetDocument is a list of the faults, and nothing else.
type vetDocument diag.List

func (d *vetDocument) blame(l diag.List) { *d = vetDocument(l) }

// vetForms are the formats of vet. A valid topology has an empty document, and no text.
func vetForms() forms[diag.List] {
	return formsOf(func(diag.List, io.Writer) error { return nil }, func(diag.List) answer { return new(vetDocument) },
		form[diag.List]{name: "github", write: asGitHub, faults: asGitHub},
		form[diag.List]{name: "sarif", write: asSARIF, faults: asSARIF})
}

// readPolicies reads the policies that a flag names.
func readPolicies(paths []string) ([]policy.File, error) {
	if len(paths) > plan.MaxPolicies {
		return nil, fmt.Errorf("--policy: given %d times; the limit is %d", len(paths), plan.MaxPolicies)
	}
	var files []policy.File
	for _, path := range paths {
		text, err := folder.ReadFile(path, policy.MaxFile)
		var size *folder.SizeError
		switch {
		case errors.As(err, &size):
			return nil, fmt.Errorf("--policy %s: the file has %d bytes; the limit is %d KiB", path, size.Size, policy.MaxFile>>10)
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("--policy %s: no such file", path)
		case err != nil:
			return nil, fmt.Errorf("--policy %s: %w", path, err)
		}
		files = append(files, policy.File{Name: path, Text: text})
	}
	return files, nil
}
