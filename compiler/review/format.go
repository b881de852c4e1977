package review

import (
	"fmt"
	"io"
	"strings"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Formats are the forms in which a report is written, the one for people first.
var Formats = []string{"text", "markdown", "json", "github", "sarif"}

// Write writes the report in one of the Formats. The version is that of the program.
func (r *Report) Write(w io.Writer, format, version string) error {
	switch format {
	case "text":
		return r.WriteText(w)
	case "markdown":
		return r.WriteMarkdown(w)
	case "json":
		return diag.WriteJSON(w, "  ", r)
	case "github":
		return diag.WriteGitHub(w, r.results())
	case "sarif":
		return diag.WriteSARIF(w, version, Explanations(), r.results())
	}
	return fmt.Errorf("format %s: want one of %s", format, strings.Join(Formats, ", "))
}

// results are the findings that were not allowed, as machines are told of them.
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
