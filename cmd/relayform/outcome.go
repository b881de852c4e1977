package main

import (
	"fmt"
	"io"
	"time"

	"relayform/compiler/deploy"
	"relayform/compiler/verify"
	"relayform/schema/diag"

	"github.com/spf13/cobra"
)

// application is the result of an apply.
type application struct {
	command  *cobra.Command
	flags    *applyFlags
	mesh     string
	begun    time.Time
	findings []verify.Finding // what the clusters held before
	against  bool             // whether an apply would be refused because of them
	outcomes []deploy.Outcome
	refused  error // why nothing was started
}

// count returns how many jobs ended in each state.
func (a application) count() map[deploy.State]int {
	count := map[deploy.State]int{}
	for _, o := range a.outcomes {
		count[o.State]++
	}
	return count
}

// undone reports whether something that was asked for was not done.
func (a application) undone() bool {
	count := a.count()
	return count[deploy.Failed]+count[deploy.Interrupted]+count[deploy.Waiting] > 0
}

// err returns how the command ends.
func (a application) err() error {
	switch {
	case a.undone():
		return errUndone
	case a.count()[deploy.Different] > 0:
		return errShort
	}
	return nil
}

// writeText ends a run: the differences found, why something failed, a line to paste into a ticket, and how to resume.
func (a application) writeText(stdout io.Writer) error {
	f, stderr, count := a.flags, a.command.ErrOrStderr(), a.count()
	for _, o := range a.outcomes {
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
	f.restarts(stderr, a.outcomes)
	for _, cause := range deploy.Causes(a.outcomes) {
		fmt.Fprintln(stderr, marked(screen(stderr), diag.Wrong, "%s:", whoseJobs(cause.Jobs)))
		for _, line := range cause.Lines {
			fmt.Fprintln(stderr, screen(stderr).Wrap(sayable("  %s", line), 4))
		}
	}
	say(stderr, "%s on %s: %s, in %s", a.mesh, a.begun.UTC().Format("2006-01-02 15:04 UTC"), total, time.Since(a.begun).Round(time.Second))
	if a.undone() {
		say(stderr, "to resume:")
		say(stderr, "  %s", f.resume(a.outcomes))
	}
	return nil
}

// whoseJobs names the clusters of jobs; a single one with its context.
func whoseJobs(jobs []deploy.Outcome) string {
	if len(jobs) == 1 {
		return fmt.Sprintf("%s (context %s)", jobs[0].Job, jobs[0].Context)
	}
	names := make([]string, len(jobs))
	for i, o := range jobs {
		names[i] = o.String()
	}
	return fmt.Sprintf("%d clusters (%s)", len(jobs), verify.InWords(names))
}

// differences shows what would change in a cluster. With --diff that is the output the user asked for, on stdout; in a dry run it is a
// message, on stderr.
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

// restarts says which Deployments were restarted, and which do not exist, each with its clusters.
func (f *applyFlags) restarts(stderr io.Writer, outcomes []deploy.Outcome) {
	did := "restarted"
	if f.options.DryRun {
		did = "would restart"
	}
	for _, told := range []struct {
		words string
		of    func(deploy.Outcome) []string
	}{
		{did, func(o deploy.Outcome) []string { return o.Restarts }},
		{"not installed yet, skipped:", func(o deploy.Outcome) []string { return o.Absent }},
	} {
		var deployments []string
		clusters := map[string][]string{}
		for _, o := range outcomes {
			for _, d := range told.of(o) {
				if clusters[d] == nil {
					deployments = append(deployments, d)
				}
				clusters[d] = append(clusters[d], o.Cluster)
			}
		}
		for _, d := range deployments {
			say(stderr, "%s %s of %s", told.words, d, verify.InWords(clusters[d]))
		}
	}
}
