package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

const renderedTopology = `apiVersion: relayform/v1
kind: Topology
name: demo
management: {name: mgmt, relayAddress: "203.0.113.7:31443", ingress: {istio: {}}}
remotes:
  asia: {}
  core: {patches: [{path: label.yaml, target: {kind: Namespace}}]}
  edge: {}
  west: {components: [own]}
pki: {selfSigned: {keyAlgorithm: ecdsa}}
`

// newRendered returns a compiled project with two plain remotes around a patched one, and one with a component whose Secrets have the names
// of relayform's in another namespace.
func newRendered(t *testing.T) *testProject {
	t.Helper()
	s := newTestProject(t)
	s.write("topology.yaml", []byte(renderedTopology))
	s.write("label.yaml", []byte("- {op: add, path: /metadata/labels/team, value: mesh}\n"))
	s.write("own/kustomization.yaml", []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [o.yaml]\n"))
	s.write("own/o.yaml", []byte("{apiVersion: v1, kind: Secret, metadata: {name: relay-identity-token-secret, namespace: own}, data: {token: bWluZQ==}}\n---\n"+
		"{apiVersion: v1, kind: Secret, metadata: {name: relay-server-tls-secret, namespace: own}, data: {tls.key: bWluZQ==}}\n"))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// visited renders clusters, and returns what was visited, in order, with the texts by name.
func (s *testProject) visited(o RenderOptions, clusters ...string) (order []string, texts map[string]string, err error) {
	texts = map[string]string{}
	err = Render(s.project, s.env(), clusters, o, func(cluster string, yaml []byte) error {
		order = append(order, cluster)
		texts[cluster] = string(yaml)
		return nil
	})
	return order, texts, err
}

// TestClustersAreRenderedInTheOrderAsked renders all of them, some of them, and one of them twice: each has its own objects, though
// identical ones are built once.
func TestClustersAreRenderedInTheOrderAsked(t *testing.T) {
	s := newRendered(t)
	_, all, err := s.visited(RenderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{nil, {"edge"}, {"west", "edge", "core", "mgmt", "asia"}, {"asia", "core", "asia"}} {
		order, texts, err := s.visited(RenderOptions{}, want...)
		if want == nil {
			want = []string{"mgmt", "asia", "core", "edge", "west"}
		}
		if err != nil || !slices.Equal(order, want) {
			t.Errorf("asked for %v, got %v: %v", want, order, err)
		}
		for name, text := range texts {
			own := map[string]bool{"kind: Gateway": name == "mgmt", "team: mesh": name == "core", "namespace: own": name == "west"}
			for part, there := range own {
				if strings.Contains(text, part) != there {
					t.Errorf("%s: %s is there: %v", name, part, !there)
				}
			}
			if text != all[name] || text == "" {
				t.Errorf("%s: another text than among all", name)
			}
		}
	}
	stop := errors.New("stop")
	visits := 0
	err = Render(s.project, s.env(), nil, RenderOptions{}, func(string, []byte) error { visits++; return stop })
	if !errors.Is(err, stop) || visits != 1 {
		t.Errorf("after an error %d visits: %v", visits, err)
	}
}

// TestPublicRenderingHoldsNothingPrivate renders with keys and without: public output lacks only private values, and includes
// customizations.
func TestPublicRenderingHoldsNothingPrivate(t *testing.T) {
	s := newRendered(t)
	_, whole, err := s.visited(RenderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keys := s.project.Keys
	for _, at := range []string{keys, filepath.Join(filepath.Dir(keys), "not-here")} {
		s.project.Keys = at
		_, public, err := s.visited(RenderOptions{Public: true})
		if err != nil {
			t.Fatal(err)
		}
		for cluster, text := range public {
			if cluster != "west" && (strings.Contains(text, relay.Keys.Key+":") || strings.Contains(text, relay.Secret(product.Token))) {
				t.Errorf("%s: shows what is private, or words in its place:\n%s", cluster, text)
			}
			secrets, err := manifest.ReadSecrets([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			before, err := manifest.ReadSecrets([]byte(whole[cluster]))
			if err != nil {
				t.Fatal(err)
			}
			now := map[string]manifest.Secret{}
			for _, secret := range secrets {
				now[secret.Namespace+"/"+secret.Name] = secret
			}
			for _, secret := range before {
				shown, there := now[secret.Namespace+"/"+secret.Name]
				if token := secret.Namespace == "gloo-mesh" && secret.Name == relay.Secret(product.Token); there == token {
					t.Errorf("%s: Secret %s/%s is shown: %v", cluster, secret.Namespace, secret.Name, there)
				}
				for key, value := range secret.Data {
					if private := key == relay.Keys.Key && secret.Namespace == "gloo-mesh"; there && (string(shown.Data[key]) == string(value)) == private {
						t.Errorf("%s: %s of Secret %s/%s is %q", cluster, key, secret.Namespace, secret.Name, shown.Data[key])
					}
				}
			}
		}
	}
	private := new(PrivateError)
	if _, _, err := s.visited(RenderOptions{}); !errors.As(err, &private) || !strings.Contains(err.Error(), "restore the keys from where they are kept") {
		t.Errorf("without keys: %v", err)
	}
	if _, err := os.Lstat(s.project.Keys); err == nil {
		t.Error("a key store was made by looking")
	}
}

// TestRenderingRefusesWhatIsNotThere names unknown clusters, and asks for what only one has.
func TestRenderingRefusesWhatIsNotThere(t *testing.T) {
	s := newRendered(t)
	for _, c := range []struct {
		cluster  string
		register bool
		want     string
	}{
		{"edg", false, "edg: no such cluster in the topology; did you mean edge?"}, {"zzzzzz", false, "zzzzzz: no such cluster in the topology"},
		{"edg", true, "edg: no such cluster"}, {"edge", true, "edge: only the management cluster, mgmt, has a register overlay"},
	} {
		if order, _, err := s.visited(RenderOptions{Register: c.register}, "mgmt", c.cluster); err == nil || err.Error() != c.want && !strings.HasPrefix(err.Error(), c.want) || len(order) > 0 {
			t.Errorf("%s: visited %v: %v, want %s", c.cluster, order, err, c.want)
		}
	}
	order, texts, err := s.visited(RenderOptions{Register: true, Public: true}, "mgmt")
	if err != nil || len(order) != 1 || strings.Count(texts["mgmt"], "kind: KubernetesCluster") != 4 || strings.Contains(texts["mgmt"], "kind: Secret") {
		t.Errorf("register: %v:\n%s", err, texts["mgmt"])
	}
	// What is due is issued only by a compile.
	s.write("topology.yaml", []byte(strings.Replace(renderedTopology, "name: mgmt,", "name: mgmt, authority: relay.example.com,", 1)))
	before := s.all()
	var due issue.DueError
	if _, _, err := s.visited(RenderOptions{}); !errors.As(err, &due) {
		t.Errorf("with a certificate that is due: %v", err)
	}
	if after := s.all(); len(after) != len(before) || after["topology.lock.yaml"] != before["topology.lock.yaml"] {
		t.Error("something was issued")
	}
	s.write("topology.yaml", []byte(strings.Replace(renderedTopology, "label.yaml", "gone.yaml", 1)))
	var faults diag.List
	if _, _, err := s.visited(RenderOptions{}); !errors.As(err, &faults) {
		t.Errorf("with a patch that is gone: %v", err)
	}
}

// TestRenderingJudgesEachCluster has the last of several clusters changed, after identical ones: what compile refuses is never shown.
func TestRenderingJudgesEachCluster(t *testing.T) {
	s := newRendered(t)
	s.write("own/kustomization.yaml", []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: own-\n"))
	for _, clusters := range [][]string{nil, {"west"}, {"edge", "asia", "west"}} {
		order, _, err := s.visited(RenderOptions{}, clusters...)
		var faults diag.List
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "remotes.west.components[0]" || slices.Contains(order, "west") {
			t.Errorf("%v: visited %v: %v", clusters, order, err)
		}
	}
}
