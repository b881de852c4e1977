package page

import (
	"fmt"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// maxFindings is the maximum number of findings on the page, worst first; maxNamed is the maximum number of clusters named in one.
const maxFindings, maxNamed = 200, 100

// verdict is a verify report for the template.
type verdict struct {
	Title, ID, Summary, Mood string
	Findings                 []finding
	More                     int
	LeftOut                  []string
}

type finding struct {
	Severity, Code, Object, Message, Hint, Clusters string
	Names                                           string // of many clusters, comma-separated
}

func newVerdict(title, id string, r *verify.Report) verdict {
	v := verdict{Title: title, ID: id, Summary: r.Summary(), Mood: "good"}
	if r.Count(verify.Warning) > 0 {
		v.Mood = "warning"
	}
	if r.Count(verify.Error) > 0 {
		v.Mood = "error"
	}
	v.More = max(0, len(r.Findings)-maxFindings)
	for _, f := range r.Findings[:len(r.Findings)-v.More] {
		one := finding{
			Severity: string(f.Severity), Code: diag.Printable(string(f.Code)), Object: diag.Printable(f.Object), Message: diag.Printable(f.Message),
			Hint: diag.Printable(f.Hint), Clusters: diag.Printable(verify.InWords(f.Clusters)),
		}
		if n := len(f.Clusters); n > 3 {
			one.Names = diag.Printable(strings.Join(f.Clusters[:min(n, maxNamed)], ", "))
			if n > maxNamed {
				one.Names += fmt.Sprintf(" and %d more", n-maxNamed)
			}
		}
		v.Findings = append(v.Findings, one)
	}
	for _, left := range r.LeftOut {
		v.LeftOut = append(v.LeftOut, diag.Printable(left))
	}
	return v
}

// outcomes describes the results of the handshakes of each cluster's agent.
func outcomes(r *verify.Report) map[string][3]string {
	all := map[string][3]string{}
	for _, c := range r.Connections {
		words := [3]string{word(c.FirstContact), word(c.MutualTLS), ""}
		until := c.MutualTLS.Until
		if c.FirstContact.Done && c.FirstContact.OK && c.FirstContact.Until.Before(until) {
			until = c.FirstContact.Until
		}
		if c.MutualTLS.Done && c.MutualTLS.OK && !until.IsZero() {
			words[2] = pki.Day(until)
		}
		for _, cluster := range c.Clusters {
			all[cluster] = words
		}
	}
	return all
}

func word(o verify.Outcome) string {
	switch {
	case !o.Done:
		return "not tried"
	case o.OK:
		return "ok"
	}
	return "fails"
}

// worst returns the severity of each cluster's worst finding.
func worst(r *verify.Report) map[string]string {
	all := map[string]string{}
	for _, f := range r.Findings { // worst first
		for _, c := range f.Clusters {
			if _, ok := all[c]; !ok {
				all[c] = string(f.Severity)
			}
		}
	}
	return all
}
