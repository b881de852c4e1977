package main

import (
	"cmp"
	"errors"
	"fmt"
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
	var output format
	var policies []string
	c := &cobra.Command{
		Use:   "vet [FILE...]",
		Short: "Check topologies: every check that compile makes before it issues",
		RunE: func(c *cobra.Command, args []string) error {
			more, err := readPolicies(policies)
			if err != nil {
				return err
			}
			if len(args) < 2 {
				return vet(c, at, append(args, "")[0], more)
			}
			if at.out != "" || at.keys != "" || at.topology != "" {
				return errors.New("--file, --out and --keys are one topology's; vet several without them")
			}
			var faults diag.List
			for _, file := range args {
				err := vet(c, at, file, more)
				var found diag.List
				if err != nil && !errors.As(err, &found) {
					return err
				}
				faults = append(faults, found...)
			}
			return faults.Err()
		},
	}
	at.register(c)
	output.register(c)
	c.Flags().StringArrayVar(&policies, "policy", nil, "a file of CUE with constraints of your own, beside those that the topology names; may be given again")
	_ = c.MarkFlagFilename("policy", "cue")
	return c
}

// vet checks one topology, and prints what there is to know of one that is right.
func vet(c *cobra.Command, at files, file string, more []policy.File) error {
	plan, err := compiler.Vet(at.of(cmp.Or(file, at.topology)), environment(), more...)
	if err == nil {
		warnOf(c.ErrOrStderr(), plan.Warnings)
		noteOf(c.ErrOrStderr(), plan.Notes)
	}
	return err
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
