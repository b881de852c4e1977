package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/deploy"
)

type applyFlags struct {
	files   files
	kubectl program
	dryRun  string
	yes     bool
	// Findings that the user accepts.
	replaceForeign, cutOffAgents bool
	choice                       deploy.Choice
	output                       chosen
	options                      deploy.Options
}

// Defaults: the number of remotes in parallel, and the timeout of one kubectl.
const (
	usualParallel = 8
	usualTimeout  = 2 * time.Minute
)

// pause is how long to wait before operators in the clusters are queried again.
const pause = 2 * time.Second

func newApply() *cobra.Command { return new(applyFlags).command() }

func (f *applyFlags) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "apply [FILE] [CLUSTER...]",
		Short: "Apply the overlays to their clusters with kubectl, in the right order",
		Long: `Apply runs kubectl apply -k for the management cluster, then for the remotes in parallel, then,
with --register, for the objects that register them. First it checks that build/ matches the
topology. If one cluster fails, the others continue; the summary says how to resume. It stores
nothing and needs only kubectl; RUNBOOK.md has the same steps by hand.

Before it changes any cluster, it reads what each one holds. It refuses to replace roots, signing CAs
and tokens that the lockfile does not know, and to continue a rotation if that would cut off an agent;
diagnostics name the clusters. With --diff and --dry-run it reports this, continues, and exits 1.

The relay server and agents read some of their Secrets only at start. With --restart, a workload
whose Secret is newer than its last restart is restarted, in each cluster as soon as its overlay is
applied: also after an interrupted run, and not if nothing changed. The relay server comes first; if
the management cluster fails, no agent is restarted. With --wait, a cluster is done when its relay
server and agent have rolled out; otherwise it has failed. Workloads that are not installed yet are
skipped.`,
		Example: `  relayform apply --dry-run=server
  relayform apply --selector region=eu --parallel 20 --yes
  relayform apply --restart --wait --wave-by stage --max-failures 1 --yes`,
		ValidArgsFunction: f.files.completed(notYetNamed),
		RunE:              f.run,
	}
	f.files.register(c)
	f.files.registerIdentity(c)
	f.kubectl.register(c)
	applicationForms().register(c, &f.output, func() answer { return &applyDocument{Outcome: applyRefused} })
	flags, o := c.Flags(), &f.options
	flags.StringVarP(&f.choice.Selector, "selector", "l", "", "only clusters with these labels: key=value, key!=value, key, !key, separated by commas")
	flags.BoolVar(&f.choice.Register, "register", false, "also register the remotes in the management cluster; install its chart first")
	flags.StringVar(&f.dryRun, "dry-run", "none", "have the API servers check everything, and change nothing")
	flags.Lookup("dry-run").NoOptDefVal = "server"
	flags.BoolVar(&o.Diff, "diff", false, "print what would change, and change nothing; exit 1 if anything would")
	flags.BoolVar(&o.ServerSide, "server-side", false, "apply server-side")
	flags.BoolVar(&o.ForceConflicts, "force-conflicts", false, "with --server-side: take over fields that others manage")
	flags.BoolVar(&o.Prune, "prune", false, "delete objects that relayform made in the namespace and no longer compiles")
	flags.BoolVar(&o.Restart, "restart", false, "restart workloads that read a Secret only at start, if the Secret is newer")
	flags.BoolVar(&o.Wait, "wait", false, "wait until relay server and agents have rolled out, before the next wave")
	flags.StringVar(&f.choice.WaveBy, "wave-by", "", "apply remotes in waves, one for each value of this label, in order")
	flags.IntVar(&o.MaxFailures, "max-failures", 0, "stop before the next wave once this many clusters have failed (default: never)")
	flags.IntVar(&o.Parallel, "parallel", usualParallel, "how many remotes at a time")
	flags.DurationVar(&o.Timeout, "timeout", usualTimeout, "time limit for each kubectl command, per 500 objects, and for each rollout")
	flags.BoolVar(&f.replaceForeign, replaceForeign, false, "replace roots, signing CAs and tokens that the lockfile does not know")
	flags.BoolVar(&f.cutOffAgents, cutOffAgents, false, "continue even though agents would be cut off")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	_ = c.RegisterFlagCompletionFunc("wave-by", f.files.completed(labelKeys))
	_ = c.RegisterFlagCompletionFunc("selector", f.files.completed(labelKeys))
	choices(c, "dry-run", "server")
	_ = flags.SetAnnotation("dry-run", choicesOf, []string{"server", "client", "none"}) // kubectl's, of which this has two
	return c
}

func (f *applyFlags) run(c *cobra.Command, clusters []string) error {
	switch f.dryRun {
	case "none":
	case "server":
		f.options.DryRun = true
	default:
		return fmt.Errorf("--dry-run %q: want server", f.dryRun)
	}
	if f.options.DryRun && f.options.Diff {
		return errors.New("want one of --dry-run and --diff")
	}
	if f.options.Diff && (f.options.Restart || f.options.Wait) {
		return errors.New("want one of --diff and --restart or --wait: a diff changes nothing; --dry-run=server says what would be restarted")
	}
	if f.options.MaxFailures < 0 {
		return fmt.Errorf("--max-failures %d: want 1 or more", f.options.MaxFailures)
	}
	if f.options.Parallel < 1 {
		return fmt.Errorf("--parallel %d: want 1 or more", f.options.Parallel)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := f.kubectl.check(ctx); err != nil {
		return err
	}
	stderr, project := c.ErrOrStderr(), f.files.project()
	env, err := f.files.environment()
	if err != nil {
		return err
	}
	plan, err := ready(c, project, env)
	if err != nil {
		return f.refuse(c.OutOrStdout(), "", err)
	}
	f.choice.Clusters = clusters
	stages, err := deploy.Jobs(plan, project, f.choice)
	if err != nil {
		return err
	}
	if plan.Sops != nil {
		if err := decrypted(project, env, stages, f.kubectl.feed); err != nil {
			return err
		}
	}
	if f.options.Restart || f.options.Wait {
		f.options.Pause = pause
		if err := expected(project, env, plan, stages); err != nil {
			return err
		}
	}
	if f.options.Prune {
		if err := deploy.Know(stages, plan, compiler.ObjectsOf(project, env)); err != nil {
			return err
		}
	}
	if err := f.consent(stderr, plan.Name, stages); err != nil {
		return err
	}
	report, refused, err := f.look(ctx, stderr, project, env, stages)
	switch {
	case ctx.Err() != nil: // not queried for that reason
	case err != nil:
		return err
	case refused && !f.options.Diff && !f.options.DryRun:
		return f.refuse(c.OutOrStdout(), plan.Name, &unreadyError{clustersAgainst, report.Findings})
	}
	progress := newProgress(stderr, stages)
	outcomes := deploy.Run(ctx, f.kubectl.run, stages, f.options, progress.tell)
	progress.end()
	done := application{command: c, flags: f, mesh: plan.Name, begun: progress.begun, findings: report.Findings, against: refused, outcomes: outcomes}
	if err := applicationForms().write(c.OutOrStdout(), &f.output, done); err != nil {
		return err
	}
	if err := done.err(); err != nil || !refused {
		return err
	}
	return errShort
}
