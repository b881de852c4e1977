package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/deploy"
	"relayform/compiler/kubectl"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/shell"
	"relayform/compiler/verify"
)

type applyFlags struct {
	files   files
	kubectl program
	file    string
	dryRun  string
	yes     bool
	choice  deploy.Choice
	options deploy.Options
}

// How many remotes at a time, and how long one kubectl may take, where nothing else is said.
const (
	usualParallel = 8
	usualTimeout  = 2 * time.Minute
)

func newApply() *cobra.Command { return new(applyFlags).command() }

func (f *applyFlags) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "apply [CLUSTER...]",
		Short: "Apply the overlays to their clusters with kubectl, in the right order",
		Long: `Apply runs kubectl apply -k for the management cluster, then for the remotes side by side, then,
with --register, for what registers them. Before it touches a cluster it makes sure that build/ is
what the topology says. One cluster that fails stops no other; the end says how to resume.
It stores nothing and needs nothing but kubectl, which does the same by hand: see RUNBOOK.md.`,
		Example: `  relayform apply --dry-run=server
  relayform apply --selector region=eu --parallel 20 --yes
  relayform apply --wave-by stage --max-failures 1 --yes`,
		ValidArgsFunction: func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			plan, err := compiler.Vet(f.files.project([]string{f.file}), environment())
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return plan.Clusters(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: f.run,
	}
	f.files.register(c)
	f.files.registerIdentity(c)
	f.kubectl.register(c)
	flags, o := c.Flags(), &f.options
	flags.StringVarP(&f.file, "file", "f", "topology.yaml", "the topology file")
	flags.StringVarP(&f.choice.Selector, "selector", "l", "", "only clusters with these labels: key=value, key!=value, key, !key, by comma")
	flags.BoolVar(&f.choice.Register, "register", false, "then register the remotes in the management cluster; install its chart first")
	flags.StringVar(&f.dryRun, "dry-run", "", "server: have the API servers check everything, and change nothing")
	flags.BoolVar(&o.Diff, "diff", false, "print what would change, and change nothing; exit 1 where something would")
	flags.BoolVar(&o.ServerSide, "server-side", false, "apply server-side")
	flags.BoolVar(&o.ForceConflicts, "force-conflicts", false, "with --server-side: take over fields that others manage")
	flags.BoolVar(&o.Prune, "prune", false, "delete objects that relayform made in the namespace and compiles no longer")
	flags.StringVar(&f.choice.WaveBy, "wave-by", "", "apply remotes in waves, one for each value of this label, in order")
	flags.IntVar(&o.MaxFailures, "max-failures", 0, "stop before the next wave once so many clusters have failed (default: never)")
	flags.IntVar(&o.Parallel, "parallel", usualParallel, "how many remotes at a time")
	flags.DurationVar(&o.Timeout, "timeout", usualTimeout, "how long one kubectl may take, for each 500 objects")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	_ = c.RegisterFlagCompletionFunc("dry-run", cobra.FixedCompletions([]string{"server"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *applyFlags) run(c *cobra.Command, clusters []string) error {
	switch f.dryRun {
	case "", "none":
	case "server":
		f.options.DryRun = true
	default:
		return fmt.Errorf("--dry-run %s: want server", f.dryRun)
	}
	if f.options.DryRun && f.options.Diff {
		return errors.New("want one of --dry-run and --diff")
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
	stderr, project := c.ErrOrStderr(), f.files.project([]string{f.file})
	env, err := f.files.environment()
	if err != nil {
		return err
	}
	plan, err := ready(c, project, env)
	if err != nil {
		return err
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
	if f.options.Prune {
		if err := deploy.Know(stages, plan, compiler.ObjectsOf(project, env)); err != nil {
			return err
		}
	}
	if err := f.consent(stderr, plan.Name, stages); err != nil {
		return err
	}
	progress := newProgress(stderr, stages)
	outcomes := deploy.Run(ctx, f.kubectl.run, stages, f.options, progress.tell)
	progress.end()
	return f.report(c.OutOrStdout(), stderr, outcomes)
}

// ready is the plan of a topology whose overlays may be applied as they are.
func ready(c *cobra.Command, project project.Project, env compiler.Env) (*plan.Plan, error) {
	stderr := c.ErrOrStderr()
	result, err := compiler.Compile(project, env, compiler.Options{Locked: true, Check: true})
	switch {
	case err != nil:
		return nil, err
	case !result.Changes.None():
		say(stderr, "relayform: %s is stale: %s; nothing was applied; run %s, and %s to see what differs",
			project.Build, changes(result), project.Command("compile"), project.Command("compile --check"))
		return nil, errShort
	case len(result.Missing) > 0:
		return nil, fmt.Errorf("kubectl needs private files that are %s first: %s", lacking(result.Missing), strings.ReplaceAll(errors.Join(result.Missing...).Error(), "\n", ", "))
	case result.Sealed:
		return nil, fmt.Errorf("the private files are encrypted, and kubectl cannot read them; first run relayform unlock %s%s", shell.Path(project.Topology), project.Flags())
	}
	report, err := compiler.Verify(project, env, env.Now)
	if err != nil {
		return nil, err
	}
	if report.Count(verify.Error) > 0 {
		say(stderr, "relayform: what would be applied does not trust each other; nothing was applied")
		return nil, errors.Join(report.WriteText(stderr), errShort)
	}
	return result.Plan, nil
}

// decrypted gives jobs their objects where SOPS has encrypted what lies in build/: kubectl cannot decrypt them.
func decrypted(project project.Project, env compiler.Env, stages [][]deploy.Job, feed kubectl.Feed) error {
	at := map[string]*deploy.Job{}
	var clusters []string
	for _, jobs := range stages {
		for i := range jobs {
			if !jobs[i].Register {
				clusters = append(clusters, jobs[i].Cluster)
				at[jobs[i].Cluster] = &jobs[i]
			}
		}
	}
	if len(clusters) == 0 { // no name would mean every cluster
		return nil
	}
	return compiler.Render(project, env, clusters, compiler.RenderOptions{}, func(cluster string, yaml []byte) error {
		at[cluster].Fed = feed.With(yaml)
		return nil
	})
}

// askedOf is how many clusters are named before the user is asked.
const askedOf = 10

// consent tells what will happen where, and asks for it, where something will change.
func (f *applyFlags) consent(stderr io.Writer, name string, stages [][]deploy.Job) error {
	if f.yes || f.options.Diff || f.options.DryRun {
		return nil
	}
	ask := newAsker(stderr)
	if ask == nil {
		return errors.New("nobody is there to ask; look with --diff or --dry-run=server, then apply with --yes")
	}
	how := "kubectl apply -k"
	if slices.ContainsFunc(slices.Concat(stages...), func(j deploy.Job) bool { return j.Fed != nil }) {
		how = "kubectl apply, with the Secrets decrypted in memory"
	}
	say(ask.out, "%s: %s", name, how)
	for _, jobs := range stages {
		if f.choice.WaveBy != "" && len(jobs) > 0 && jobs[0].Foreign != nil {
			say(ask.out, "a wave:")
		}
		for i, j := range jobs {
			if i == askedOf {
				say(ask.out, "  and %d more", len(jobs)-i)
				break
			}
			say(ask.out, "  %-30s to context %s", j.Overlay, j.Context)
		}
	}
	if f.options.Prune {
		say(ask.out, "what relayform made there before and compiles no longer is deleted")
	}
	return ask.agree("go on?")
}

// report ends a run: the differences found, each failure, and how to resume.
func (f *applyFlags) report(stdout, stderr io.Writer, outcomes []deploy.Outcome) error {
	count := map[deploy.State]int{}
	for _, o := range outcomes {
		count[o.State]++
		f.differences(stdout, stderr, o)
	}
	did := "applied"
	switch {
	case f.options.DryRun:
		did = "checked, nothing was changed"
	case f.options.Diff:
		did = "as compiled"
	}
	total := fmt.Sprintf("%d %s", count[deploy.Done], did)
	for _, s := range []struct {
		state deploy.State
		word  string
	}{{deploy.Different, "different"}, {deploy.Failed, "failed"}, {deploy.Interrupted, "interrupted"}, {deploy.Waiting, "not begun"}} {
		if count[s.state] > 0 {
			total += fmt.Sprintf(", %d %s", count[s.state], s.word)
		}
	}
	say(stderr, "%s", total)
	for _, o := range outcomes {
		if o.State == deploy.Failed {
			say(stderr, "%s (context %s):", o.Job, o.Context)
			for line := range strings.Lines(o.Err.Error()) {
				say(stderr, "  %s", strings.TrimRight(line, "\r\n"))
			}
		}
	}
	if count[deploy.Failed]+count[deploy.Interrupted]+count[deploy.Waiting] > 0 {
		say(stderr, "to resume:")
		say(stderr, "  %s", f.resume(outcomes))
		return errUndone
	}
	if count[deploy.Different] > 0 {
		return errShort
	}
	return nil
}

// differences shows what would change in a cluster: with --diff that is what was asked for, in a dry
// run it is talk.
func (f *applyFlags) differences(stdout, stderr io.Writer, o deploy.Outcome) {
	if !f.options.Diff {
		for _, object := range o.Doomed {
			say(stderr, "%s: would delete %s", o.Job, object)
		}
		return
	}
	if len(o.Diff)+len(o.Doomed) == 0 {
		return
	}
	say(stdout, "# %s (context %s)", o.Job, o.Context)
	fmt.Fprint(stdout, printableText(string(o.Diff)))
	for _, object := range o.Doomed {
		say(stdout, "would delete %s", object)
	}
}
