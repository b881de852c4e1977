package review

import (
	"io"

	"relayform/compiler/document"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error { return document.WriteJSON(w, r) }

// WriteGitHub writes the findings as annotations of a pull request.
func (r *Report) WriteGitHub(w io.Writer) error { return diag.WriteGitHub(w, r.results()) }

// WriteSARIF writes the findings as SARIF 2.1.0. The version is the program's.
func (r *Report) WriteSARIF(w io.Writer, version string) error {
	return diag.WriteSARIF(w, version, Explanations(), r.results())
}

// results returns the findings that were not allowed, for machine-readable output.
func (r *Report) results() []diag.Result {
	var all []diag.Result
	for _, f := range r.Findings {
		if f.Allowed {
			continue
		}
		result := diag.Result{Fault: f.Fault, Level: string(f.Severity), Pos: diag.Pos{File: r.Topology}}
		if len(f.Clusters) > 0 {
			result.Message = verify.InWords(f.Clusters) + ": " + f.Message
		}
		all = append(all, result)
	}
	return all
}
