package main

import (
	"fmt"

	"github.com/spf13/cobra"

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
			if len(args) == 0 {
				for _, code := range diag.Codes() {
					e, _ := diag.Explain(code)
					fmt.Fprintf(c.OutOrStdout(), "%-21s %s\n", code, e.Title)
				}
				for _, e := range verify.Explanations {
					fmt.Fprintf(c.OutOrStdout(), "%-21s %s\n", e.Code, e.Title)
				}
				fmt.Fprint(c.OutOrStdout(), "\nRefused though Go's crypto/x509 takes it; whatever else that takes in its role passes:\n")
				for _, r := range verify.Beyond {
					fmt.Fprintf(c.OutOrStdout(), "%-21s %s\n", r.Code, r.Reason)
				}
				return nil
			}
			if e, ok := verify.Explain(diag.Code(args[0])); ok {
				text := fmt.Sprintf("%s: %s\n\n%s\n", e.Code, e.Title, e.Text)
				if r, ok := verify.FindBeyond(e.Code); ok {
					text += "\nRefused though Go's crypto/x509 takes it: " + r.Reason + ".\n"
				}
				_, err := fmt.Fprint(c.OutOrStdout(), text)
				return err
			}
			e, ok := diag.Explain(diag.Code(args[0]))
			if !ok {
				message := "no such code: " + diag.Shorten(args[0])
				if near := diag.Nearest(args[0], codeNames()); near != "" {
					message += "; did you mean " + near + "?"
				}
				return fmt.Errorf("%s; relayform explain lists them all", message)
			}
			_, err := fmt.Fprint(c.OutOrStdout(), e.Full)
			return err
		},
	}
}

func codeNames() []string {
	var names []string
	for _, code := range diag.Codes() {
		names = append(names, string(code))
	}
	for _, e := range verify.Explanations {
		names = append(names, string(e.Code))
	}
	return names
}
