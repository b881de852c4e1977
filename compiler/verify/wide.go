package verify

import (
	"cmp"
	"fmt"
	"io"
	"relayform/compiler/pki"
	"relayform/schema/diag"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteWide writes the report as a table: findings, worst first; clusters and checks, faulty ones first; and a summary line.
func (r *Report) WriteWide(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.Text())
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	head := []string{"CLUSTER"}
	checks := r.checks()
	for _, c := range checks {
		head = append(head, string(c))
	}
	head = append(head, "first contact", "mutual TLS")
	if r.collecting() {
		head = append(head, "telemetry")
	}
	fmt.Fprintln(t, strings.Join(append(head, "until"), "\t"))
	for _, row := range r.rows(checks) {
		fmt.Fprintln(t, diag.Printable(InWords(row.clusters))+"\t"+strings.Join(row.cells, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, d := range []*Dialled{r.Dialled, r.DialledGateway} {
		if d == nil {
			continue
		}
		for _, text := range d.lines() {
			b.WriteString(diag.Printable(text) + "\n")
		}
	}
	for _, left := range r.LeftOut {
		fmt.Fprintf(&b, "left out: %s\n", diag.Printable(left))
	}
	b.WriteString(r.Summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// checks returns the columns: the usual ones, and others if they have findings.
func (r *Report) checks() []Check {
	checks := slices.DeleteFunc(slices.Clone(Checks), func(c Check) bool { return c == TLS })
	for _, f := range r.Findings {
		if !slices.Contains(checks, f.Check) && f.Check != TLS {
			checks = append(checks, f.Check)
		}
	}
	return checks
}

type row struct {
	clusters []string
	worst    int // index in Severities
	cells    []string
}

// maxRows is the maximum number of clusters with a row each; beyond, those with equal rows share one.
const maxRows = 12

func (r *Report) rows(checks []Check) []row {
	worst := map[string]map[Check]Severity{}
	for _, f := range r.Findings {
		for _, c := range f.Clusters {
			if worst[c] == nil {
				worst[c] = map[Check]Severity{}
			}
			if have, ok := worst[c][f.Check]; !ok || slices.Index(Severities, f.Severity) < slices.Index(Severities, have) {
				worst[c][f.Check] = f.Severity
			}
		}
	}
	connections := map[string]*Connection{}
	for i := range r.Connections {
		for _, c := range r.Connections[i].Clusters {
			connections[c] = &r.Connections[i]
		}
	}
	var rows []row
	same := map[string]int{}
	for _, cluster := range r.Clusters {
		one := row{clusters: []string{cluster}, worst: len(Severities)}
		for _, check := range checks {
			cell := "ok"
			if r.Public && check == Tokens {
				cell = "-"
			}
			if s, ok := worst[cluster][check]; ok {
				cell = map[Severity]string{Error: "FAIL", Warning: "warn", Note: "note"}[s]
				one.worst = min(one.worst, slices.Index(Severities, s))
			}
			one.cells = append(one.cells, cell)
		}
		one.cells = append(one.cells, connections[cluster].cells(r.collecting())...)
		key := strings.Join(one.cells, "\t")
		if i, ok := same[key]; ok && len(r.Clusters) > maxRows {
			rows[i].clusters = append(rows[i].clusters, cluster)
			continue
		}
		same[key] = len(rows)
		rows = append(rows, one)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.worst - b.worst })
	return rows
}

// cells describes an agent's connections, with its collector's if there is one, and until when the agent's work.
func (c *Connection) cells(collecting bool) []string {
	cells, ends := []string{"no agent", "no agent"}, "-"
	if c != nil {
		cells, ends = []string{c.FirstContact.word(), c.MutualTLS.word()}, c.ends()
	}
	switch {
	case collecting && c == nil:
		cells = append(cells, "no agent")
	case collecting:
		cells = append(cells, c.Telemetry.word())
	}
	return append(cells, ends)
}

func (c *Connection) ends() string {
	if c.MutualTLS.OK && (c.FirstContact.OK || !c.FirstContact.Done) {
		return pki.Day(c.MutualTLS.Until)
	} else if until := cmp.Or(c.FirstContact.Until, c.MutualTLS.Until); !c.FirstContact.Done && !until.IsZero() {
		return pki.Day(until)
	}
	return "-"
}

func (o Outcome) word() string {
	switch {
	case !o.Done:
		return "not tried"
	case o.OK:
		return "ok"
	}
	return "FAILS"
}
