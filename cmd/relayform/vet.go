package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/schema/diag"
)

func newVet() *cobra.Command {
	var at files
	var output format
	c := &cobra.Command{
		Use:   "vet [FILE...]",
		Short: "Check topologies: every check that compile makes before it issues",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return vet(c, at, append(args, "")[0])
			}
			if at.out != "" || at.keys != "" || at.topology != "" {
				return errors.New("--file, --out and --keys are one topology's; vet several without them")
			}
			var faults diag.List
			for _, file := range args {
				err := vet(c, at, file)
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
	return c
}

// vet checks one topology, and prints what there is to know of one that is right.
func vet(c *cobra.Command, at files, file string) error {
	plan, err := compiler.Vet(at.of(cmp.Or(file, at.topology)), environment())
	if err == nil {
		warnOf(c.ErrOrStderr(), plan.Warnings)
		noteOf(c.ErrOrStderr(), plan.Notes)
	}
	return err
}
