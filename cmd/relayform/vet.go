package main

import (
	"github.com/spf13/cobra"

	"relayform/compiler"
)

func newVet() *cobra.Command {
	var at files
	var output format
	c := &cobra.Command{
		Use:   "vet [FILE]",
		Short: "Check a topology: every check that compile makes before it issues",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			plan, err := compiler.Vet(at.project(args), environment())
			if err == nil {
				warnOf(c.ErrOrStderr(), plan.Warnings)
				noteOf(c.ErrOrStderr(), plan.Notes)
			}
			return err
		},
	}
	at.register(c)
	output.register(c)
	return c
}
