package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"relayform/compiler"
	"relayform/compiler/deploy"
	"relayform/compiler/project"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// look queries the clusters before any of them is changed, and reports the findings, and whether the apply is refused. A dry run
// continues anyway.
func (f *applyFlags) look(ctx context.Context, stderr io.Writer, project project.Project, env compiler.Env, stages [][]deploy.Job) (report verify.Report, refused bool, err error) {
	clusters, at := overlaysOf(stages)
	if len(clusters) == 0 {
		return report, false, nil
	}
	if isTerminal(stderr) {
		say(stderr, "reading what the clusters hold")
	}
	env.Kubectl = f.patient
	looked, err := compiler.Look(ctx, project, env, clusters, f.options.Parallel)
	if err != nil {
		return report, false, err
	}
	for cluster, err := range looked.Unasked {
		at[cluster].Unasked = err
	}
	for _, finding := range looked.Findings {
		if f.allowed(finding.Code) && finding.Severity == verify.Error {
			finding.Severity = verify.Warning
		}
		report.Add(finding)
	}
	for _, finding := range report.Findings {
		for line := range strings.Lines(finding.Text()) {
			say(stderr, "%s", strings.TrimSuffix(line, "\n"))
		}
	}
	if report.Count(verify.Error) == 0 {
		return report, false, nil
	}
	var ways []string
	for _, finding := range report.Findings {
		if way := consents[finding.Code]; finding.Severity == verify.Error && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	did := "nothing was applied"
	if f.options.Diff || f.options.DryRun {
		did = "apply would refuse this"
	}
	say(stderr, "relayform: %s; %s to continue anyway", did, strings.Join(ways, " and "))
	return report, true, nil
}

// The flags that accept a finding.
const (
	replaceForeign = "replace-foreign-trust"
	cutOffAgents   = "cut-off-agents"
)

// consents maps codes to the flags that accept their findings.
var consents = map[diag.Code]string{
	verify.ForeignTrust: "--" + replaceForeign, verify.Unreadable: "--" + replaceForeign,
	verify.AgentCutOff: "--" + cutOffAgents, verify.PhaseNotHeld: "--" + cutOffAgents,
}

func (f *applyFlags) allowed(code diag.Code) bool {
	return consents[code] == "--"+replaceForeign && f.replaceForeign || consents[code] == "--"+cutOffAgents && f.cutOffAgents
}

// patient runs kubectl with its timeout.
func (f *applyFlags) patient(ctx context.Context, args ...string) ([]byte, error) {
	if f.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, f.options.Timeout, fmt.Errorf("no answer within %s", f.options.Timeout))
		defer cancel()
	}
	return f.kubectl.run(ctx, args...)
}
