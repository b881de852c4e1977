package page

import (
	"maps"
	"slices"
	"strings"

	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// written is how many rows of the table of clusters are in the file as HTML, for readers without JavaScript. The script renders rows from
// the data, a page at a time, so that ten thousand clusters are as light as thirty.
const written = 25

// table is the table of clusters.
type table struct {
	Rows  []row // the first rows
	Data  data
	Total int
}

// data is what the script reads.
type data struct {
	Heads []string `json:"heads"`
	Rows  []row    `json:"rows"`
}

// row is a cluster's cells, in the order of the headings, followed by its kube context if that differs from its name.
type row []string

func newTable(p Page) table {
	t := table{Data: data{Heads: []string{"Cluster", "Dials", "Labels", "First contact", "Mutual TLS", "Until", "Findings"}}}
	judged, found := outcomes(p.Judged), worst(p.Judged)
	var held map[string]string
	asked := map[string]bool{}
	if p.Held != nil {
		t.Data.Heads = append(t.Data.Heads, "Held now")
		held = worst(p.Held)
		for _, c := range p.Held.Clusters {
			asked[c] = true
		}
	}
	for c := range p.Plan.Each {
		r := row{diag.Printable(c.Name), diag.Printable(dials(c)), diag.Printable(labels(c.Labels))}
		words, ok := judged[c.Name]
		if !ok && !c.Agent {
			words = [3]string{"no agent", "no agent", ""}
		} else if !ok {
			words = [3]string{"not tried", "not tried", ""}
		}
		r = append(append(r, words[:]...), orNone(found[c.Name]))
		if p.Held != nil {
			now := "not asked"
			if asked[c.Name] {
				now = orNone(held[c.Name])
			}
			r = append(r, now)
		}
		note := ""
		if c.Name == p.Plan.Management.Name {
			note = "management cluster"
		}
		if c.Context != c.Name {
			note = strings.TrimPrefix(note+", context "+diag.Printable(c.Context), ", ")
		}
		t.Data.Rows = append(t.Data.Rows, append(r, note))
	}
	t.Total = len(t.Data.Rows)
	t.Rows = t.Data.Rows[:min(t.Total, written)]
	return t
}

// Cells returns a row's cells without the name.
func (r row) Cells() []string { return r[1 : len(r)-1] }

// Name returns the cluster's name.
func (r row) Name() string { return r[0] }

// Note returns the text below the name.
func (r row) Note() string { return r[len(r)-1] }

// Mood returns the style of a cell's word.
func (r row) Mood(cell string) string { return moods[cell] }

var moods = map[string]string{
	"ok": "good", "none": "good", "fails": "error", string(verify.Error): "error", string(verify.Warning): "warning", "not asked": "warning", string(verify.Note): "note",
}

func orNone(severity string) string {
	if severity == "" {
		return "none"
	}
	return severity
}

func dials(c plan.Cluster) string {
	switch {
	case c.RelayAddress != "":
		return c.RelayAddress
	case c.Agent:
		return "not known yet"
	}
	return "no agent"
}

func labels(of map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		all = append(all, key+"="+of[key])
	}
	return strings.Join(all, ", ")
}
