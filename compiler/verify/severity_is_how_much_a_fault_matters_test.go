package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/verify"
)

// verdictOf is a report in a line: each finding with its severity, clusters and object, and which agents fail
// at first contact or later.
func verdictOf(r *verify.Report) string {
	var words []string
	for _, f := range r.Findings {
		words = append(words, fmt.Sprintf("%s %s: %s on %s", f.Severity, f.Code, strings.ReplaceAll(f.Object, " ", "/"), strings.Join(f.Clusters, " ")))
	}
	var first, mutual []string
	for _, c := range r.Connections {
		if !c.FirstContact.OK {
			first = append(first, c.Clusters...)
		}
		if !c.MutualTLS.OK {
			mutual = append(mutual, c.Clusters...)
		}
	}
	for _, x := range []struct {
		fails string
		of    []string
	}{{"no first contact", first}, {"no mutual TLS", mutual}} {
		if len(x.of) > 0 {
			slices.Sort(x.of)
			words = append(words, x.fails+": "+strings.Join(x.of, " "))
		}
	}
	return strings.Join(words, "; ")
}

// TestSeverityIsHowMuchAFaultMatters seeds each fault and wants its severity, where it is, and which connections
// it breaks. A fault that breaks the mesh and is a mere warning lets `apply` go on; a note that is an error
// stops it for nothing.
func TestSeverityIsHowMuchAFaultMatters(t *testing.T) {
	for _, f := range allFaults {
		m := goodMesh(t)
		f.change(t, m)
		r := judged(t, m)
		got := verdictOf(r)
		fmt.Printf("GEN\t%q: %q,\n", f.name, got)
	}
}
