// Package page writes a mesh as a self-contained HTML file: its diagram, its certificates on a time line, the result of verify, and a table
// of its clusters. It loads nothing, and allows nothing to be loaded.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"relayform/compiler/graph"
	"relayform/compiler/lifecycle"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// Page is the input of a report, and determines it completely.
type Page struct {
	Plan         *plan.Plan
	Picture      graph.Picture
	Certificates *lifecycle.Report
	Judged       *verify.Report // verdict on what clusters would contain
	Held         *verify.Report // verdict on what they contain; nil if they were not queried
	Tokens       []string       // digests of tokens, which must not appear on the page
}

// Begin is the beginning of each page: a file that begins differently is not a report.
const Begin = "<!doctype html>\n<html lang=\"en\" data-writer=\"relayform report\">"

//go:embed page.css
var style string

//go:embed page.js
var script string

//go:embed page.html.tmpl
var text string

var pages = template.Must(template.New("page").Parse(text))

// Write writes the page. It contains nothing private: if something private would appear, Write writes nothing.
func (p Page) Write(w io.Writer) error {
	v, err := p.view()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(Begin)
	if err := pages.Execute(&b, v); err != nil {
		return err
	}
	if found := secrecy.Find(b.Bytes(), p.Tokens...); len(found) > 0 {
		return fmt.Errorf("report: %s would be in line %d; nothing was written", found[0].Kind, found[0].Line)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// view is the template's data.
type view struct {
	Policy     string
	Style      template.CSS
	Script     template.JS
	Name       string
	Day        string
	Product    string
	Namespace  string
	Authority  string
	Tiles      []tile
	Drawings   []drawing
	Rotation   string
	TimeLine   timeLine
	Groups     []certificate
	MoreGroups int
	Token      *certificate
	Verdicts   []verdict
	Clusters   table
}

// tile is a fact at the top of the page.
type tile struct{ Name, Value, Note, Mood string }

type drawing struct {
	ID, Title, Says string
	SVG             template.HTML
}

func (p Page) view() (*view, error) {
	v := &view{
		Style: template.CSS(graph.Style + style), Script: template.JS(script),
		Name: diag.Printable(p.Plan.Name), Day: pki.Day(p.Certificates.At), Product: p.Plan.Product.Name,
		Namespace: diag.Printable(p.Plan.Namespace), Authority: diag.Printable(p.Plan.Authority),
	}
	v.Policy = fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'", digest(script), digest(graph.Style+style))
	for _, part := range p.Picture.Parts {
		svg, err := part.Drawing()
		if err != nil {
			return nil, err
		}
		v.Drawings = append(v.Drawings, drawing{part.ID, part.Title, part.Says, svg})
	}
	v.certificates(p.Certificates)
	v.Verdicts = append(v.Verdicts, newVerdict("What clusters receive", "judged", p.Judged))
	if p.Held != nil {
		v.Verdicts = append(v.Verdicts, newVerdict("What clusters hold now", "held", p.Held))
	}
	v.Clusters = newTable(p)
	v.Tiles = p.tiles()
	return v, nil
}

// digest returns the hash of a text for a Content-Security-Policy (CSP 3, 2.3.1, hash-source).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// tiles returns the most important facts.
func (p Page) tiles() []tile {
	tiles := []tile{p.verdictTile("Verdict", p.Judged)}
	if p.Held != nil {
		tiles = append(tiles, p.verdictTile("Held now", p.Held))
	}
	if until := p.Judged.Until(); !until.IsZero() {
		tiles = append(tiles, tile{"Agents connect until", pki.Day(until), daysFrom(p.Certificates.At, until), ""})
	}
	var next *lifecycle.Group
	groups := lifecycle.Groups(p.Certificates.Certificates)
	for i, g := range groups {
		if falls(g.Certificate) && (next == nil || g.Due.Before(next.Due)) {
			next = &groups[i]
		}
	}
	if next != nil {
		t := tile{"Next renewal", pki.Day(next.Due), diag.Printable(next.Name()) + ", " + daysFrom(p.Certificates.At, next.Due), ""}
		if next.Due.Before(p.Certificates.At) {
			t.Mood = "warning"
		}
		tiles = append(tiles, t)
	}
	note := diag.Count(len(p.Plan.Remotes), "remote") + " and the management cluster"
	return append(tiles, tile{"Clusters", fmt.Sprint(len(p.Plan.Remotes) + 1), note, ""})
}

func (p Page) verdictTile(name string, r *verify.Report) tile {
	errors, warnings := r.Count(verify.Error), r.Count(verify.Warning)
	note := diag.Count(warnings, "warning") + ", " + diag.Count(r.Count(verify.Note), "note")
	switch {
	case errors > 0:
		return tile{name, diag.Count(errors, "error"), note, "error"}
	case len(r.Clusters) < len(p.Plan.Remotes)+1:
		return tile{name, diag.Count(len(p.Plan.Remotes)+1-len(r.Clusters), "cluster") + " not asked", note, "warning"}
	case warnings > 0:
		return tile{name, diag.Count(warnings, "warning"), "no errors, " + diag.Count(r.Count(verify.Note), "note"), "warning"}
	case r.Public:
		return tile{name, "no errors found", "handshakes need the private keys", "good"}
	}
	return tile{name, "no problems", "no errors, no warnings, " + diag.Count(r.Count(verify.Note), "note"), "good"}
}

// daysFrom describes how far away a date is.
func daysFrom(at, until time.Time) string {
	days := int(until.Sub(at).Hours() / 24)
	switch {
	case until.Before(at):
		return diag.Count(-days, "day") + " ago"
	case days == 0:
		return "within a day"
	}
	return "in " + diag.Count(days, "day")
}
