package verify

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// WriteWide writes the report in full: findings, worst first; clusters and checks, faulty ones first; and a summary line. The clusters are a
// table, or where that is wider than the screen, a block each.
func (r *Report) WriteWide(w io.Writer, s diag.Screen) error {
	var b strings.Builder
	for _, f := range r.Findings {
		for text := range strings.Lines(f.Text()) {
			b.WriteString(s.Wrap(strings.TrimSuffix(text, "\n"), 4) + "\n")
		}
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	checks := r.checks()
	var head []string
	for _, c := range checks {
		head = append(head, string(c))
	}
	head = append(head, "first contact", "mutual TLS")
	if r.collecting() {
		head = append(head, "telemetry")
	}
	head = append(head, "until")
	rows := r.rows(checks)
	table, err := tabled(head, rows)
	if err != nil {
		return err
	}
	if s.Width > 0 && slices.ContainsFunc(strings.Split(table, "\n"), func(line string) bool { return diag.Columns(line) > s.Width }) {
		for _, row := range rows {
			row.block(&b, s, head)
		}
		b.WriteByte('\n')
	} else {
		b.WriteString(table)
	}
	for _, d := range []*Dialled{r.Dialled, r.DialledGateway} {
		if d == nil {
			continue
		}
		for _, text := range d.lines() {
			b.WriteString(s.Wrap(diag.Printable(text), 2) + "\n")
		}
	}
	for _, left := range r.LeftOut {
		b.WriteString(s.Wrap("left out: "+diag.Printable(left), 2) + "\n")
	}
	b.WriteString(s.Wrap(r.Summary(), 2) + "\n")
	_, err = io.WriteString(w, b.String())
	return err
}

// tabled returns a table of clusters.
func tabled(head []string, rows []row) (string, error) {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CLUSTER\t"+strings.Join(head, "\t"))
	for _, row := range rows {
		fmt.Fprintln(t, row.names()+"\t"+strings.Join(row.cells, "\t"))
	}
	err := t.Flush()
	return b.String(), err
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

// names returns the clusters in words.
func (r row) names() string { return diag.Printable(InWords(r.clusters)) }

// answers are the words of cells, worst first, with the mark of a row where such a cell is the worst.
var answers = []struct{ cell, mark string }{
	{failed, diag.Wrong}, {fails, diag.Wrong}, {"warn", diag.Watch}, {"note", diag.Remark}, {"not tried", diag.Remark}, {unknown, diag.Well}, {"no agent", diag.Well}, {fine, diag.Well},
}

// The cells that say how it is.
const (
	fine    = "ok"
	failed  = "FAIL"
	fails   = "FAILS"
	unknown = "-"
)

// block writes a row for a screen that is too narrow for a table: its clusters after the mark of its worst cell, and below them what has
// the same answer, worst first.
func (r row) block(b *strings.Builder, s diag.Screen, head []string) {
	last := len(head) - 1 // until when it is so
	mark, lines := "", []string{}
	for _, a := range answers {
		var same []string
		for i, name := range head[:last] {
			if r.cells[i] == a.cell {
				same = append(same, name)
			}
		}
		if len(same) == 0 {
			continue
		}
		mark = cmp.Or(mark, a.mark)
		said := a.cell
		if said == unknown {
			said = "not judged"
		}
		lines = append(lines, said+": "+strings.Join(same, ", "))
	}
	s.Fill(b, s.Mark(mark)+" ", 2, r.names())
	for _, text := range lines {
		s.Fill(b, "    ", 6, text)
	}
	if until := r.cells[last]; until != unknown {
		b.WriteString("    until " + until + "\n")
	}
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
			cell := fine
			if r.Public && check == Tokens {
				cell = unknown
			}
			if s, ok := worst[cluster][check]; ok {
				cell = map[Severity]string{Error: failed, Warning: "warn", Note: "note"}[s]
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
	cells, ends := []string{"no agent", "no agent"}, unknown
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
	return unknown
}

func (o Outcome) word() string {
	switch {
	case !o.Done:
		return "not tried"
	case o.OK:
		return fine
	}
	return fails
}
