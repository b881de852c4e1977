package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// Text returns the finding for people on one line, and what to do about it on another.
func (f Finding) Text() string {
	text := fmt.Sprintf("%s: %s: %s [%s]\n", f.Severity, diag.Printable(f.where()), diag.Printable(f.Message), f.Code)
	if f.Hint != "" {
		text += fmt.Sprintf("  hint: %s\n", diag.Printable(f.Hint))
	}
	return text
}

// where returns the clusters of the finding, and the object in them if it is about one.
func (f Finding) where() string {
	where := InWords(f.Clusters)
	if f.Object != "" {
		where += ": " + f.Object
	}
	return where
}

// marks are the marks of findings, by severity.
var marks = map[Severity]string{Error: diag.Wrong, Warning: diag.Watch, Note: diag.Remark}

// WriteText writes the report for people: what works, combined where equal; then each check with findings, with what, where and what to do;
// and a summary line.
func (r *Report) WriteText(w io.Writer, s diag.Screen) error {
	var b strings.Builder
	found := map[Check][]Finding{}
	for _, f := range r.Findings {
		found[f.Check] = append(found[f.Check], f)
	}
	var well []string
	for _, c := range r.checks() {
		if len(found[c]) == 0 && !(r.Public && c == Tokens) {
			well = append(well, string(c))
		}
	}
	if len(well) > 0 {
		line(&b, s, diag.Well, counted(r.Clusters, "cluster")+": "+strings.Join(well, ", "))
	}
	reaching := r.reaching()
	for _, way := range reaching {
		if way.mark == diag.Well {
			line(&b, s, way.mark, way.text)
		}
	}
	for _, c := range append(r.checks(), TLS) {
		if len(found[c]) > 0 {
			r.about(&b, s, c, found[c])
		}
	}
	for _, way := range reaching {
		if way.mark != diag.Well {
			line(&b, s, way.mark, way.text)
		}
	}
	for _, d := range append([]*Dialled{r.Dialled, r.DialledGateway}, r.Also...) {
		if d == nil {
			continue
		}
		for _, text := range d.lines() {
			line(&b, s, diag.Remark, text)
		}
	}
	for _, left := range r.LeftOut {
		line(&b, s, diag.Remark, "left out: "+left)
	}
	b.WriteByte('\n')
	s.Fill(&b, "", 0, diag.Printable(r.Summary()))
	_, err := io.WriteString(w, b.String())
	return err
}

// line writes a mark and its text.
func line(b *strings.Builder, s diag.Screen, mark, text string) {
	s.Fill(b, s.Mark(mark)+" ", 2, diag.Printable(text))
}

// counted returns the number of clusters and, if there are few, their names.
func counted(clusters []string, noun string) string {
	text := diag.Count(len(clusters), noun)
	if len(clusters) <= maxNamed {
		text += " (" + strings.Join(clusters, ", ") + ")"
	}
	return text
}

// about writes a check and its findings: clusters with the same finding are listed together.
func (r *Report) about(b *strings.Builder, s diag.Screen, check Check, found []Finding) {
	faulty := map[string]bool{}
	for _, f := range found {
		for _, c := range f.Clusters {
			faulty[c] = true
		}
	}
	line(b, s, marks[found[0].Severity], fmt.Sprintf("%s: %d of %s", check, len(faulty), diag.Count(len(r.Clusters), "cluster")))
	for i, f := range found {
		s.Fill(b, "    ", 4, diag.Printable(fmt.Sprintf("%s: %s: %s [%s]", f.Severity, f.where(), f.Message, f.Code)))
		if last := i == len(found)-1 || found[i+1].Hint != f.Hint; last && f.Hint != "" { // once for findings that want the same
			s.Fill(b, "    → ", 6, diag.Printable(f.Hint))
		}
	}
}

// fare is how well some agents reach the relay server.
type fare struct{ mark, text string }

// reaching describes the connections, equal ones together.
func (r *Report) reaching() []fare {
	var order []string
	clusters := map[string][]string{}
	of := map[string]Connection{}
	for _, c := range r.Connections {
		key := strings.Join(append(c.cells(true), causes(c)), "\t")
		if clusters[key] == nil {
			order = append(order, key)
		}
		clusters[key], of[key] = append(clusters[key], c.Clusters...), c
	}
	var ways []fare
	for _, key := range order {
		ways = append(ways, of[key].fares(clusters[key]))
	}
	return ways
}

// fares describes one connection, for all agents that have it.
func (c Connection) fares(clusters []string) fare {
	var done, fails, untried []string
	for _, step := range []struct {
		name    string
		outcome Outcome
	}{{"first contact", c.FirstContact}, {"mutual TLS", c.MutualTLS}, {"telemetry", c.Telemetry}} {
		switch {
		case step.name == "telemetry" && !c.Telemetry.judged():
		case !step.outcome.Done:
			untried = append(untried, step.name)
		case step.outcome.OK:
			done = append(done, step.name)
		default:
			fails = append(fails, step.name)
		}
	}
	who := diag.Count(len(clusters), "agent")
	switch {
	case len(fails) > 0:
		text := fmt.Sprintf("%s (%s): no %s", who, InWords(clusters), strings.Join(fails, ", no "))
		if why := causes(c); why != "" {
			text += ", because of " + why
		}
		return fare{diag.Wrong, text}
	case len(done) == 0:
		return fare{diag.Remark, fmt.Sprintf("%s (%s): %s not tried", who, InWords(clusters), strings.Join(untried, " and "))}
	}
	text := counted(clusters, "agent") + ": " + strings.Join(done, ", ")
	if until := c.ends(); until != "-" {
		text += ", until " + until
	}
	return fare{diag.Well, text}
}

// causes lists the codes of the findings that explain why a connection fails.
func causes(c Connection) string {
	var codes []string
	for _, o := range []Outcome{c.FirstContact, c.MutualTLS, c.Telemetry} {
		for _, code := range o.Causes {
			if !slices.Contains(codes, string(code)) {
				codes = append(codes, string(code))
			}
		}
	}
	return strings.Join(codes, ", ")
}

// Summary returns the report in one line.
func (r *Report) Summary() string {
	counts := make([]string, len(Severities))
	for i, s := range Severities {
		counts[i] = diag.Count(r.Count(s), string(s))
	}
	s := fmt.Sprintf("%s on %s: %s", diag.Count(len(r.Clusters), "cluster"), pki.Day(r.At), list(counts))
	tried := slices.ContainsFunc(r.Connections, func(c Connection) bool { return c.MutualTLS.Done })
	switch until := r.Until(); {
	case tried && !until.IsZero() && len(r.Unaddressed) > 0:
		s += fmt.Sprintf("; the certificates fit until %s, but %s no address to dial", pki.Day(until), agents(len(r.Unaddressed)))
	case tried && !until.IsZero():
		s += "; every agent reaches the relay server until " + pki.Day(until)
	case tried:
		s += "; not every agent reaches the relay server"
	}
	if !tried || !r.collecting() {
		return s
	}
	switch until := r.until(func(c Connection) []Outcome { return []Outcome{c.Telemetry} }); {
	case until.IsZero():
		return s + "; not every collector reaches the telemetry gateway"
	case len(r.Unsent) > 0:
		return s + fmt.Sprintf("; %s no telemetry gateway to send to", collectors(len(r.Unsent)))
	default:
		return s + "; every collector reaches the telemetry gateway until " + pki.Day(until)
	}
}

func collectors(n int) string {
	if n == 1 {
		return "a collector has"
	}
	return fmt.Sprintf("%d collectors have", n)
}

func agents(n int) string {
	if n == 1 {
		return "an agent has"
	}
	return fmt.Sprintf("%d agents have", n)
}
