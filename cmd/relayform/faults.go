package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler/emit"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/review"
	"relayform/schema/diag"
)

// answer is the document that a command writes for other programs. It says why there is nothing else in it, or not everything.
type answer interface{ blame(diag.List) }

// faults are part of every document.
type faults struct {
	Diagnostics []diag.Diagnostic `json:"diagnostics" jsonschema:"Why the command refused its input, or did not finish; empty if it finished. If not, the rest of the document is empty, or says what was done so far."`
}

func (f *faults) blame(l diag.List) { f.Diagnostics = l }

// asGitHub and asSARIF tell faults in forms that have a way to.
func asGitHub(l diag.List, w io.Writer) error { return l.WriteGitHub(w) }
func asSARIF(l diag.List, w io.Writer) error  { return l.WriteSARIF(w, versionOf()) }

// faultsOf are the faults of an input that an error has.
func faultsOf(err error) diag.List {
	var faults diag.List
	errors.As(err, &faults)
	return faults
}

// besides returns the part of an error that is not faults of an input.
func besides(err error) error {
	all, several := err.(interface{ Unwrap() []error })
	switch {
	case several:
		var others error
		for _, one := range all.Unwrap() {
			others = errors.Join(others, besides(one))
		}
		return others
	case faultsOf(err) != nil:
		return nil
	}
	return err
}

// fallsShort reports whether an error says what an input lacks, and not that it could not be judged.
func fallsShort(c *cobra.Command, err error) bool {
	if faultsOf(err) != nil {
		others := besides(err)
		return others == nil || fallsShort(c, others)
	}
	lines, _ := lacks(c, err)
	return errors.Is(err, errShort) || len(lines) > 0
}

// faultsIn are the faults that an error is for programs: those of the input, a line of what a compile would have to do first,
// or one for whatever else kept a command from what it was asked for. Of what the command has said itself there are none.
func faultsIn(c *cobra.Command, err error) diag.List {
	if err == nil {
		return nil
	}
	if faults := faultsOf(err); faults != nil {
		return slices.Concat(faults, faultsIn(c, besides(err)))
	}
	at := diag.Pos{}
	if c.Flags().Lookup("file") != nil {
		at.File = filepath.ToSlash(projectOf(c).Topology)
	}
	var all diag.List
	lines, hint := lacks(c, err)
	for _, line := range lines {
		all = append(all, diag.Diagnostic{Pos: at, Fault: *review.NotCompiled.Fault(line, typed(hint, ownName()))})
	}
	if len(all) > 0 || errors.Is(err, errShort) || errors.Is(err, errUndone) {
		return all
	}
	for _, one := range joined(err) {
		where := at
		if of := new(fileError); errors.As(one, &of) {
			where.File = filepath.ToSlash(of.file)
		}
		all = append(all, diag.Diagnostic{Pos: where, Fault: *diag.NotDone.Fault(typed(one.Error(), ownName()), "")})
	}
	return all
}

// lacks are the lines of an error that says what has to be compiled first, and what to do; none of any other error.
func lacks(c *cobra.Command, err error) (lines []string, hint string) {
	var due issue.DueError
	var sealing *issue.SealingError
	var waiting issue.WaitingError
	var unready *unreadyError
	project := projectOf(c)
	compile := command(c, project, "compile")
	switch {
	case errors.As(err, &due):
		return strings.Split(due.Error(), "\n"), fmt.Sprintf("run %s where the private keys are, and commit the lockfile and build/", compile)
	case errors.As(err, &waiting):
		return strings.Split(waiting.Error(), "\n"), fmt.Sprintf("%s has the commands for OpenSSL, Vault and AWS Private CA", filepath.Join(project.Build, plan.RequestsFolder, emit.RunbookFile))
	case errors.As(err, &sealing):
		return strings.Split(sealing.Error(), "\n"), fmt.Sprintf("%s there encrypts it, and records that in %s; commit that file and build/", compile, project.Sealed)
	case errors.As(err, &unready) && unready.findings == nil:
		return []string{unready.reason}, fmt.Sprintf("run %s", compile)
	}
	return nil, ""
}
