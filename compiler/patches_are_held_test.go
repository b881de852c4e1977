package compiler

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// write gives the project these patches and components, and returns the path of the field that names them.
func (c customization) write(s *testProject) string {
	s.Helper()
	additions, field := "components: [own]", "components[0]"
	if c.patch != "" {
		s.write("patch.yaml", []byte(c.patch))
		additions, field = "patches: [{path: patch.yaml}]", "patches[0].path"
		if c.target != "" {
			additions = "patches: [{path: patch.yaml, target: " + c.target + "}]"
		}
	}
	for name, text := range c.files {
		if name == "k" {
			name, text = "kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"+text+"\n"
		}
		s.write("own/"+name, []byte(text))
	}
	ingress, management, edge := "{istio: {}}", "", ""
	switch c.at {
	case "edge":
		field, edge = "remotes.edge."+field, additions
	case "pinned":
		ingress = "{nodePort: {nodePort: 31443}}"
		fallthrough
	default:
		field, management = "management."+field, additions
	}
	s.write("topology.yaml", fmt.Appendf(nil, "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement:\n  name: mgmt\n  ingress: %s\n  %s\nremotes:\n  core: {}\n  edge:\n    context: edge\n    %s\npki: {selfSigned: {keyAlgorithm: ecdsa}}\n", ingress, management, edge))
	return field
}

// newCustoms returns a project with certificates, whose patches and components a test changes.
func newCustoms(t *testing.T) *testProject {
	t.Helper()
	s := newTestProject(t)
	allowed[0].write(s)
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// saidOfCase is what each command says of case n that builds overlays: all of them in make long, else one in turn.
func (s *testProject) saidOfCase(n int) map[string]error {
	keyless := s.project
	keyless.Keys = filepath.Join(filepath.Dir(s.project.Keys), "not-here")
	visit := func(string, []byte) error { return nil }
	commands := []struct {
		name string
		do   func() error
	}{
		{"compile", func() error { _, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); return err }},
		{"render", func() error { return Render(s.project, s.env(), nil, RenderOptions{}, visit) }},
		{"render --public", func() error { return Render(keyless, s.env(), nil, RenderOptions{Public: true}, visit) }},
		{"verify", func() error { _, err := Verify(s.project, Env{NewKey: pki.GenerateKey}, fixtureTime); return err }},
		{"verify without keys", func() error { _, err := Verify(keyless, Env{NewKey: pki.GenerateKey}, fixtureTime); return err }},
	}
	said := map[string]error{}
	for i, c := range commands {
		if everyCase() || i == n%len(commands) {
			said[c.name] = c.do()
		}
	}
	return said
}

// TestWhatCountsIsHeld makes each change of what relayform is responsible for: every command that builds the overlay refuses it, at its
// line.
func TestWhatCountsIsHeld(t *testing.T) {
	t.Parallel()
	s := newCustoms(t)
	for n, c := range refused {
		field := c.write(s)
		for how, err := range s.saidOfCase(n) {
			var faults diag.List
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != field || faults[0].Line == 0 {
				t.Errorf("%s: %s: got %v; want one fault at %s", c.name, how, err, field)
				continue
			}
			said := faults[0].Message + " / " + faults[0].Hint
			rest := said
			for _, word := range strings.Split(c.want, " … ") {
				_, after, ok := strings.Cut(rest, word)
				if rest = after; !ok {
					t.Errorf("%s: %s: got %q; want %q in it", c.name, how, said, c.want)
					break
				}
			}
			if strings.Contains(said, filepath.Dir(s.project.Topology)) {
				t.Errorf("%s: %s: %q has a path of this machine", c.name, how, said)
			}
		}
	}
}

// TestWhatUsersAddIsTheirs makes changes that do not affect what relayform is responsible for.
func TestWhatUsersAddIsTheirs(t *testing.T) {
	s := newCustoms(t)
	for n, c := range allowed {
		c.write(s)
		for how, err := range s.saidOfCase(n) {
			if err != nil {
				t.Errorf("%s: %s: %v", c.name, how, err)
			}
		}
	}
}

// TestTheOneAtFaultIsBlamed adds many patches and components, a few of them at fault: each is reported at its own position, except those
// that another reverts, or that only need what another adds.
func TestTheOneAtFaultIsBlamed(t *testing.T) {
	const (
		component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
		label     = "- {op: add, path: /metadata/labels/team, value: mesh}\n"
	)
	s := newCustoms(t)
	for name, text := range map[string]string{
		"good.yaml": label, "type.yaml": "- {op: replace, path: /type, value: own}\n", "back.yaml": "- {op: replace, path: /type, value: Opaque}\n",
		"data.yaml": "- {op: remove, path: /data}\n", "label.yaml": "- {op: remove, path: /metadata/labels/app.kubernetes.io~1managed-by}\n",
		"wants.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own, namespace: gloo-mesh, labels: {a: b}}\n", "broken.yaml": "hello\n",
		"fine/kustomization.yaml":   component + "commonAnnotations: {a: b}\n",
		"prefix/kustomization.yaml": component + "namePrefix: own-\nresources: [o.yaml]\n",
		"prefix/o.yaml":             "{apiVersion: v1, kind: ConfigMap, metadata: {name: own, namespace: gloo-mesh}}\n",
	} {
		s.write(name, []byte(text))
	}
	for _, c := range []struct{ components, patches, want []string }{
		{nil, []string{"good", "good", "data", "good", "good", "label", "good"}, []string{"patches[2].path", "patches[5].path"}},
		{nil, []string{"good", "type", "good", "back", "good", "data"}, []string{"patches[5].path"}},
		{nil, []string{"type", "type", "type"}, []string{"patches[0].path", "patches[1].path", "patches[2].path"}},
		{nil, []string{"good", "label", "good", "broken", "good"}, []string{"patches[1].path", "patches[3].path"}},
		{[]string{"fine", "prefix", "fine"}, []string{"good"}, []string{"components[1]"}},
		{[]string{"prefix"}, []string{"wants"}, []string{"components[0]"}},
	} {
		edge := "components: [" + strings.Join(c.components, ", ") + "]\n    patches:\n"
		for _, patch := range c.patches {
			edge += "    - {path: " + patch + ".yaml"
			if patch != "wants" {
				edge += ", target: {kind: Secret, name: .*root.*}"
			}
			edge += "}\n"
		}
		s.write("topology.yaml", []byte("apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: mgmt, ingress: {istio: {}}}\nremotes:\n  edge:\n    "+edge+"pki: {selfSigned: {keyAlgorithm: ecdsa}}\n"))
		_, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
		var faults diag.List
		errors.As(err, &faults)
		var got, want []string
		for _, f := range faults {
			got = append(got, f.Path)
		}
		for _, w := range c.want {
			want = append(want, "remotes.edge."+w)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, %v: got %v, want %v: %v", c.components, c.patches, got, want, err)
		}
	}
}
