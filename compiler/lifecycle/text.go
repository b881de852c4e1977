package lifecycle

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// line is the number of characters of the time line.
const line = 40

// WriteText writes the report for people; with a time line where it is read on a terminal.
func (r *Report) WriteText(w io.Writer, terminal bool) error {
	var b strings.Builder
	r.table(&b, terminal)
	for _, c := range Groups(r.Certificates) {
		what := diag.Printable(c.Subject)
		if len(c.Clusters) > 1 {
			what = c.whom()
		}
		fmt.Fprintf(&b, "\n%s: %s, %s\n", c.Name(), c.State, what)
		switch {
		case c.State == Aside:
		case c.Kept:
			fmt.Fprintf(&b, "  in        no cluster\n  renewed   %s\n", c.RenewedBy)
		default:
			details(&b, c.Places, c.RenewedBy, c.Restarts)
		}
		fmt.Fprintf(&b, "  key       %s\n", c.Key)
	}
	if t := r.Token; t != nil {
		fmt.Fprintf(&b, "\ntoken %d: does not expire\n", t.Generation)
		details(&b, t.Places, t.RenewedBy, t.Restarts)
		fmt.Fprintf(&b, "  key       %s\n", t.Key)
	}
	if len(r.Orphans) > 0 {
		fmt.Fprintf(&b, "\nprivate files that nothing needs (relayform gc removes them):\n  %s\n", strings.Join(r.Orphans, "\n  "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) table(b *strings.Builder, terminal bool) {
	fmt.Fprintf(b, "%s on %s\n", r.Topology, pki.Day(r.At))
	if o := r.Rotation; o != nil {
		fmt.Fprintf(b, "the root is being rotated: phase %s since %s", o.Phase, pki.Day(o.Since))
		if o.DrainUntil != nil {
			fmt.Fprintf(b, ", agents drain until %s", pki.Day(*o.DrainUntil))
		}
		b.WriteByte('\n')
	}
	from, until := r.span()
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nROLE\tALGORITHM\tVALID\tUNTIL\tLEFT\tDUE")
	if terminal {
		ends := pki.Day(from) + " " + strings.Repeat(".", line-22) + " " + pki.Day(until)
		fmt.Fprint(t, "\t"+ends)
	}
	fmt.Fprintln(t)
	for _, c := range Groups(r.Certificates) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s", c.Name(), c.Algorithm, pki.Day(c.NotBefore), pki.Day(c.NotAfter), left(c.DaysLeft), r.due(c.Certificate))
		if terminal {
			fmt.Fprint(t, "\t"+bar(c.Certificate, r.At, from, until))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func (r *Report) due(c Certificate) string {
	switch {
	case c.State == Aside || c.State == Leaving:
		return c.State
	case c.Due.Before(r.At):
		return "since " + pki.Day(c.Due)
	}
	return pki.Day(c.Due)
}

func left(days int) string {
	if days < 0 {
		return fmt.Sprintf("expired %d days ago", -days)
	}
	return fmt.Sprintf("%d days", days)
}

// span is the time that the line shows: all validity, and the report's date.
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

// bar is a certificate's validity on the line from one time to another, with the date in it: = while
// it may stay, + from when it ought to be renewed, | the date.
func bar(c Certificate, at, from, until time.Time) string {
	cell := func(t time.Time) int {
		if !until.After(from) {
			return 0
		}
		return min(line-1, int(float64(line)*float64(t.Sub(from))/float64(until.Sub(from))))
	}
	b := []byte(strings.Repeat(".", line))
	for i := cell(c.NotBefore); i <= cell(c.NotAfter); i++ {
		b[i] = '='
		if i >= cell(c.Due) && c.State != Aside && c.State != Leaving {
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
		fmt.Fprintf(b, "  restart   nothing: it is reloaded hot\n")
	}
	for i, w := range restarts {
		label := "restart"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "  %-8s  deployment/%s, %s\n", label, w.Deployment, where(w.Clusters, w.Everywhere))
	}
}

// named is the number of clusters up to which all are named.
const named = 5

func where(clusters []string, everywhere bool) string {
	if everywhere && len(clusters) > named {
		return fmt.Sprintf("%d clusters", len(clusters))
	}
	return strings.Join(clusters, ", ")
}
