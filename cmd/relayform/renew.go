package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/compiler/shell"
)

// renewNamed is the number of clusters up to which each has its own commands in a summary, and leftNamed
// that of files that are left alone and named.
const renewNamed, leftNamed = 5, 20

func newRenew() *cobra.Command {
	var at files
	var within string
	options := compiler.RenewOptions{What: issue.AllDue}
	c := &cobra.Command{
		Use:   "renew [FILE] [server|signing|token|agents|all-due] [CLUSTER...]",
		Short: "Make a new certificate or token, and say what to apply and restart",
		Long: `Renew makes a new key and certificate (with --same-key a new certificate alone), changes the
lockfile in one step, and the build folder after it. Without an argument: what is due.

Agents are those whose certificates relayform issues (pki.selfSigned.agents: issued): without names those that are due, with names
these, due or not.

A root is not renewed but rotated, in the topology: pki.selfSigned.rotation.

Where an external PKI issues the certificates, renew makes a request for the next one; the one in force stays until the PKI's answer
is in the topology. With --withdraw it takes the request back.

With --reseal no certificate is made: what git holds encrypted for the clusters is encrypted once more, with new data keys, and
with what the files of sealing certificates hold now.`,
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
				return errors.New("--reseal makes no certificate: want it alone, or with --dry-run")
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
			summarizeRenewal(c, project, result, options)
			sayWaiting(c.ErrOrStderr(), project, result.Waiting)
			return nil
		},
	}
	at.register(c)
	at.registerIdentity(c)
	c.Flags().StringVar(&within, "within", fmt.Sprintf("%dd", product.Soon/(24*time.Hour)), "all-due: what is due within this time")
	c.Flags().BoolVar(&options.SameKey, "same-key", false, "keep the private key")
	c.Flags().BoolVar(&options.Reseal, "reseal", false, "make no certificate; encrypt again what git holds for the clusters")
	c.Flags().BoolVar(&options.Withdraw, "withdraw", false, "server, signing: make nothing; take back the request that waits for a certificate of an external PKI")
	c.Flags().BoolVar(&options.DryRun, "dry-run", false, "write nothing; say what would be renewed")
	return c
}

// summarizeRenewal says what was renewed, what to apply where, and what to restart.
func summarizeRenewal(c *cobra.Command, project project.Project, r *compiler.Result, o compiler.RenewOptions) {
	w := c.ErrOrStderr()
	if len(r.Issued)+len(r.Newly) == 0 {
		say(w, "nothing is due")
		return
	}
	verb := "renewed"
	if o.DryRun {
		verb = "would renew"
	}
	for _, due := range r.Issued {
		until := ""
		if !o.DryRun {
			until = validUntil(r, due)
		}
		say(w, "%s", told(verb, due, until))
	}
	encrypted(w, map[bool]string{true: "would encrypt", false: "encrypted"}[o.DryRun], r)
	if !o.DryRun {
		say(w, "%s: %s in %s", r.Plan.Name, changes(r), project.Build)
		warn(w, project, r)
	}
	next(c, project, r, project.Committed(r.Plan)[1:])
	if !o.DryRun {
		send(w, project, r)
	}
	engine := delivered(w, r.Plan)
	for _, s := range r.Steps() {
		if engine {
			// it applies what is committed
		} else if len(s.Apply) > renewNamed {
			say(w, "  kubectl apply -k, for each of %d clusters: %s", len(s.Apply), filepath.Join(project.Build, "RUNBOOK.md"))
		} else {
			for _, cluster := range s.Apply {
				say(w, "  %s", kubectlApply(project, r.Plan, cluster))
			}
		}
		for _, restart := range s.Restarts {
			if len(restart.Clusters) > renewNamed {
				say(w, "  restart %s in each of %d clusters; relayform apply --restart does", restart.Resource(), len(restart.Clusters))
				continue
			}
			for _, cluster := range restart.Clusters {
				say(w, "  kubectl --context %s --namespace %s rollout restart %s", shell.Word(r.Plan.Context(cluster)), r.Plan.Namespace, restart.Resource())
			}
		}
		say(w, "  %s: %s", s.Role, s.Note)
	}
}

// leftAlone names files in a folder of relayform's that somebody else put there.
func leftAlone(w io.Writer, folder string, names []string) {
	if len(names) == 0 {
		return
	}
	more := ""
	if n := len(names) - leftNamed; n > 0 {
		names, more = names[:leftNamed], fmt.Sprintf(" and %d more", n)
	}
	say(w, "warning: %s: not written by relayform, and left alone: %s%s", folder, strings.Join(names, ", "), more)
}

// warnOf prints warnings.
func warnOf(w io.Writer, warnings []string) {
	for _, text := range warnings {
		say(w, "warning: %s", text)
	}
}

// noteOf prints notes.
func noteOf(w io.Writer, notes []string) {
	for _, text := range notes {
		say(w, "note: %s", text)
	}
}

// lacking says what is wrong with private files, and what to do.
func lacking(missing []error) string {
	if errors.Is(errors.Join(missing...), fs.ErrPermission) {
		return "not here, or that you may not read; put that right"
	}
	return "not here; restore them"
}

// warn says what a run found amiss with the private files.
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
