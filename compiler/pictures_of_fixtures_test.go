package compiler

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"relayform/compiler/graph"
	"relayform/compiler/pki"
	"relayform/schema/secrecy"
)

// TestEveryFixtureIsDrawn draws every fixture in every format, twice: the output is the same, without a key; each certificate in use is
// shown, and a path from each remote to the relay server.
func TestEveryFixtureIsDrawn(t *testing.T) {
	for name, project := range fixtures(t) {
		c := compileFixture(t, project)
		project.Keys = t.TempDir() // none is needed
		picture, err := Graph(project, Env{}, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, format := range graph.Formats {
			var once, again strings.Builder
			if err := errors.Join(picture.Write(&once, format), picture.Write(&again, format)); err != nil || once.String() != again.String() {
				t.Errorf("%s, %s: %v", name, format, err)
			}
			for _, cert := range c.lock.Certificates {
				if cert.Role == pki.Agent || cert.Role == pki.Root && format == "mermaid" {
					continue
				}
				if want := fmt.Sprintf("%s %d", cert.Role, cert.Generation); !strings.Contains(once.String(), want) {
					t.Errorf("%s, %s: %s is not in the picture", name, format, want)
				}
			}
			if found := secrecy.Find([]byte(once.String())); len(found) > 0 {
				t.Errorf("%s, %s: %v", name, format, found)
			}
			if format == "svg" {
				for d := xml.NewDecoder(strings.NewReader(once.String())); err == nil; {
					_, err = d.Token()
				}
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		mesh := picture.Parts[0]
		for i, n := range mesh.Nodes {
			if n.Column == 0 && !leads(mesh, i, graph.Server) {
				t.Errorf("%s: no way from %s to the relay server", name, n.Name)
			}
		}
		for _, n := range picture.Parts[1].Nodes {
			if n.Column > 0 && n.Kind != graph.Missing && !signed(picture.Parts[1], n.Name) {
				t.Errorf("%s: nobody signed %s", name, n.Name)
			}
		}
	}
}

// leads reports whether arrows lead from a box to one of a kind.
func leads(p graph.Part, from int, to graph.Kind) bool {
	if p.Nodes[from].Kind == to {
		return true
	}
	for _, e := range p.Edges {
		if e.From == from && leads(p, e.To, to) {
			return true
		}
	}
	return false
}

func signed(p graph.Part, name string) bool {
	for _, e := range p.Edges {
		if p.Nodes[e.To].Name == name {
			return true
		}
	}
	return false
}
