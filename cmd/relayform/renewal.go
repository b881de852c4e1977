package main

import (
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/project"
	"relayform/compiler/shell"
)

// renewNamed is the number of clusters up to which a summary shows commands for each.
const renewNamed = 5

// renewal is what was renewed, or would be.
type renewal struct {
	command *cobra.Command
	project project.Project
	result  *compiler.Result
	dryRun  bool
}

// renewOutcome is how a renewal ended.
type renewOutcome string

const (
	didRenew   renewOutcome = "renewed"
	wouldRenew renewOutcome = "would renew"
	nothingDue renewOutcome = "nothing due"

	renewRefused renewOutcome = "refused"
)

// renewDocument is what a renewal did.
type renewDocument struct {
	Outcome   renewOutcome        `json:"outcome" jsonschema:"renewed; would renew, with --dry-run; nothing due; or refused, for the reasons in diagnostics."`
	Topology  string              `json:"topology" jsonschema:"The topology's file."`
	Mesh      string              `json:"mesh" jsonschema:"The name of the mesh."`
	Build     string              `json:"build" jsonschema:"The build folder."`
	Renewed   []madeDocument      `json:"renewed" jsonschema:"What was renewed, or would be."`
	Encrypted []encryptedDocument `json:"encrypted" jsonschema:"The private values that were encrypted for clusters, or would be."`
	Changes   filesDocument       `json:"changes" jsonschema:"The files of the build folder that changed; none with --dry-run."`
	Clusters  []clusterDocument   `json:"clusters" jsonschema:"The same files, grouped by cluster; only clusters with changes."`
	Waiting   []awaitedDocument   `json:"waiting" jsonschema:"The certificate requests that no certificate has answered yet."`
	Missing   []string            `json:"missing" jsonschema:"The private files that kubectl will need and that are not here or cannot be read, each with the reason."`
	Warnings  []string            `json:"warnings" jsonschema:"Warnings, a sentence each."`
	Notes     []string            `json:"notes" jsonschema:"Notes, a sentence each."`
	Next      []nextStep          `json:"next" jsonschema:"What to do next, in order."`
	faults
}

func renewalForms() forms[renewal] { return formsOf(renewal.writeText, renewal.document) }

// nothing reports whether nothing was due.
func (r renewal) nothing() bool { return len(r.result.Issued)+len(r.result.Newly) == 0 }

// document returns what was renewed, for programs.
func (r renewal) document() answer {
	var facts compileFacts
	facts.describe(r.result)
	facts.warn(r.project, r.result)
	d := &renewDocument{
		Outcome: didRenew, Topology: r.project.Topology, Mesh: facts.Mesh, Build: r.project.Build,
		Renewed: madeOf(r.result, r.result.Issued), Encrypted: encryptedOf(r.result.Newly), Changes: facts.Changes, Clusters: facts.Clusters,
		Waiting: facts.Waiting, Missing: texts(r.result.Missing), Warnings: facts.Warnings, Notes: facts.Notes,
	}
	switch {
	case r.nothing():
		d.Outcome = nothingDue
		return d
	case r.dryRun:
		d.Outcome, d.Renewed = wouldRenew, madeOf(nil, r.result.Issued)
	}
	d.Next = r.next()
	return d
}

// writeText says on stderr what was renewed, which clusters to apply it to, and what to restart.
func (r renewal) writeText(io.Writer) error {
	w := r.command.ErrOrStderr()
	defer sayWaiting(w, r.project, r.result.Waiting)
	if r.nothing() {
		say(w, "nothing is due")
		return nil
	}
	verb := "renewed"
	if r.dryRun {
		verb = "would renew"
	}
	for _, due := range r.result.Issued {
		until := ""
		if !r.dryRun {
			until = validUntil(r.result, due)
		}
		say(w, "%s", told(verb, due, until))
	}
	encrypted(w, map[bool]string{true: "would encrypt", false: "encrypted"}[r.dryRun], r.result)
	if !r.dryRun {
		say(w, "%s: %s in %s", r.result.Plan.Name, changes(r.result), r.project.Build)
		warn(w, r.project, r.result)
	}
	sayNext(w, r.next())
	return nil
}

// next returns what to do after a renewal.
func (r renewal) next() nextSteps {
	var all nextSteps
	all.commit(r.command, r.project, r.result, r.project.Committed(r.result.Plan)[1:])
	if !r.dryRun {
		all.send(r.project, r.result)
	}
	engine := all.deliver(r.result.Plan)
	for _, s := range r.result.Steps() {
		switch {
		case engine: // the engine applies what is committed
		case len(s.Apply) > renewNamed:
			all.do("kubectl apply -k, for each of %d clusters: %s", len(s.Apply), filepath.Join(r.project.Build, "RUNBOOK.md"))
		default:
			for _, cluster := range s.Apply {
				all.run("%s", kubectlApply(r.project, r.result.Plan, cluster))
			}
		}
		for _, restart := range s.Restarts {
			if len(restart.Clusters) > renewNamed {
				all.do("restart %s in each of %d clusters; relayform apply --restart does", restart.Resource(), len(restart.Clusters))
				continue
			}
			for _, cluster := range restart.Clusters {
				all.run("kubectl --context %s --namespace %s rollout restart %s", shell.Word(r.result.Plan.Context(cluster)), r.result.Plan.Namespace, restart.Resource())
			}
		}
		all.do("%s: %s", s.Role, s.Note)
	}
	return all
}
