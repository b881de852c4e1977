package main

import (
	"errors"
	"io"
	"time"

	"relayform/compiler/deploy"
	"relayform/compiler/manifest"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// applyOutcome is the result of an apply, and jobState the result in one cluster.
type (
	applyOutcome string
	jobState     string
)

const (
	didApply     applyOutcome = "applied"
	didCheck     applyOutcome = "checked"
	asCompiled   applyOutcome = "as compiled"
	isDifferent  applyOutcome = "different"
	isUndone     applyOutcome = "undone"
	applyRefused applyOutcome = "refused"
)

// jobStates are the names of deploy's states, in the same order.
var jobStates = []jobState{deploy.Waiting: "not begun", deploy.Done: "done", deploy.Different: "different", deploy.Failed: "failed", deploy.Interrupted: "interrupted"}

// applyDocument is the result of an apply.
type applyDocument struct {
	Outcome applyOutcome `json:"outcome" jsonschema:"applied; checked, with --dry-run; as compiled or different, with --diff; undone, if something failed or was not started; or refused, before any cluster was changed."`
	Mesh    string       `json:"mesh,omitempty" jsonschema:"The name of the mesh; absent if the topology could not be read."`
	Begun   time.Time    `json:"begun,omitzero" jsonschema:"When the first cluster was started."`
	Refusal string       `json:"refusal,omitempty" jsonschema:"Why nothing was applied; with --diff or --dry-run, why nothing would be."`
	faults
	Findings []verify.Finding `json:"findings" jsonschema:"Reasons against the apply, and what was found in the clusters before it."`
	Clusters []jobDocument    `json:"clusters" jsonschema:"The result for each cluster, in the order of the run."`
	Counts   jobCounts        `json:"counts" jsonschema:"How many jobs ended in each state."`
	Causes   []causeDocument  `json:"causes" jsonschema:"Why clusters failed, each cause once."`
	Resume   string           `json:"resume,omitempty" jsonschema:"The command that does the rest."`
}

// blame adds why nothing was applied, unless the document already says it.
func (d *applyDocument) blame(l diag.List) {
	if d.faults.blame(l); d.Outcome == applyRefused && d.Refusal == "" {
		d.Refusal = l.Error()
	}
}

// jobDocument is the result of a job in a cluster.
type jobDocument struct {
	Cluster      string   `json:"cluster" jsonschema:"The cluster's name."`
	Context      string   `json:"context" jsonschema:"The kubeconfig context that reaches it."`
	Register     bool     `json:"register,omitempty" jsonschema:"True for the registration of the remotes in the management cluster."`
	State        jobState `json:"state" jsonschema:"done, different, failed, interrupted or not begun."`
	Summary      string   `json:"summary,omitempty" jsonschema:"What kubectl did, in numbers: 2 created, 3 unchanged."`
	Note         string   `json:"note,omitempty" jsonschema:"What to know, although it is not a failure."`
	Restarted    []string `json:"restarted,omitempty" jsonschema:"The workloads that were restarted, or would be with --dry-run."`
	NotInstalled []string `json:"notInstalled,omitempty" jsonschema:"The workloads that are not installed yet, and were skipped."`
	Deleted      []string `json:"deleted,omitempty" jsonschema:"The objects that --prune deleted."`
	ToDelete     []string `json:"toDelete,omitempty" jsonschema:"The objects that --prune would delete, with --diff or --dry-run."`
	Diff         string   `json:"diff,omitempty" jsonschema:"What would change, with --diff."`
	Error        string   `json:"error,omitempty" jsonschema:"Why it failed."`
}

// jobCounts counts jobs by state.
type jobCounts struct {
	Done        int `json:"done" jsonschema:"Jobs that are done."`
	Different   int `json:"different" jsonschema:"Jobs whose cluster differs, with --diff."`
	Failed      int `json:"failed" jsonschema:"Jobs that failed."`
	Interrupted int `json:"interrupted" jsonschema:"Jobs that were interrupted."`
	NotBegun    int `json:"notBegun" jsonschema:"Jobs that were not started."`
}

// causeDocument is why jobs failed.
type causeDocument struct {
	Lines    []string `json:"lines" jsonschema:"What kubectl printed for the first of the clusters."`
	Clusters []string `json:"clusters" jsonschema:"The clusters that failed for this cause; (register) follows one whose registration failed."`
}

func applicationForms() forms[application] {
	return formsOf(application.writeText, application.document)
}

// document returns the result of an apply, for programs.
func (a application) document() answer {
	count := a.count()
	d := &applyDocument{
		Outcome: a.outcome(), Mesh: a.mesh, Begun: a.begun, Findings: a.findings,
		Counts: jobCounts{count[deploy.Done], count[deploy.Different], count[deploy.Failed], count[deploy.Interrupted], count[deploy.Waiting]},
	}
	if a.refused != nil {
		d.Refusal = a.refused.Error()
		return d
	}
	if a.against {
		d.Refusal = clustersAgainst
	}
	for _, o := range a.outcomes {
		job := jobDocument{
			Cluster: o.Cluster, Context: o.Context, Register: o.Register, State: jobStates[o.State], Summary: o.Summary(), Note: o.Note,
			Restarted: o.Restarts, NotInstalled: o.Absent, Deleted: objectNames(o.Deleted), ToDelete: objectNames(o.Doomed), Diff: string(o.Diff),
		}
		if o.Err != nil {
			job.Error = o.Reason()
		}
		d.Clusters = append(d.Clusters, job)
	}
	for _, cause := range deploy.Causes(a.outcomes) {
		c := causeDocument{Lines: cause.Lines}
		for _, o := range cause.Jobs {
			c.Clusters = append(c.Clusters, o.String())
		}
		d.Causes = append(d.Causes, c)
	}
	if a.undone() {
		d.Resume = typed(a.flags.resume(a.outcomes), ownName())
	}
	return d
}

// outcome returns the result of the apply.
func (a application) outcome() applyOutcome {
	switch {
	case a.refused != nil:
		return applyRefused
	case a.undone():
		return isUndone
	case a.count()[deploy.Different] > 0:
		return isDifferent
	case a.flags.options.Diff:
		return asCompiled
	case a.flags.options.DryRun:
		return didCheck
	}
	return didApply
}

// clustersAgainst is the reason for refusing an apply because of the clusters' contents.
const clustersAgainst = "the clusters hold something that forbids it; see findings"

// objectNames returns the names of objects, in kubectl's form.
func objectNames(objects []manifest.Identity) []string {
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = o.String()
	}
	return names
}

// unreadyError means that the overlays must not be applied as they are. The details were already printed.
type unreadyError struct {
	reason   string
	findings []verify.Finding
}

func (e *unreadyError) Error() string { return e.reason }

// Unwrap makes the program exit as for an incomplete input.
func (e *unreadyError) Unwrap() error { return errShort }

// refuse ends an apply that has not started.
func (f *applyFlags) refuse(stdout io.Writer, mesh string, err error) error {
	var unready *unreadyError
	if !f.output.machine() || !errors.As(err, &unready) {
		return err
	}
	done := application{flags: f, mesh: mesh, refused: err, findings: unready.findings}
	return errors.Join(applicationForms().write(stdout, &f.output, done), err)
}
