package graph_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/graph"
	"relayform/compiler/ingress"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// attacks are texts that end a string, open a tag, or are read as an entity, a link or a directive in one of the formats.
var attacks = []string{
	`"]; click mesh_0 "javascript:alert(1)"`, "`**x**`", `\`, `\"`, `\N\G`, `a"] --> b["c`, "]]", `</text></svg><script>alert(1)</script>`, `" onload="alert(1)`, "]]>", "<!--", "&lt;b&gt;", "&quot;",
	"#quot;", "end", "%%{init: {}}%%", "subgraph x", "javascript:alert(1)", "</style>", "{{.Title}}", "\x1b[2J", "\u202ehcae", "\u2028", "a\nmesh_9", "\x00", "ä😀", "';}",
}

// hostile returns a mesh with the attack in every text of a plan.
func hostile(attack string) *plan.Plan {
	profile := product.Profiles[0]
	profile.Service = attack
	form := ingress.Form{Name: attack, Note: attack}
	p := &plan.Plan{Name: attack, Product: profile, Namespace: attack, Authority: attack, Management: plan.Cluster{Name: attack, Agent: true, Labels: map[string]string{attack: attack}}}
	p.Ingress = ingress.Chosen{Form: form, Service: product.Service{Type: attack, Annotations: map[string]string{attack: attack, attack + "2": attack, "z": attack, "y": attack}}}
	for _, name := range []string{"a", "b"} {
		p.Remotes = append(p.Remotes, plan.Cluster{Name: attack + name, Agent: true, RelayAddress: attack + name, Labels: map[string]string{attack: attack + name}})
	}
	return p
}

func written(t *testing.T, p *plan.Plan, label, format string) string {
	t.Helper()
	picture, err := graph.Of(p, nil, label)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := picture.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lines match the permitted lines of each format: a text is between quotes, and contains neither a quote nor a backslash that escapes
// nothing.
var lines = map[string]*regexp.Regexp{
	"mermaid": regexp.MustCompile(`^(flowchart LR| +direction LR| +end| +subgraph \w+ \["TEXT"\]| +\w+_\d+(\["TEXT"\]|\(\["TEXT"\]\)|\[\["TEXT"\]\])| +\w+_\d+ (-->|-- "TEXT" -->) \w+_\d+| +style \w+_\d+ stroke-dasharray:4 3)$`),
	"dot":     regexp.MustCompile(`^(digraph "TEXT" \{| *\}| +subgraph \w+ \{| +label="TEXT"| +style=dashed| +rankdir=LR| +fontname="TEXT"| +(node|edge) \[[a-z= 0-9]*fontname="TEXT" fontsize=\d+\]| +\w+_\d+ \[label="TEXT"( peripheries=2| style="TEXT")?\]| +\w+_\d+ -> \w+_\d+( \[label="TEXT"\])?)$`),
}

// texts match what is permitted between quotes.
var texts = map[string]*regexp.Regexp{
	"mermaid": regexp.MustCompile(`"(?:[\pL\p{Nd} .,\-:/=()…']|<br/>|#\d+;)*"`),
	"dot":     regexp.MustCompile(`"(?:[^"\\&]|\\\\|\\"|\\n|&amp;)*"`),
}

// TestTextIsEscapedForItsFormat puts each attack in every text of a plan: every line is still one of the few permitted ones, and the
// drawing has the same elements as with plain words.
func TestTextIsEscapedForItsFormat(t *testing.T) {
	for _, attack := range attacks {
		for _, label := range []string{"", attack} {
			p := hostile(attack)
			for format, line := range lines {
				text := written(t, p, label, format)
				for got := range strings.Lines(text) {
					got = strings.TrimSuffix(got, "\n")
					if plain := texts[format].ReplaceAllString(got, `"TEXT"`); !line.MatchString(plain) {
						t.Errorf("%s: %q: the line %q", format, attack, got)
					}
				}
			}
			tags, words := parse(t, written(t, p, label, "svg"))
			plain, _ := parse(t, written(t, hostile("x"), strings.ReplaceAll(label, attack, "x"), "svg"))
			if !slices.Equal(tags, plain) {
				t.Errorf("svg: %q changes the elements: %q", attack, tags)
			}
			if strings.Contains(attack, "script") && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "script") }) {
				t.Errorf("svg: %q is not shown", attack)
			}
		}
	}
}

// parse returns the distinct elements of an SVG with their attributes' names, and its texts.
func parse(t *testing.T, text string) (tags, words []string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(tags)
			return slices.Compact(tags), words
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		switch x := token.(type) {
		case xml.StartElement:
			tag := x.Name.Local
			for _, a := range x.Attr {
				tag += " " + a.Name.Local
			}
			tags = append(tags, tag)
		case xml.CharData:
			words = append(words, string(x))
		case xml.Comment, xml.ProcInst, xml.Directive:
			t.Errorf("%T in\n%s", x, text)
		}
	}
}

// TestGraphvizReadsWhatIsWritten passes each attack to the real dot, if installed.
func TestGraphvizReadsWhatIsWritten(t *testing.T) {
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("no dot")
	}
	for _, attack := range attacks {
		c := exec.Command(dot, "-Tsvg")
		c.Stdin = strings.NewReader(written(t, hostile(attack), "", "dot"))
		out, err := c.Output()
		if err != nil {
			t.Errorf("%q: %v", attack, err)
			continue
		}
		if boxes := strings.Count(string(out), `class="node"`); boxes != 9 {
			t.Errorf("%q: %d boxes", attack, boxes)
		}
	}
}
