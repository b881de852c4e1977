package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"relayform/compiler/review"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Say what a diagnostic means, and what to do about it",
		Long: `Explain says what the code at the end of a diagnostic means, why such an input is refused, and
shows a wrong and a right example. Without a code it lists them all.`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return codeNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			all := explanations()
			if len(args) == 0 {
				for _, e := range all {
					fmt.Fprintf(c.OutOrStdout(), "%-21s %s\n", e.Code, e.Title)
				}
				fmt.Fprint(c.OutOrStdout(), "\nRefused though Go's crypto/x509 takes it; whatever else that takes in its role passes:\n")
				for _, r := range verify.Beyond {
					fmt.Fprintf(c.OutOrStdout(), "%-21s %s\n", r.Code, r.Reason)
				}
				return nil
			}
			e, ok := all.Of(diag.Code(args[0]))
			if !ok {
				return fmt.Errorf("no such code: %s%s; relayform explain lists them all", diag.Shorten(args[0]), diag.DidYouMean(args[0], codeNames()))
			}
			text := fmt.Sprintf("%s\n\n%s", e.Title, e.Text)
			if r, ok := verify.FindBeyond(e.Code); ok {
				text += "\nRefused though Go's crypto/x509 takes it: " + r.Reason + ".\n"
			}
			_, err := fmt.Fprint(c.OutOrStdout(), text)
			return err
		},
	}
}

// explanations are those of all codes: of inputs, of what verify finds, and of what review finds.
func explanations() diag.Explanations {
	return slices.Concat(diag.Inputs(), verify.Explanations(), review.Explanations())
}

func codeNames() []string {
	var names []string
	for _, e := range explanations() {
		names = append(names, string(e.Code))
	}
	return names
}
