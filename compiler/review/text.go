package review

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// WriteText writes the report for people: what breaks, then what changes, then what to do.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s → %s\n", diag.Printable(r.Topology), diag.Printable(r.From), diag.Printable(r.To))
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s [%s]\n", f.word(), f.Code)
		wrap(&b, "", f.Message)
		if hit := r.hit(f); hit != "" {
			wrap(&b, "hits: ", hit)
		}
		if !f.Until.IsZero() {
			fmt.Fprintf(&b, "  until: %s\n", pki.Stamp(f.Until))
		}
		if f.Hint != "" {
			wrap(&b, "hint: ", f.Hint)
		}
	}
	section(&b, "mesh", r.Mesh)
	section(&b, "certificates", r.certificateLines())
	section(&b, "clusters", r.clusterLines())
	section(&b, "to do, in this order", r.stepLines())
	fmt.Fprintf(&b, "\n%s\n", r.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// width is the screen width to which sentences are wrapped.
const width = 80

// wrap writes a wrapped sentence below its title.
func wrap(b *strings.Builder, title, text string) {
	indent := strings.Repeat(" ", 2+len(title))
	line := "  " + strings.TrimSuffix(title, " ")
	for _, word := range strings.Fields(diag.Printable(text)) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width && strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
			line = indent[:len(indent)-1]
		}
		if strings.TrimSpace(line) == "" {
			line = indent[:max(len(indent)-1, 1)]
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

func section(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
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
