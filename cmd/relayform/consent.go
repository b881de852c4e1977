package main

import (
	"errors"
	"io"
	"slices"

	"relayform/compiler/deploy"
)

// askedOf is the maximum number of clusters named before the user is asked.
const askedOf = 10

// consent prints what will happen where, and asks for confirmation if something will change.
func (f *applyFlags) consent(stderr io.Writer, name string, stages [][]deploy.Job) error {
	if f.yes || f.options.Diff || f.options.DryRun {
		return nil
	}
	ask := newAsker(stderr)
	if ask == nil {
		return errors.New("there is no terminal to ask on; check with --diff or --dry-run=server, then apply with --yes")
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
		say(ask.out, "objects that relayform made there and no longer compiles are deleted")
	}
	if f.options.Restart {
		say(ask.out, "workloads that read a Secret only at start are restarted, if the Secret is newer")
	}
	return ask.agree("continue?")
}
