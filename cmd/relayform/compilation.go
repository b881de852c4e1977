package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/project"
	"relayform/compiler/review"
	"relayform/schema/diag"
)

// compilation is the result of a compile, or why it was refused.
type compilation struct {
	command *cobra.Command
	project project.Project
	check   bool
	result  *compiler.Result
	refused error
}

// compilationForms returns the formats of compile. Text is for people: refusals are left to report, which writes to stderr.
func compilationForms() forms[compilation] {
	return formsOf(compilation.writeText, compilation.document,
		form[compilation]{name: "github", write: compilation.writeGitHub, faults: asGitHub},
		form[compilation]{name: "sarif", write: compilation.writeSARIF, faults: asSARIF})
}

// stale reports whether a check found that something would change.
func (r compilation) stale() bool { return r.check && r.result != nil && !r.result.Changes.None() }

// absent reports whether a request is pending for a certificate that the topology does not name.
func (r compilation) absent() bool {
	return r.result != nil && slices.ContainsFunc(r.result.Waiting, func(q issue.Waiting) bool { return q.Absent })
}

// err returns how the command ends once the compilation is written.
func (r compilation) err() error {
	switch {
	case r.refused != nil:
		return r.refused
	case r.stale(), r.absent():
		return errShort
	}
	return nil
}

func (r compilation) writeText(stdout io.Writer) error {
	if r.tell(); !r.stale() {
		return nil
	}
	_, err := io.WriteString(stdout, printableText(string(r.result.Diff)))
	return err
}

// tell prints the findings on stderr.
func (r compilation) tell() {
	w := r.command.ErrOrStderr()
	if r.check {
		r.warn()
	} else {
		summarize(r.command, r.project, r.result)
	}
	if r.stale() {
		say(w, "relayform: %s; %s", r.staleness(), r.remedy())
		return
	}
	sayWaiting(w, r.project, r.result.Waiting)
}

// warn prints a check's warnings on stderr.
func (r compilation) warn() {
	w := r.command.ErrOrStderr()
	warnOf(w, r.result.Plan.Warnings)
	noteOf(w, r.result.Plan.Notes)
	warnOf(w, r.result.Exposed)
}

func (r compilation) staleness() string {
	return fmt.Sprintf("%s is stale: %s", r.project.Build, changes(r.result))
}

func (r compilation) remedy() string {
	return fmt.Sprintf("run %s and commit the result", command(r.command, r.project, "compile"))
}

// writeGitHub writes annotations for the topology if something is due.
func (r compilation) writeGitHub(w io.Writer) error {
	r.tell()
	return diag.WriteGitHub(w, r.results())
}

func (r compilation) writeSARIF(w io.Writer) error {
	r.tell()
	results := r.results()
	if len(results) == 0 {
		return diag.List{}.WriteSARIF(w, versionOf())
	}
	return diag.WriteSARIF(w, versionOf(), review.Explanations(), results)
}

// results returns what a compile would issue, with the code that a review uses.
func (r compilation) results() []diag.Result {
	if !r.stale() {
		return nil
	}
	fault := review.NotCompiled.Fault(r.staleness(), r.remedy())
	return []diag.Result{{Fault: *fault, Level: "error", Pos: diag.Pos{File: r.project.Topology}}}
}
