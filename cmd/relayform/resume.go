package main

import (
	"strconv"
	"strings"

	"relayform/compiler/deploy"
	"relayform/compiler/project"
	"relayform/compiler/shell"
)

// resume returns the command that does what this run left undone.
func (f *applyFlags) resume(outcomes []deploy.Outcome) string {
	words := []string{"relayform apply"}
	register, topology := false, f.files.project().Topology
	for _, o := range outcomes {
		switch {
		case o.State == deploy.Done || o.State == deploy.Different:
		case o.Register:
			register = true
		default:
			words = append(words, shell.Word(o.Cluster))
		}
	}
	if register && len(words) == 1 {
		words = append(words, outcomes[len(outcomes)-1].Cluster) // no names would mean every cluster
	}
	for _, flag := range []struct {
		set  bool
		text string
	}{
		{register, "--register"},
		{topology != project.DefaultTopology, "--file " + shell.Path(topology)},
		{f.files.out != "", "--out " + shell.Path(f.files.out)},
		{f.files.keys != "", "--keys " + shell.Path(f.files.keys)},
		{f.files.identity != "", "--identity " + shell.Path(f.files.identity)},
		{f.kubectl.path != "", "--kubectl " + shell.Path(f.kubectl.path)},
		{f.options.DryRun, "--dry-run=server"},
		{f.options.Diff, "--diff"},
		{f.options.ServerSide, "--server-side"},
		{f.options.ForceConflicts, "--force-conflicts"},
		{f.options.Prune, "--prune"},
		{f.options.Restart, "--restart"},
		{f.options.Wait, "--wait"},
		{f.choice.WaveBy != "", "--wave-by " + shell.Word(f.choice.WaveBy)},
		{f.options.MaxFailures > 0, "--max-failures " + strconv.Itoa(f.options.MaxFailures)},
		{f.options.Parallel != usualParallel, "--parallel " + strconv.Itoa(f.options.Parallel)},
		{f.options.Timeout != usualTimeout, "--timeout " + f.options.Timeout.String()},
		{f.replaceForeign, "--" + replaceForeign},
		{f.cutOffAgents, "--" + cutOffAgents},
		{f.yes, "--yes"},
		{f.output.machine(), "--format " + f.output.name},
	} {
		if flag.set {
			words = append(words, flag.text)
		}
	}
	return strings.Join(words, " ")
}
