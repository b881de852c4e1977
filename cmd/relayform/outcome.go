package main

import (
	"fmt"
	"io"
	"strings"

	"relayform/compiler/deploy"
	"relayform/compiler/verify"
)

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
	f.restarts(stderr, outcomes)
	for _, o := range outcomes {
		if o.State == deploy.Failed {
			say(stderr, "%s (context %s):", o.Job, o.Context)
			before := ""
			for line := range strings.Lines(o.Err.Error()) {
				line = strings.TrimRight(line, "\r\n")
				if before != "" && strings.HasSuffix(before, line) {
					continue // kubectl says it once for each try
				}
				before = line
				say(stderr, "  %s", line)
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
