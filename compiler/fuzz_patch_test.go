package compiler

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"relayform/compiler/custom"
	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
)

// patchSeeds are patches and components that have been used, including as attacks.
var patchSeeds = []struct{ patch, component string }{
	{"", "kind: Component\nresources: [all.yaml]\nconfigMapGenerator: [{name: c, files: [k=data], envs: [env], literals: [a=b]}]\n"},
	{"- {op: copy, from: /metadata, path: /metadata/x}\n- {op: copy, from: /metadata, path: /metadata/y}\n", "kind: Component\npatches: [{path: patch.yaml, target: {kind: ConfigMap|Secret, name: '(a{10}){10}'}}]\n"},
	{`[{"op":"copy","from":"","path":"/metadata/x"},{"op":"move","from":"/a","path":"/b\/c"},{"op":"test","path":"/a/-1","value":null}]`, "kind: Component\npatchesStrategicMerge: [patch.yaml]\n"},
	{"apiVersion: v1\nkind: Namespace\nmetadata: {name: mesh, labels: {a: b}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {$patch: replace, a: b}\n", "kind: Component\nreplacements: [{source: {kind: Secret, fieldPath: data.a, options: {delimiter: '=', index: 1}}, targets: [{select: {kind: Secret}, fieldPaths: [data.b, 'x.[a=b].c', 'data.*'], options: {create: true}}]}]\n"},
	{"a: &a [x]\nb: [*a, *a]\n", "kind: Component\ntransformers:\n- |\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: n, namespace: x}\n"},
	{"$patch: delete\nkind: Namespace\napiVersion: v1\nmetadata: {name: mesh}\n", "kind: Component\nresources: ['http://127.0.0.1:1/x']\n"},
	{"kind: Namespace\nspec: {finalizers: [{name: a}, {name: a}, {$patch: merge}]}\n", "kind: Component\ncomponents: [./sub, ./sub]\nnamePrefix: a\nlabels: [{pairs: {a: b}, includeSelectors: true}]\n"},
	{"{kind: Namespace, <<: {a: b}}", "kind: Component\npatches: [{patch: '[{op: add, path: /a, value: {b: c}}]', target: {labelSelector: 'a in (b,c)', annotationSelector: '!a'}}]\n"},
	{"!!binary aGFsbG8=", "kind: Component\nimages: [{name: 'a*', newName: b}]\nreplicas: [{name: d, count: 3}]\nsortOptions: {order: fifo}\n"},
	{"\xff\xfe[\x00", "kind: Component\ngenerators: ['me@host:a/b']\nconfigurations: [conf.yaml]\n"},
}

// failing is an HTTP transport that fails the test when used.
type failing struct{ t *testing.T }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("%s is fetched", r.URL)
	return nil, errors.New("nothing is fetched")
}

// FuzzPatch checks that checking and building with any patch or component does not panic, hang or access the network.
func FuzzPatch(f *testing.F) {
	for _, s := range patchSeeds {
		f.Add(s.patch, s.component, true)
		f.Add(s.patch, s.component, false)
	}
	f.Setenv("PATH", f.TempDir())
	base := overlay.NewTree([]folder.File{
		{Name: "bases/all.yaml", Data: []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: mesh}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: mesh}\ndata: {a: Yg==}\n")},
		{Name: "bases/kustomization.yaml", Data: []byte("resources: [all.yaml]\n")},
	})
	f.Fuzz(func(t *testing.T, patch, component string, target bool) {
		transport := http.DefaultTransport
		http.DefaultTransport = failing{t}
		defer func() { http.DefaultTransport = transport }()
		began := time.Now()
		k := manifest.Kustomization{Resources: []string{"../bases"}}
		var cost custom.Cost
		if c, fault := custom.Patch("patch", patch, target); fault == nil && strings.TrimSpace(patch) != "" {
			p := manifest.Patch{Text: patch}
			if target {
				p.Target = map[string]string{"kind": "Secret|Namespace"}
			}
			k.Patches, cost = append(k.Patches, p), c
		}
		files := fstest.MapFS{}
		for name, text := range map[string]string{
			"kustomization.yaml": component, "patch.yaml": patch, "all.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n", "data": "b", "env": "A=b\n", "conf.yaml": "namePrefix: []\n",
			"sub/kustomization.yaml": "kind: Component\nnameSuffix: b\n",
		} {
			files["own/"+name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
		own, fault := custom.NewReader(files, func(name string, _ int64) ([]byte, error) { return files.ReadFile(name) }).Component("own")
		if fault == nil {
			cost.Add(own.Cost)
			k.Components = []string{"../../own"}
		}
		if cost.Check() == nil {
			w := overlay.NewWorkspace("/build", overlay.NewTree(append([]folder.File{{Name: "c/kustomization.yaml", Data: k.Marshal()}}, base...)))
			if own != nil {
				if err := w.Add("/", own.Files); err != nil {
					t.Errorf("what was judged is stopped later: %v", err)
				}
			}
			if _, err := w.Render("c"); err != nil && strings.Contains(err.Error(), "no 'git' program") {
				t.Error(err)
			}
		}
		if spent := time.Since(began); spent > 15*time.Second {
			t.Errorf("it takes %s", spent)
		}
	})
}
