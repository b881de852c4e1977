package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

// leftNamed is the maximum number of files named in a warning about files that relayform did not write.
const leftNamed = 20

func newRenew() *cobra.Command {
	var at files
	var within string
	var output chosen
	all := renewalForms()
	options := compiler.RenewOptions{What: issue.AllDue}
	c := &cobra.Command{
		Use:   "renew [FILE] [WHAT] [CLUSTER...]",
		Short: "Make a new certificate or token, and say what to apply and restart",
		Long: `Renew makes a new key and certificate (with --same-key only a new certificate), changes the
lockfile in one step, and then the build folder. WHAT is server, signing, token, agents or all-due.
Without it, renew makes what is due.

Use agents if relayform issues their certificates (pki.selfSigned.agents: issued). Without names it
renews those that are due; with names it renews these, due or not.

A root is not renewed but rotated: set pki.selfSigned.rotation in the topology.

If an external PKI issues the certificates, renew makes a request for the next one. The current one
stays until the topology names the PKI's answer. --withdraw takes the request back.

--reseal makes no certificate. It encrypts again what git holds encrypted for the clusters, with new
data keys, and to the current sealing certificates.`,
		ValidArgsFunction: at.completed(func(p *plan.Plan, args []string) []string {
			switch {
			case len(args) == 0:
				return issue.Renewable
			case args[0] == issue.AllAgents:
				return notYetNamed(p, args)
			}
			return nil
		}),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				options.What, options.Agents = args[0], args[1:]
			}
			if len(options.Agents) > 0 && options.What != issue.AllAgents {
				return fmt.Errorf("%s: only %s takes names of clusters after it", strings.Join(args[1:], " "), issue.AllAgents)
			}
			if options.Reseal && (len(args) > 0 || options.SameKey || c.Flags().Changed("within")) {
				return errors.New("--reseal makes no certificate: use it without other arguments, except --dry-run")
			}
			var err error
			if options.Within, err = parseSpan(within); err != nil {
				return fmt.Errorf("--within %w", err)
			}
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project()
			result, err := compiler.Renew(project, env, options)
			if err != nil {
				return err
			}
			return all.write(c.OutOrStdout(), &output, renewal{c, project, result, options.DryRun})
		},
	}
	at.register(c)
	all.register(c, &output, func() answer {
		return &renewDocument{Outcome: renewRefused, Topology: at.project().Topology, Build: at.project().Build}
	})
	at.registerIdentity(c)
	c.Flags().StringVar(&within, "within", fmt.Sprintf("%dd", product.Soon/(24*time.Hour)), "all-due: what is due within this time")
	c.Flags().BoolVar(&options.SameKey, "same-key", false, "keep the private key")
	c.Flags().BoolVar(&options.Reseal, "reseal", false, "make no certificate; encrypt again what git holds for the clusters")
	c.Flags().BoolVar(&options.Withdraw, "withdraw", false, "server, signing: make nothing; take back the pending request to an external PKI")
	c.Flags().BoolVar(&options.DryRun, "dry-run", false, "write nothing; say what would be renewed")
	return c
}

// foreign returns a warning about files in one of relayform's folders that relayform did not write; empty if there are none.
func foreign(folder string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if n := len(names) - leftNamed; n > 0 {
		names, more = names[:leftNamed], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("%s: not written by relayform, and left alone: %s%s", folder, strings.Join(names, ", "), more)
}

// leftAlone prints the warning about such files.
func leftAlone(w io.Writer, folder string, names []string) {
	if text := foreign(folder, names); text != "" {
		say(w, "warning: %s", text)
	}
}

func warnOf(w io.Writer, warnings []string) {
	for _, text := range warnings {
		say(w, "warning: %s", text)
	}
}

func noteOf(w io.Writer, notes []string) {
	for _, text := range notes {
		say(w, "note: %s", text)
	}
}

// lacking says what is wrong with private files, and what to do.
func lacking(missing []error) string {
	if errors.Is(errors.Join(missing...), fs.ErrPermission) {
		return "not here, or not readable; fix that"
	}
	return "not here; restore them"
}

// warn prints what is wrong with the private files.
func warn(w io.Writer, project project.Project, r *compiler.Result) {
	if r.Sealed {
		say(w, "the keys are encrypted: run %s before kubectl", project.Command("unlock"))
	}
	warnOf(w, r.Loose)
	warnOf(w, r.Plan.Warnings)
	noteOf(w, r.Plan.Notes)
	leftAlone(w, project.Keys, r.Foreign)
	if len(r.Missing) > 0 {
		say(w, "kubectl will need private files that are %s before you apply:", lacking(r.Missing))
		for _, missing := range r.Missing {
			say(w, "  %v", missing)
		}
	}
}
