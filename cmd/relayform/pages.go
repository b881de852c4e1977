//go:build pages

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newPages returns a command that only a build with the tag pages has, so that the released program does not contain the code that writes
// pages.
func newPages() *cobra.Command {
	var date string
	c := &cobra.Command{
		Use:    "pages DIR",
		Short:  "Write manual pages, and completions for bash, zsh and fish",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			day, err := time.Parse(time.DateOnly, date)
			if err != nil {
				return fmt.Errorf("--date: want a day, such as 2026-11-30: %w", err)
			}
			return writePages(c.Root(), args[0], day)
		},
	}
	c.Flags().StringVar(&date, "date", "", "the day that manual pages carry")
	return c
}

func writePages(root *cobra.Command, dir string, day time.Time) error {
	man := filepath.Join(dir, "man", "man1")
	if err := os.MkdirAll(man, 0o755); err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "relayform " + versionOf(), Date: &day}, man); err != nil {
		return err
	}
	completions := filepath.Join(dir, "completions")
	if err := os.MkdirAll(completions, 0o755); err != nil {
		return err
	}
	for file, write := range map[string]func(string) error{
		"relayform.bash": func(file string) error { return root.GenBashCompletionFileV2(file, true) },
		"_relayform":     root.GenZshCompletionFile,
		"relayform.fish": func(file string) error { return root.GenFishCompletionFile(file, true) },
	} {
		if err := write(filepath.Join(completions, file)); err != nil {
			return err
		}
	}
	return nil
}
