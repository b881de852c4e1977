package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"relayform/compiler"
)

func newGC() *cobra.Command {
	var at files
	var dryRun bool
	c := &cobra.Command{
		Use:   "gc [FILE]",
		Short: "Remove private keys that no certificate needs any more",
		Long: `Gc removes keys and tokens that the lockfile has no use for, and prints their paths. What a rotation
has set aside stays, and so does every file that relayform did not write: gc names those. An older
lockfile, taken from git again, would miss what is removed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			project := at.project(args)
			removed, left, err := compiler.Collect(project, environment(), dryRun)
			for _, name := range removed {
				say(c.OutOrStdout(), "%s", filepath.Join(project.Keys, filepath.FromSlash(name)))
			}
			leftAlone(c.ErrOrStderr(), project.Keys, left)
			return err
		},
	}
	at.register(c)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "remove nothing; print what would be removed")
	return c
}
