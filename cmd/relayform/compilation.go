package main

import (
	"errors"
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
	return formsOf(compilation.writeText, compilation.document, form[compilation]{"github", compilation.writeGitHub}, form[compilation]{"sarif", compilation.writeSARIF})
}

// isRefusal reports whether an error says that the input is incomplete, rather than that it could not be checked.
func isRefusal(err error) bool {
	var faults diag.List
	var due issue.DueError
	var sealing *issue.SealingError
	var waiting issue.WaitingError
	return errors.As(err, &faults) || errors.As(err, &due) || errors.As(err, &waiting) || errors.As(err, &sealing)
}

// stale reports whether a check found that something would change.
func (r compilation) stale() bool { return r.check && r.result != nil && !r.result.Changes.None() }

// absent reports whether a request is pending for a certificate that the topology does not name.
func (r compilation) absent() bool {
	return r.result != nil && slices.ContainsFunc(r.result.Waiting, func(q issue.Waiting) bool { return q.Absent })
}

// err returns the command's error after the compilation is written.
func (r compilation) err(f chosen) error {
	switch {
	case r.refused != nil && (f.machine() || faultsOf(r.refused) != nil && f.name != "text"):
		return errShort
	case r.refused != nil:
		return r.refused
	case r.stale(), r.absent():
		return errShort
	}
	return nil
}

// faultsOf returns the faults of an input in an error.
func faultsOf(err error) diag.List {
	var faults diag.List
	errors.As(err, &faults)
	return faults
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
	switch {
	case r.refused != nil:
		return
	case r.check:
		r.warn()
	default:
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

// writeGitHub annotates the lines of faults, or the topology where something is due.
func (r compilation) writeGitHub(w io.Writer) error {
	r.tell()
	if faults := faultsOf(r.refused); faults != nil {
		return faults.WriteGitHub(w)
	}
	return diag.WriteGitHub(w, r.results())
}

func (r compilation) writeSARIF(w io.Writer) error {
	r.tell()
	if faults := faultsOf(r.refused); faults != nil {
		return faults.WriteSARIF(w, versionOf())
	}
	results := r.results()
	if len(results) == 0 {
		return diag.List{}.WriteSARIF(w, versionOf())
	}
	return diag.WriteSARIF(w, versionOf(), review.Explanations(), results)
}

// results returns what a compile would issue, with the code that a review uses.
func (r compilation) results() []diag.Result {
	var fault *diag.Fault
	switch {
	case r.refused != nil:
		fault = review.NotCompiled.Fault(r.refused.Error(), r.remedy())
	case r.stale():
		fault = review.NotCompiled.Fault(r.staleness(), r.remedy())
	default:
		return nil
	}
	return []diag.Result{{Fault: *fault, Level: "error", Pos: diag.Pos{File: r.project.Topology}}}
}
