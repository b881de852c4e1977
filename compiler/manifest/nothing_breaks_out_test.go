package manifest

import (
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/product"
)

// TestNothingBreaksOutOfAKustomization writes one whose comments, names and patches contain YAML syntax: a parser finds exactly what was
// written.
func TestNothingBreaksOutOfAKustomization(t *testing.T) {
	for _, s := range []string{
		"plain", "with: colon", "- dash", "# hash", "two\nlines", "two\n\nlines\n", "resources: [evil]", "yes", "12", "", " lead", "trail ", "a: |\n  b\n\n  c", "tab\tx", "quote'\"", "{a: b}", "- {op: remove, path: /data}\n",
	} {
		name := strings.ReplaceAll(s, "\n", " ") // no name or path has a line break
		k := Kustomization{
			Comment: "first\n" + s, Resources: []string{"r", name}, Components: []string{name},
			Patches: []Patch{{Path: "p" + name}, {Text: s}, {Text: s, Target: map[string]string{"kind": "K", "name": name}}, {Text: "end"}},
		}
		for _, component := range []bool{false, true} {
			k.Component = component
			var got map[string]any
			if err := yaml.UnmarshalStrict(k.Marshal(), &got); err != nil {
				t.Fatalf("%q: %v\n%s", s, err, k.Marshal())
			}
			kind, version := "Kustomization", "v1beta1"
			if component {
				kind, version = "Component", "v1alpha1"
			}
			want := map[string]any{
				"apiVersion": "kustomize.config.k8s.io/" + version, "kind": kind, "resources": []any{"r", name}, "components": []any{name},
				"patches": []any{map[string]any{"path": "p" + name}, map[string]any{"patch": s}, map[string]any{"patch": s, "target": map[string]any{"kind": "K", "name": name}}, map[string]any{"patch": "end"}},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q: got\n%s", s, k.Marshal())
			}
			if n := strings.Count(string(k.Marshal()), "\n# "+strings.Split(s, "\n")[0]+"\n"); n != 1 && s != "" {
				t.Errorf("%q: %d comments hold it:\n%s", s, n, k.Marshal())
			}
			for line := range strings.Lines(string(k.Marshal())) {
				if strings.Contains(line, "evil") && !strings.HasPrefix(line, "# ") && !strings.Contains(s, "evil") {
					t.Errorf("%q: a comment became YAML: %s", s, line)
				}
			}
		}
	}
	if got := string((Kustomization{}).Marshal()); got != "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" {
		t.Errorf("one that holds nothing: %s", got)
	}
}

// TestScalarsReadBack parses every word back as the same text.
func TestScalarsReadBack(t *testing.T) {
	fills := make(Scalars)
	for _, w := range words {
		for _, text := range []string{Text(w), fills.text(w), fills.text(w)} {
			var got map[string]any
			if err := yaml.Unmarshal([]byte("k: "+text+"\n"), &got); err != nil || got["k"] != w {
				t.Errorf("%q is written %s and read as %#v: %v", w, text, got["k"], err)
			}
		}
	}
}

// TestObjectsCarryRelayformsLabel creates objects whose labels claim a different manager: prune goes by the label.
func TestObjectsCarryRelayformsLabel(t *testing.T) {
	theirs := map[string]string{ManagedByLabel: "somebody", "a": "b"}
	o := New("v1", "Secret", "mesh", "n", theirs, nil)
	if want := map[string]string{ManagedByLabel: "relayform", "a": "b"}; !reflect.DeepEqual(o.Metadata.Labels, want) || theirs[ManagedByLabel] != "somebody" {
		t.Errorf("labels %v of %v", o.Metadata.Labels, theirs)
	}
	n := Namespace("mesh")
	if n.Metadata.Namespace != "" || n.Metadata.Name != "mesh" || n.Metadata.Labels["istio-injection"] != "disabled" || n.Metadata.Labels[ManagedByLabel] != ManagedBy {
		t.Errorf("a sidecar breaks the relay's pods, and nothing keeps it away: %+v", n)
	}
	text, err := Marshal(n, o)
	if err != nil || strings.Count(string(text), "---\n") != 1 || strings.HasPrefix(string(text), "---") {
		t.Errorf("%v:\n%s", err, text)
	}
	if _, err := Marshal(New("v1", "Secret", "", "n", nil, func() {})); err == nil {
		t.Error("what cannot be written is left out")
	}
}

// TestKindsAreToldApart has kinds with the same name in two groups: deleting one must not delete the other.
func TestKindsAreToldApart(t *testing.T) {
	secret, gateway, other := Kind{Name: "Secret", Resource: "secrets"}, Kind{Group: "networking.istio.io", Name: "Gateway", Resource: "gateways"}, Kind{Group: "gateway.networking.k8s.io", Name: "Gateway", Resource: "gateways"}
	i := Identity{Group: "networking.istio.io", Kind: "Gateway", Namespace: "mesh", Name: "n"}
	if !i.Is(gateway) || i.Is(other) || i.Is(secret) || i.Is(Kind{Group: "networking.istio.io", Name: "VirtualService", Resource: "virtualservices"}) {
		t.Error("kinds are mixed up")
	}
	for got, want := range map[string]string{
		i.String(): "gateway.networking.istio.io/n", Identity{Kind: "Secret", Name: "s"}.String(): "secret/s",
		gateway.String(): "gateways.networking.istio.io", secret.String(): "secrets",
		Group("networking.istio.io/v1"): "networking.istio.io", Group("v1"): "", Group(""): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestValuesKeepTheirNeighbours sets values in one map from several settings.
func TestValuesKeepTheirNeighbours(t *testing.T) {
	text, err := Values([]product.Setting{{Path: "a.b.c", Value: 1}, {Path: "a.b.d", Value: "x"}, {Path: "a.e", Value: true}, {Path: "f", Value: "y"}, {Path: "a.b.c", Value: 2}})
	if want := "a:\n  b:\n    c: 2\n    d: x\n  e: true\nf: \"y\"\n"; err != nil || string(text) != want {
		t.Errorf("%v: got\n%s", err, text)
	}
	if _, err := Values([]product.Setting{{Path: "a", Value: func() {}}}); err == nil {
		t.Error("what cannot be written is left out")
	}
}

// TestAgentsValuesNameTheirCluster refuses settings with which an agent would not get its own name or the relay's address, or would get
// someone else's.
func TestAgentsValuesNameTheirCluster(t *testing.T) {
	type settings = func(name, address string) []product.Setting
	set := func(values ...string) []product.Setting {
		var s []product.Setting
		for i, v := range values {
			s = append(s, product.Setting{Path: string(rune('a' + i)), Value: v})
		}
		return s
	}
	for name, c := range map[string]struct {
		settings settings
		want     string
	}{
		"name first":        {func(n, a string) []product.Setting { return set(n, a, "z") }, "a: edge-one\nb: relay:1\nc: z\n"},
		"address first":     {func(n, a string) []product.Setting { return set(a, n, "z") }, "a: relay:1\nb: edge-one\nc: z\n"},
		"name twice":        {func(n, a string) []product.Setting { return set(n, a, n) }, ""},
		"no name":           {func(_, a string) []product.Setting { return set(a) }, ""},
		"no address":        {func(n, _ string) []product.Setting { return set(n) }, ""},
		"always an address": {func(n, _ string) []product.Setting { return set(n, addressHole) }, ""},
		"unwritable": {func(n, a string) []product.Setting {
			return append(set(n, a), product.Setting{Path: "z", Value: func() {}})
		}, ""},
	} {
		values, err := NewAgentValues("", c.settings)
		if (err == nil) != (c.want != "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if got := string(values.Fill(make(Scalars), "edge-one", "relay:1")); got != c.want {
				t.Errorf("%s: got\n%s", name, got)
			}
		}
	}
}
