package review_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/emit"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/review"
	"relayform/schema"
	"relayform/schema/diag"
)

// noon is the time at which states are compared, an hour after their certificates were issued.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

const fleet = `apiVersion: relayform/v1
kind: Topology
name: demo
management: {name: mgmt, relayAddress: "203.0.113.7:31443", ingress: {istio: {}}}
remotes:
  asia: {}
  core: {patches: [{path: a.yaml, target: {kind: Namespace}}]}
  edge: {}
pki: {selfSigned: {keyAlgorithm: ecdsa}}
`

// chapters are the lockfiles of a rotation, one phase after the other.
var chapters = []string{"0-before", "1-distribute", "2-issue", "3-drain", "4-retire", "5-after"}

// lockOf returns a chapter's lockfile.
func lockOf(t *testing.T, chapter int) *lockfile.File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../fixtures/rotation/story", chapters[chapter], "topology.lock.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// planOf returns the plan of a topology, in a folder with patches and a component.
func planOf(t *testing.T, text string) *plan.Plan {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml":                 "- {op: add, path: /metadata/labels/team, value: mesh}\n",
		"b.yaml":                 "- {op: add, path: /metadata/labels/team, value: relay}\n",
		"own/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [o.yaml]\n",
		"own/o.yaml":             "{apiVersion: v1, kind: ConfigMap, metadata: {name: own, namespace: own}}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	topology, doc, err := schema.ParseTopology("topology.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Resolve(topology, doc, root, plan.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stateOf returns the fleet with edits, pairs of old and new text, and a chapter's lockfile.
func stateOf(t *testing.T, name string, chapter int, edits ...string) review.State {
	t.Helper()
	text := fleet
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the topology has no %s", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	s := review.State{Name: name, Plan: planOf(t, text), Lock: lockOf(t, chapter)}
	s.Files = filesOf(t, s)
	return s
}

// filesOf returns what a state compiles to.
func filesOf(t *testing.T, s review.State) overlay.Tree {
	t.Helper()
	files, err := emit.Emit(s.Plan, s.Lock, delivery.Of(s.Plan, s.Lock), emit.Links{Keys: "../../keys", Topology: "../.."}, emit.RunbookPaths{Topology: "topology.yaml", Build: "build"})
	if err != nil {
		t.Fatal(err)
	}
	return overlay.NewTree(append([]folder.File{}, files...))
}

// reviewed returns the report on two states, as text.
func reviewed(t *testing.T, before *review.State, after review.State) string {
	t.Helper()
	return written(t, review.Review(before, after, "topology.yaml", noon), "text")
}

func written(t *testing.T, r *review.Report, format string) string {
	t.Helper()
	var b strings.Builder
	write := map[string]func() error{
		"text": func() error { return r.WriteText(&b, diag.Screen{}) }, "markdown": func() error { return r.WriteMarkdown(&b) }, "github": func() error { return r.WriteGitHub(&b) }, "sarif": func() error { return r.WriteSARIF(&b, "v1") }, "json": func() error { return r.WriteJSON(&b) },
	}
	if err := write[format](); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
