package review

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// WriteText writes the report for people: what breaks, then what changes, then what to do. Sentences have 80 columns where the screen has no
// width, as in a file.
func (r *Report) WriteText(w io.Writer, s diag.Screen) error {
	sentences := diag.Screen{Width: cmp.Or(s.Width, 80)}
	var b strings.Builder
	tell := func(title, text string) {
		line := "  " + title + strings.Join(strings.Fields(diag.Printable(text)), " ")
		b.WriteString(sentences.Wrap(line, 2+len(title)) + "\n")
	}
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s\n", s.Bold(title))
		for _, line := range lines {
			indent := len(line) - len(strings.TrimLeft(line, " "))
			b.WriteString(s.Wrap("  "+line, 2+indent+2) + "\n")
		}
	}
	b.WriteString(s.Wrap(fmt.Sprintf("%s: %s → %s", diag.Printable(r.Topology), diag.Printable(r.From), diag.Printable(r.To)), 2) + "\n")
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s [%s]\n", s.Bold(f.word()), f.Code)
		tell("", f.Message)
		if hit := r.hit(f); hit != "" {
			tell("hits: ", hit)
		}
		if !f.Until.IsZero() {
			tell("until: ", pki.Stamp(f.Until))
		}
		if f.Hint != "" {
			tell("hint: ", f.Hint)
		}
	}
	section("mesh", r.Mesh)
	section("certificates", r.certificateLines())
	section("clusters", r.clusterLines())
	section("to do, in this order", r.stepLines())
	b.WriteString("\n" + s.Wrap(r.Summary(), 2) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// word returns the severity as printed.
func (f Finding) word() string {
	if f.Allowed {
		return "allowed"
	}
	return string(f.Severity)
}

// hit names the clusters that a finding affects; empty if it is about the whole change.
func (r *Report) hit(f Finding) string { return verify.InWords(f.Clusters) }

func (r *Report) certificateLines() []string {
	var lines []string
	kept := 0
	for _, c := range r.Certificates {
		if c.What == Kept {
			kept++
			continue
		}
		if len(c.Clusters) > 0 {
			lines = append(lines, fmt.Sprintf("%-8s %s: %s", c.What, c.agentsInWords(), verify.InWords(c.Clusters)))
			continue
		}
		line := fmt.Sprintf("%-8s %s %d", c.What, c.Role, c.Generation)
		if c.NotAfter != "" && c.What == Made {
			line += ", until " + date(c.NotAfter)
		}
		line += fmt.Sprintf(", sha256 %.16s…", c.SHA256)
		lines = append(lines, line)
		for _, fact := range c.Facts {
			lines = append(lines, "           "+fact)
		}
	}
	if kept > 0 && len(lines) > 0 {
		lines = append(lines, fmt.Sprintf("%-8s %s", Kept, diag.Count(kept, "other")))
	}
	return lines
}

func (r *Report) clusterLines() []string {
	var lines []string
	for _, c := range r.Clusters {
		name := diag.Printable(verify.InWords(c.Names))
		if c.Was != "" {
			name += ", which was " + diag.Printable(c.Was)
		}
		lines = append(lines, fmt.Sprintf("%-8s %s", c.What, name))
		for _, change := range c.Changes {
			lines = append(lines, "           "+change)
		}
	}
	return lines
}

func (r *Report) stepLines() []string {
	var lines []string
	for i, s := range r.Steps {
		what := s.What
		if s.Object != "" {
			what += " " + s.Object
		}
		line := fmt.Sprintf("%d. %s: %s", i+1, what, diag.Printable(verify.InWords(s.Clusters)))
		if s.Why != "" {
			line += " (" + s.Why + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// Summary returns the report in one line.
func (r *Report) Summary() string {
	if r.Nothing() {
		return "nothing changes for the mesh"
	}
	errors, allowed, warnings := r.counts()
	made := 0
	for _, c := range r.Certificates {
		if c.What == Made {
			made++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{errors, "error"}, {allowed, "exception"}, {warnings, "warning"}} {
		if p.n > 0 {
			parts = append(parts, diag.Count(p.n, p.noun))
		}
	}
	if errors+allowed == 0 && r.From != "nothing" {
		parts = append(parts, "no agent is cut off")
	}
	if made > 0 {
		parts = append(parts, diag.Count(made, "certificate")+" made")
	}
	n := r.Counts
	parts = append(parts, fmt.Sprintf("clusters: %d added, %d removed, %d changed, %d unchanged", n.Added, n.Removed, n.Changed, n.Unchanged))
	return strings.Join(parts, "; ")
}

func (r *Report) counts() (errors, allowed, warnings int) {
	for _, f := range r.Findings {
		switch {
		case f.Severity == verify.Error && f.Allowed:
			allowed++
		case f.Severity == verify.Error:
			errors++
		case f.Severity == verify.Warning:
			warnings++
		}
	}
	return errors, allowed, warnings
}
