package review

import (
	"fmt"
	"io"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// WriteMarkdown writes the report as a comment for a pull request: what breaks first, folded details, and a diagram of who trusts what,
// before and after, if that changes.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	title := "no agent is cut off"
	errors, allowed, warnings := r.counts()
	switch {
	case r.Nothing():
		title = "nothing changes for the mesh"
	case errors > 0:
		title = "**do not merge**: " + diag.Count(errors, "error")
	case r.From == "nothing":
		title = "a new mesh"
	case allowed > 0:
		title = diag.Count(allowed, "exception") + " that this pipeline allows"
	case warnings > 0:
		title += ", " + diag.Count(warnings, "warning")
	}
	fmt.Fprintf(&b, "### relayform: %s\n\n%s, %s → %s\n", title, diag.MarkdownCode(r.Topology), diag.MarkdownCode(r.From), diag.MarkdownCode(r.To))
	for _, f := range r.Findings {
		mark := map[string]string{string(verify.Error): "❌", string(verify.Warning): "⚠️", string(verify.Note): "ℹ️", "allowed": "☑️"}[f.word()]
		fmt.Fprintf(&b, "\n%s **%s** %s", mark, f.Code, diag.Markdown(f.Message))
		if hit := r.hit(f); hit != "" {
			fmt.Fprintf(&b, " Hits %s.", diag.Markdown(hit))
		}
		if !f.Until.IsZero() {
			fmt.Fprintf(&b, " Until %s.", pki.Stamp(f.Until))
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "<br>%s", diag.Markdown(f.Hint))
		}
		b.WriteByte('\n')
	}
	if steps := r.stepLines(); len(steps) > 0 {
		b.WriteString("\n**After merging:**\n\n")
		for _, step := range steps {
			b.WriteString(diag.Markdown(step) + "\n")
		}
	}
	fold(&b, fmt.Sprintf("Certificates: %s", r.certificateCounts()), r.certificateLines())
	n := r.Counts
	fold(&b, fmt.Sprintf("Clusters: %d added, %d removed, %d changed, %d unchanged", n.Added, n.Removed, n.Changed, n.Unchanged), append(append([]string{}, r.Mesh...), r.clusterLines()...))
	if r.trustChanges() {
		b.WriteString("\n<details><summary>Who trusts what</summary>\n\n```mermaid\nflowchart LR\n")
		for i, t := range r.Trust {
			t.draw(&b, i, []string{"before", "after"}[2-len(r.Trust)+i])
		}
		b.WriteString("```\n\n</details>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdownFaults writes why there is no report, as a comment for a pull request.
func WriteMarkdownFaults(faults diag.List, w io.Writer) error {
	if _, err := fmt.Fprintf(w, "### relayform: **do not merge**: %s\n\nThere is no review until this is fixed.\n", diag.Count(len(faults), "error")); err != nil {
		return err
	}
	return faults.WriteMarkdown(w)
}

// fold writes lines in a collapsed section.
func fold(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n%s\n%s\n%s\n\n</details>\n", diag.Markdown(title), fence, strings.Join(lines, "\n"), fence)
}

func (r *Report) certificateCounts() string {
	n := map[string]int{}
	for _, c := range r.Certificates {
		n[c.What]++
	}
	var parts []string
	for _, what := range []string{Made, Replaced, Aside, Removed, Kept} {
		if n[what] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[what], what))
		}
	}
	return strings.Join(parts, ", ")
}

// trustChanges reports whether the diagram shows a difference.
func (r *Report) trustChanges() bool {
	if len(r.Trust) < 2 {
		return true
	}
	a, b := r.Trust[0], r.Trust[1]
	return strings.Join(a.Roots, " ") != strings.Join(b.Roots, " ") || a.Server != b.Server || a.Signing != b.Signing
}

// draw writes one state as a subgraph of a mermaid flowchart. Names are roles, generations and digests: nothing comes from a certificate's
// text.
func (t Trust) draw(b *strings.Builder, i int, title string) {
	id := func(name string) string {
		return fmt.Sprintf("s%d%s", i, strings.NewReplacer(" ", "", "(", "_", ")", "").Replace(name))
	}
	fmt.Fprintf(b, "  subgraph s%d [\"%s\"]\n", i, title)
	fmt.Fprintf(b, "    s%dagents([agents])\n", i)
	for _, root := range t.Roots {
		fmt.Fprintf(b, "    %s[\"%s\"]\n    s%dagents -- trust --> %s\n", id(root), root, i, id(root))
	}
	for _, x := range []struct{ name, by string }{{t.Server, t.ServerBy}, {t.Signing, t.SigningBy}} {
		if x.name == "" {
			continue
		}
		fmt.Fprintf(b, "    %s[\"%s\"]\n", id(x.name), x.name)
		if x.by != "" {
			fmt.Fprintf(b, "    %s -- signed --> %s\n", id(x.by), id(x.name))
		}
	}
	b.WriteString("  end\n")
}
