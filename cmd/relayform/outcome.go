package main

import (
	"fmt"
	"io"
	"time"

	"relayform/compiler/deploy"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// report ends a run: the differences found, why something failed, a line to paste into a ticket, and how to resume.
func (f *applyFlags) report(stdout, stderr io.Writer, mesh string, begun time.Time, outcomes []deploy.Outcome) error {
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
	f.restarts(stderr, outcomes)
	for _, cause := range deploy.Causes(outcomes) {
		say(stderr, "%s %s:", screen(stderr).Mark(diag.Wrong), whoseJobs(cause.Jobs))
		for _, line := range cause.Lines {
			say(stderr, "  %s", line)
		}
	}
	say(stderr, "%s on %s: %s, in %s", mesh, begun.UTC().Format("2006-01-02 15:04 UTC"), total, time.Since(begun).Round(time.Second))
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

// whoseJobs names the clusters of jobs; one with how to reach it.
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

// restarts says which Deployments were restarted, and which are not there, each with its clusters.
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
		{"not installed yet, and left alone:", func(o deploy.Outcome) []string { return o.Absent }},
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
