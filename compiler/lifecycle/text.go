package lifecycle

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// The width of a report if the screen's is unknown, and the minimum and maximum width of the time line.
const (
	usualWidth = 80
	leastLine  = 12
	mostLine   = 60
)

// WriteText writes the report for people: what is due first, then every certificate with its place in time.
func (r *Report) WriteText(w io.Writer, s diag.Screen) error {
	var b strings.Builder
	groups := r.soonestFirst()
	r.head(&b, s, groups)
	r.table(&b, s, groups)
	r.waiting(&b)
	b.WriteByte('\n')
	s.Fill(&b, "", 0, "= valid, + due, | the day of this report. -v says where each certificate is, and what to restart.")
	r.issuedElsewhere(&b, s)
	r.orphans(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteDetails writes the report for people who need to act: the same, and for each certificate where it is, what renews it, and what must
// restart then.
func (r *Report) WriteDetails(w io.Writer, s diag.Screen) error {
	var b strings.Builder
	groups := r.soonestFirst()
	r.head(&b, s, groups)
	r.table(&b, s, groups)
	for _, c := range groups {
		what := diag.Printable(c.Subject)
		if len(c.Clusters) > 1 {
			what = c.whom()
		}
		fmt.Fprintf(&b, "\n%s: %s, %s, %s\n", s.Bold(c.Name()), c.State, c.Algorithm, what)
		switch {
		case c.State == Aside:
		case c.Kept:
			fmt.Fprintf(&b, "  in        no cluster\n  renewed   %s\n", c.RenewedBy)
		default:
			details(&b, c.Places, c.RenewedBy, c.Restarts)
		}
		fmt.Fprintf(&b, "  valid     from %s until %s\n  key       %s\n", pki.Day(c.NotBefore), pki.Day(c.NotAfter), c.Key)
	}
	r.waiting(&b)
	if t := r.Token; t != nil {
		fmt.Fprintf(&b, "\n%s: does not expire\n", s.Bold(fmt.Sprintf("token %d", t.Generation)))
		details(&b, t.Places, t.RenewedBy, t.Restarts)
		fmt.Fprintf(&b, "  key       %s\n", t.Key)
	}
	r.writeIssued(&b, s)
	r.orphans(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// soonestFirst returns the certificates, grouped: what is due next first, what is never due last.
func (r *Report) soonestFirst() []Group {
	groups := Groups(r.Certificates)
	slices.SortStableFunc(groups, func(a, b Group) int {
		switch {
		case a.neverDue() == b.neverDue():
			return a.Due.Compare(b.Due)
		case a.neverDue():
			return 1
		}
		return -1
	})
	return groups
}

// neverDue reports whether the certificate will not be renewed any more.
func (c Certificate) neverDue() bool { return c.State == Aside || c.State == Leaving }

// head says what is due, or will be next.
func (r *Report) head(b *strings.Builder, s diag.Screen, groups []Group) {
	s.Fill(b, "", 0, fmt.Sprintf("%s on %s", diag.Printable(r.Topology), pki.Day(r.At)))
	if o := r.Rotation; o != nil {
		text := fmt.Sprintf("the root is being rotated: phase %s since %s", o.Phase, pki.Day(o.Since))
		if o.DrainUntil != nil {
			text += ", agents drain until " + pki.Day(*o.DrainUntil)
		}
		s.Fill(b, s.Mark(diag.Remark)+" ", 2, text)
	}
	next := true
	for _, g := range groups {
		days := int(g.Due.Sub(r.At) / (24 * time.Hour))
		switch {
		case g.neverDue():
		case !g.NotAfter.After(r.At):
			s.Fill(b, s.Mark(diag.Wrong)+" ", 2, fmt.Sprintf("%s expired on %s: %s", g.Name(), pki.Day(g.NotAfter), g.RenewedBy))
			next = false
		case !g.Due.After(r.At):
			s.Fill(b, s.Mark(diag.Watch)+" ", 2, fmt.Sprintf("%s is due since %s: %s", g.Name(), pki.Day(g.Due), g.RenewedBy))
			next = false
		case next:
			s.Fill(b, s.Mark(diag.Well)+" ", 2, fmt.Sprintf("nothing is due; next %s, on %s (in %s): %s", g.Name(), pki.Day(g.Due), diag.Count(days, "day"), g.RenewedBy))
			next = false
		}
	}
}

// table writes every certificate with its days, and its place on the time line.
func (r *Report) table(b *strings.Builder, s diag.Screen, groups []Group) {
	if len(groups) == 0 {
		return
	}
	rows := [][]string{{"", "DUE", "UNTIL", "LEFT"}}
	for _, g := range groups {
		rows = append(rows, []string{g.Name(), r.due(g.Certificate), pki.Day(g.NotAfter), left(g.DaysLeft)})
	}
	widths := make([]int, len(rows[0]))
	taken := 0
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		taken += widths[i] + 2
	}
	long := min(max(cmp.Or(s.Width, usualWidth)-taken, leastLine), mostLine)
	from, until := r.span()
	b.WriteByte('\n')
	for n, row := range rows {
		for i, cell := range row {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		if n == 0 {
			years := [2]string{from.Format("2006"), until.Format("2006")}
			b.WriteString(years[0] + strings.Repeat(" ", long-8) + years[1])
		} else {
			b.WriteString(bar(groups[n-1].Certificate, r.At, from, until, long))
		}
		b.WriteByte('\n')
	}
}

func (r *Report) orphans(b *strings.Builder) {
	if len(r.Orphans) > 0 {
		fmt.Fprintf(b, "\nprivate files that nothing needs (relayform gc removes them):\n  %s\n", strings.Join(r.Orphans, "\n  "))
	}
}

func (r *Report) due(c Certificate) string {
	switch {
	case c.neverDue():
		return c.State
	case c.Due.Before(r.At):
		return "since " + pki.Day(c.Due)
	}
	return pki.Day(c.Due)
}

func left(days int) string {
	if days < 0 {
		return fmt.Sprintf("-%dd", -days)
	}
	return fmt.Sprintf("%dd", days)
}

// span returns the range of the time line: all validity periods, and the report's date.
func (r *Report) span() (from, until time.Time) {
	from, until = r.At, r.At
	for _, c := range r.Certificates {
		if c.NotBefore.Before(from) {
			from = c.NotBefore
		}
		if c.NotAfter.After(until) {
			until = c.NotAfter
		}
	}
	return from, until
}

// bar draws a certificate's validity on a line with a number of columns between two times: = while it may stay, + from when it should be
// renewed, | for the date.
func bar(c Certificate, at, from, until time.Time, line int) string {
	cell := func(t time.Time) int {
		if !until.After(from) {
			return 0
		}
		return min(line-1, int(float64(line)*float64(t.Sub(from))/float64(until.Sub(from))))
	}
	b := []byte(strings.Repeat(".", line))
	for i := cell(c.NotBefore); i <= cell(c.NotAfter); i++ {
		b[i] = '='
		if i >= cell(c.Due) && !c.neverDue() {
			b[i] = '+'
		}
	}
	b[cell(at)] = '|'
	return string(b)
}

func details(b *strings.Builder, places []Place, by string, restarts []Workload) {
	for i, p := range places {
		label := "in"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "  %-8s  %s of %s, %s\n", label, p.Key, p.Secret, where(p.Clusters, p.Everywhere))
	}
	fmt.Fprintf(b, "  renewed   %s\n", by)
	if len(restarts) == 0 {
		fmt.Fprintf(b, "  restart   nothing: it is reloaded without a restart\n")
	}
	for i, w := range restarts {
		label := "restart"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "  %-8s  %s, %s\n", label, w.Resource(), where(w.Clusters, w.Everywhere))
	}
}

// named is the maximum number of clusters listed by name.
const named = 5

func where(clusters []string, everywhere bool) string {
	if everywhere && len(clusters) > named {
		return fmt.Sprintf("%d clusters", len(clusters))
	}
	return strings.Join(clusters, ", ")
}
