package page

import (
	"fmt"
	"strings"
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// maxGroups is the maximum number of rows in the table of certificates, and maxBars of bars in the time line. Equal agents' certificates
// with the same dates share a row.
const maxGroups, maxBars = 200, 40

// certificate is a row of the table of certificates.
type certificate struct {
	Name, State, Subject, Algorithm, From, Until, Left, Due, RenewedBy, Restart, SHA256 string
	Late                                                                                bool
}

// falls reports whether a certificate will become due.
func falls(c lifecycle.Certificate) bool {
	return c.State != lifecycle.Aside && c.State != lifecycle.Leaving
}

func (v *view) certificates(r *lifecycle.Report) {
	groups := lifecycle.Groups(r.Certificates)
	v.MoreGroups = max(0, len(groups)-maxGroups)
	for _, g := range groups[:len(groups)-v.MoreGroups] {
		c := certificate{
			Name: diag.Printable(g.Name()), State: g.State, Subject: diag.Printable(g.Subject), Algorithm: diag.Printable(g.Algorithm),
			From: pki.Day(g.NotBefore), Until: pki.Day(g.NotAfter), Left: daysFrom(r.At, g.NotAfter),
			RenewedBy: diag.Printable(g.RenewedBy), Restart: restart(g.Restarts), SHA256: diag.Printable(g.SHA256),
		}
		if n := len(g.Clusters); n > 1 {
			c.Subject, c.SHA256 = diag.Count(n, "similar certificate"), ""
		}
		if g.State == lifecycle.Aside {
			c.Restart, c.RenewedBy = "", ""
		}
		if falls(g.Certificate) {
			c.Due, c.Late = pki.Day(g.Due), g.Due.Before(r.At)
		}
		v.Groups = append(v.Groups, c)
	}
	if t := r.Token; t != nil {
		v.Token = &certificate{Name: fmt.Sprintf("token %d", t.Generation), RenewedBy: diag.Printable(t.RenewedBy), Restart: restart(t.Restarts)}
	}
	if o := r.Rotation; o != nil {
		v.Rotation = fmt.Sprintf("The root is being rotated: phase %s since %s", diag.Printable(o.Phase), pki.Day(o.Since))
		if o.DrainUntil != nil {
			v.Rotation += ", agents drain until " + pki.Day(*o.DrainUntil)
		}
	}
	v.TimeLine = newTimeLine(groups[:min(len(groups), maxBars)], r.At, len(groups))
}

// restart lists the workloads that read a certificate at start.
func restart(workloads []lifecycle.Workload) string {
	if len(workloads) == 0 {
		return "nothing"
	}
	var all []string
	for _, w := range workloads {
		where := "every cluster with an agent"
		switch n := len(w.Clusters); {
		case n == 1:
			where = w.Clusters[0]
		case !w.Everywhere:
			where = diag.Count(n, "cluster")
		}
		all = append(all, w.Deployment+" in "+where)
	}
	return diag.Printable(strings.Join(all, "; "))
}

// Sizes of the time line, in SVG pixels.
const (
	lineLeft  = 190 // where the names end
	lineWidth = 760
	lineTop   = 44
	rowHeight = 34
	barHeight = 14
)

// timeLine shows certificates as bars, with their due dates and the date of the report.
type timeLine struct {
	Height, Width int
	Bottom        int
	Today         int
	Day           string
	Ticks         []tick
	Bars          []bar
	Says          string
	More          int
}

type tick struct {
	X    int
	Text string
}

// bar is one certificate, or several equal ones of agents.
type bar struct {
	Name               string
	Y, Middle          int
	X, Width           int // the whole validity period
	DueX, DueWidth     int // from when it should be renewed
	Faded, Falls, Late bool
	Label              string
	LabelX             int
	LabelEnd           bool // the label ends at LabelX
}

func newTimeLine(groups []lifecycle.Group, at time.Time, all int) timeLine {
	t := timeLine{Day: pki.Day(at), Width: lineLeft + lineWidth + 24, More: all - len(groups)}
	from, until := at, at
	for _, g := range groups {
		if g.NotBefore.Before(from) {
			from = g.NotBefore
		}
		if g.NotAfter.After(until) {
			until = g.NotAfter
		}
	}
	x := func(d time.Time) int {
		if !until.After(from) {
			return lineLeft
		}
		return lineLeft + int(float64(lineWidth)*float64(d.Sub(from))/float64(until.Sub(from)))
	}
	for i, g := range groups {
		b := bar{
			Name: short(diag.Printable(g.Name())), Y: lineTop + i*rowHeight, X: x(g.NotBefore), DueX: x(g.Due),
			Faded: !falls(g.Certificate), Falls: falls(g.Certificate), Late: g.Due.Before(at), Label: "due " + pki.Day(g.Due),
		}
		b.Middle, b.Width, b.DueWidth = b.Y+barHeight/2, max(2, x(g.NotAfter)-b.X), max(2, x(g.NotAfter)-b.DueX)
		if b.Faded {
			b.Label = g.State
		}
		b.LabelX = b.X + b.Width + 8
		if b.LabelX > lineLeft+lineWidth-100 { // no room next to the bar: below its end
			b.LabelX, b.LabelEnd = b.X+b.Width, true
		}
		t.Bars = append(t.Bars, b)
	}
	t.Today, t.Bottom = x(at), lineTop+len(groups)*rowHeight
	t.Height = t.Bottom + 16
	t.Ticks = ticks(from, until, x)
	for i := range t.Ticks {
		if d := t.Ticks[i].X - t.Today; -18 < d && d < 18 { // the date of the report is there
			t.Ticks[i].Text = ""
		}
	}
	t.Says = fmt.Sprintf("%s from %s to %s; a line marks %s. The table below has every date.", diag.Count(len(groups), "bar"), pki.Day(from), pki.Day(until), t.Day)
	return t
}

// ticks are the beginnings of years, or of months if the range is short.
func ticks(from, until time.Time, x func(time.Time) int) []tick {
	const most = 12
	months, format := 1, "Jan 2006"
	for _, step := range []int{1, 3, 12, 24, 60, 120, 240, 600} {
		if months = step; until.Sub(from).Hours()/24/30.4/float64(step) <= most {
			break
		}
	}
	first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	if months >= 12 {
		first, format = time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC), "2006"
	}
	var all []tick
	for d := first; !d.After(until); d = d.AddDate(0, months, 0) {
		if !d.Before(from) {
			all = append(all, tick{x(d), d.Format(format)})
		}
	}
	return all
}

// short returns a name that fits next to the time line.
func short(name string) string {
	const most = 26
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-10]) + "…" + string(runes[len(runes)-9:])
}
