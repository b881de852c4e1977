package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// TestManifestsMakeAMesh verifies rendered manifests in various folder layouts: which files are clusters, which is the management cluster,
// and which run agents is determined only from them.
func TestManifestsMakeAMesh(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	holds := map[string]string{}
	err := Render(s.project, s.env(), nil, RenderOptions{}, func(cluster string, yaml []byte) error {
		holds[cluster] = string(yaml)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mgmt, remote := holds["mgmt-cluster"], holds["remote-cluster"]
	without := func(text, secret string) string {
		var kept []string
		for _, doc := range strings.Split(text, "\n---\n") {
			if !strings.Contains(doc, "name: "+secret+"\n") {
				kept = append(kept, doc)
			}
		}
		return strings.Join(kept, "\n---\n")
	}
	only := func(text, secret string) string {
		for _, doc := range strings.Split(text, "\n---\n") {
			if strings.Contains(doc, "name: "+secret+"\n") {
				return doc
			}
		}
		return ""
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		from  From
		want  string // clusters, connected agents, and codes of errors; or the error
	}{
		{"a file for each", map[string]string{"a.yaml": mgmt, "b.yml": remote}, From{}, "a b; b"},
		{"a folder for each", map[string]string{"a/all.yaml": mgmt, "b/deep/er.yaml": remote}, From{}, "a b; b"},
		{"several files in a folder", map[string]string{"a/all.yaml": mgmt, "b/root.yaml": without(remote, relay.Secret(product.Token)), "b/token.yaml": only(remote, relay.Secret(product.Token))}, From{}, "a b; b"},
		{"other files beside them", map[string]string{"a.yaml": mgmt, "b.yaml": remote, "notes.txt": "{", "values.yaml": "a: 1", "b.yaml.orig": remote}, From{}, "a b; b"},
		{"an object that is no relay's", map[string]string{"a.yaml": mgmt, "b.yaml": remote, "c.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n", "notes.txt": "{"}, From{}, "a b; b"},
		{"the management cluster alone", map[string]string{"a.yaml": mgmt}, From{}, "a; a"},
		{"alone and without a root", map[string]string{"a.yaml": without(mgmt, relay.Secret(pki.Root))}, From{}, "a; "},
		{"without the server's Secret", map[string]string{"a.yaml": without(mgmt, relay.Secret(pki.Server)), "b.yaml": remote}, From{}, "a b; b; secret-missing"},
		{"without the signing CA's Secret", map[string]string{"a.yaml": without(mgmt, relay.Secret(pki.Signing)), "b.yaml": remote}, From{}, "a b; b; secret-missing"},
		{"a remote is named as the management cluster", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Management: "b"}, "a b; a; private-key-exposed secret-missing"},
		{"another namespace", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Namespace: "elsewhere"}, "no cluster holds the relay server's Secret relay-server-tls-secret in the namespace elsewhere; a has one in gloo-mesh"},
		{"its namespace", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Namespace: "gloo-mesh"}, "a b; b"},
		{"another authority", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Authority: "relay.example.com"}, "a b; b; authority-uncovered"},
		{"another product", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Product: "gloo-platform"}, "a b; b; authority-uncovered"},
		{"no such product", map[string]string{"a.yaml": mgmt, "b.yaml": remote}, From{Product: "gloo"}, "no such product"},
		{"a Secret twice in a folder", map[string]string{"a/1.yaml": mgmt, "a/2.yaml": only(mgmt, relay.Secret(pki.Root)), "b.yaml": remote}, From{}, "is there twice: also in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.files {
				path := filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c.from.Paths, c.from.Names = []string{dir}, verify.NamesOf(product.Profiles[0])
			r, err := VerifyFrom(c.from, s.env(), fixtureTime)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			var agents, faults []string
			for _, x := range r.Connections {
				agents = append(agents, x.Clusters...)
			}
			seen := map[string]bool{}
			for _, f := range r.Findings {
				if f.Severity == verify.Error && !seen[string(f.Code)] {
					seen[string(f.Code)] = true
					faults = append(faults, string(f.Code))
				}
			}
			got := fmt.Sprintf("%s; %s", strings.Join(r.Clusters, " "), strings.Join(agents, " "))
			if len(faults) > 0 {
				got += "; " + strings.Join(faults, " ")
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
