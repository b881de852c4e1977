package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// Results of compiles.
type (
	compileOutcome string
	checkOutcome   string
)

const (
	didCompile compileOutcome = "compiled"
	unchanged  compileOutcome = "unchanged"
	waitsFor   compileOutcome = "waiting"
	didRefuse  compileOutcome = "refused"

	isCurrent checkOutcome = "current"
	isStale   checkOutcome = "stale"
	isWaiting checkOutcome = "waiting"
	isRefused checkOutcome = "refused"
)

// compileDocument is the result of a compile.
type compileDocument struct {
	Outcome compileOutcome `json:"outcome" jsonschema:"compiled; unchanged, if nothing had to be written; waiting, if a request waits for a certificate that the topology does not name; or refused, for the reasons in diagnostics, lacking or waiting."`
	compileFacts
	Issued    []madeDocument      `json:"issued" jsonschema:"What was issued, imported or requested."`
	Encrypted []encryptedDocument `json:"encrypted" jsonschema:"The private values that were encrypted for clusters."`
	Missing   []string            `json:"missing" jsonschema:"The private files that kubectl will need and that are not here or cannot be read, each with the reason."`
	Next      []nextStep          `json:"next" jsonschema:"What to do next, in order."`
}

// checkDocument is the result of compile --check.
type checkDocument struct {
	Outcome checkOutcome `json:"outcome" jsonschema:"current; stale, if a compile would change the build folder; waiting, if a request waits for a certificate that the topology does not name; or refused, for the reasons in diagnostics, lacking or waiting."`
	compileFacts
	Diff string `json:"diff" jsonschema:"What would change, as a unified diff; empty if nothing would."`
}

// compileFacts are the common fields of every compile.
type compileFacts struct {
	Topology    string            `json:"topology" jsonschema:"The topology's file."`
	Mesh        string            `json:"mesh,omitempty" jsonschema:"The name of the mesh; absent if the compile was refused."`
	Build       string            `json:"build" jsonschema:"The build folder."`
	Changes     filesDocument     `json:"changes" jsonschema:"The files of the build folder that changed, or would."`
	Clusters    []clusterDocument `json:"clusters" jsonschema:"The same files, grouped by cluster; only clusters with changes."`
	Lacking     []madeDocument    `json:"lacking" jsonschema:"What would have to be issued, but must not be."`
	Unencrypted []string          `json:"unencrypted" jsonschema:"What would have to be encrypted for clusters, but must not be, a sentence each."`
	Waiting     []awaitedDocument `json:"waiting" jsonschema:"The certificate requests that no certificate has answered yet."`
	faults
	Warnings []string `json:"warnings" jsonschema:"Warnings, a sentence each."`
	Notes    []string `json:"notes" jsonschema:"Notes, a sentence each."`
}

// filesDocument are files that differ.
type filesDocument struct {
	Added   []string `json:"added" jsonschema:"Files that are new, relative to the build folder."`
	Changed []string `json:"changed" jsonschema:"Files whose content changed, relative to the build folder."`
	Removed []string `json:"removed" jsonschema:"Files that were removed, relative to the build folder."`
}

// clusterDocument is how one cluster's folder differs.
type clusterDocument struct {
	Cluster string `json:"cluster" jsonschema:"The cluster's name."`
	filesDocument
}

// document returns the result of a compile, for programs.
func (r compilation) document() answer {
	all := compileFacts{Topology: r.project.Topology, Build: r.project.Build}
	if r.refused != nil {
		all.refuse(r.refused)
		if r.check {
			return &checkDocument{Outcome: isRefused, compileFacts: all}
		}
		return &compileDocument{Outcome: didRefuse, compileFacts: all}
	}
	all.describe(r.result)
	if r.check {
		all.Warnings = append(all.Warnings, r.result.Exposed...)
		outcome := isCurrent
		switch {
		case r.stale():
			outcome = isStale
		case r.absent():
			outcome = isWaiting
		}
		return &checkDocument{outcome, all, string(r.result.Diff)}
	}
	all.warn(r.project, r.result)
	outcome := didCompile
	switch {
	case r.absent():
		outcome = waitsFor
	case r.result.Changes.None() && len(r.result.Issued)+len(r.result.Newly) == 0:
		outcome = unchanged
	}
	var next nextSteps
	if !r.result.Changes.None() {
		next = nextOf(r.command, r.project, r.result)
		all.Notes = append(all.Notes, unaddressed(r.project, r.result)...)
	}
	return &compileDocument{outcome, all, madeOf(r.result, r.result.Issued), encryptedOf(r.result.Newly), texts(r.result.Missing), next}
}

// refuse adds why there is no result.
func (d *compileFacts) refuse(err error) {
	var due issue.DueError
	var sealing *issue.SealingError
	var waiting issue.WaitingError
	switch {
	case errors.As(err, &due):
		d.Lacking = madeOf(nil, due)
	case errors.As(err, &waiting):
		d.Waiting = awaited(waiting)
	case errors.As(err, &sealing):
		d.Unencrypted = slices.Collect(strings.Lines(sealing.Error()))
		for i, line := range d.Unencrypted {
			d.Unencrypted[i] = strings.TrimSuffix(line, "\n")
		}
	}
}

// describe adds a result's common fields.
func (d *compileFacts) describe(r *compiler.Result) {
	d.Mesh = r.Plan.Name
	d.Changes = filesDocument(r.Changes)
	d.Clusters = byCluster(r.Plan, r.Clusters, r.Changes)
	d.Waiting = awaited(r.Waiting)
	d.Warnings = slices.Clone(r.Plan.Warnings)
	d.Notes = slices.Clone(r.Plan.Notes)
}

// warn adds warnings about private files.
func (d *compileFacts) warn(project project.Project, r *compiler.Result) {
	d.Warnings = append(slices.Clone(r.Loose), d.Warnings...)
	if text := foreign(project.Keys, r.Foreign); text != "" {
		d.Warnings = append(d.Warnings, text)
	}
}

// byCluster groups files by the cluster whose folder they are in. Folders of removed clusters count as well.
func byCluster(p *plan.Plan, changes *plan.Changes, files overlay.Changes) []clusterDocument {
	names := slices.Clone(p.Clusters())
	if changes != nil {
		for _, c := range changes.Removed {
			names = append(names, c.Name)
		}
		for _, pair := range changes.Renamed {
			names = append(names, pair.Was.Name)
		}
	}
	at := make(map[string]int, len(names))
	for i, name := range names {
		at[name] = i
	}
	all := make([]clusterDocument, len(names))
	add := func(files []string, into func(*clusterDocument) *[]string) {
		for _, file := range files {
			folder, _, _ := strings.Cut(filepath.ToSlash(file), "/")
			if i, ok := at[folder]; ok {
				all[i].Cluster = folder
				*into(&all[i]) = append(*into(&all[i]), file)
			}
		}
	}
	add(files.Added, func(d *clusterDocument) *[]string { return &d.Added })
	add(files.Changed, func(d *clusterDocument) *[]string { return &d.Changed })
	add(files.Removed, func(d *clusterDocument) *[]string { return &d.Removed })
	return slices.DeleteFunc(all, func(d clusterDocument) bool { return d.Cluster == "" })
}

// texts returns the messages of errors.
func texts(all []error) []string {
	said := make([]string, len(all))
	for i, err := range all {
		said[i] = err.Error()
	}
	return said
}
