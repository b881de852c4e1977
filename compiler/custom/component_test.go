package custom

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"relayform/compiler/folder"
	"relayform/schema/diag"
)

// disk returns a file system with these files.
func disk(files map[string]string) fstest.MapFS {
	d := fstest.MapFS{}
	for name, text := range files {
		d[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return d
}

// reader returns a Reader for a file system in memory.
func reader(d fstest.MapFS) *Reader {
	return NewReader(d, func(name string, limit int64) ([]byte, error) {
		info, err := d.Stat(name)
		switch {
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, &folder.KindError{Mode: info.Mode()}
		case info.Size() > limit:
			return nil, &folder.SizeError{Size: info.Size(), Limit: limit}
		}
		return d.ReadFile(name)
	})
}

// honest is a component that uses kustomize's usual features.
var honest = map[string]string{
	"x/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
metadata: {name: extras}
namespace: mesh
labels: [{pairs: {a: b}}]
commonAnnotations: {docs: "https://example.com/a?ref=b"}
images: [{name: nginx, newTag: "1.2"}]
resources: [all.yaml, ./own, ../base, list.json]
components: [../common]
configurations: [conf.yaml]
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator:
- name: c
  files: [all.yaml, key=data/one.txt]
  envs: [data/env]
  literals: ["url=http://example.com", "ref=git@github.com:a/b"]
secretGenerator: [{name: s, env: data/env, type: Opaque}]
patches:
- path: patch.yaml
- target: {kind: Deployment, name: "a.*"}
  patch: |-
    - {op: replace, path: /spec/replicas, value: 2}
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: a}
patchesStrategicMerge:
- patch.yaml
- |
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: a}
replacements:
- path: replacement.yaml
- source: {kind: ConfigMap, name: c, fieldPath: data.a}
  targets: [{select: {kind: Deployment}, fieldPaths: [metadata.name]}]
transformers:
- |
  apiVersion: builtin
  kind: AnnotationsTransformer
  metadata: {name: a}
  annotations: {docs: "https://example.com"}
  fieldSpecs: [{path: metadata/annotations, create: true}]
- labels.yaml
`,
	"x/all.yaml":                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {y: 1, 2: x, \"t\\tz\": !!str 3}\n---\n# nothing\n---\nkind: Secret\n",
	"x/list.json":                 "{\n\t\"kind\": \"List\", \"items\": [{\"kind\": \"A\"}, {\"kind\": \"B\", \"path\": \"a\\/b\"}]}\n",
	"x/own/kustomization.yml":     "resources: [one.yaml]\n",
	"x/own/one.yaml":              "{kind: A}",
	"base/Kustomization":          "resources: []\n",
	"common/kustomization.yaml":   "kind: Component\n",
	"x/conf.yaml":                 "namePrefix: []\n",
	"x/data/one.txt":              "&a [*a, *a] is no YAML here\n",
	"x/data/env":                  "A=b\n",
	"x/patch.yaml":                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
	"x/replacement.yaml":          "- source: {kind: A}\n  targets: []\n",
	"x/labels.yaml":               "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: a}\nlabels: {a: b}\n",
	"x/unused/kustomization.yaml": "resources: [https://example.com]\n",
}

// TestHonestComponentsPass reads a component with everything that it names, and nothing else.
func TestHonestComponentsPass(t *testing.T) {
	r := reader(disk(honest))
	c, fault := r.Component("x")
	if fault != nil {
		t.Fatal(fault)
	}
	var names []string
	for _, f := range c.Files {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) != len(honest)-1 || slices.Contains(names, "x/unused/kustomization.yaml") {
		t.Errorf("read %q", names)
	}
	if c.Cost.Folders != 4 || c.Cost.Objects != 6 {
		t.Errorf("%+v", c.Cost)
	}
	if again, _ := r.Component("./x/"); again != c {
		t.Error("it is read twice")
	}
}

// TestWhatIsRefusedOfAComponent breaks the component in one place at a time.
func TestWhatIsRefusedOfAComponent(t *testing.T) {
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	for _, c := range []struct{ name, file, old, put, want string }{
		{"no such file", "x/kustomization.yaml", "all.yaml, ./own", "none.yaml, ./own", "x/kustomization.yaml:8: none.yaml: no such file"},
		{"above", "x/kustomization.yaml", "../base", "../../base", "leaves the topology's directory"},
		{"a file of another folder", "x/kustomization.yaml", "path: patch.yaml", "path: ../base/Kustomization", "is outside x"},
		{"absolute", "x/kustomization.yaml", "data/env", "/etc/passwd", "absolute path"},
		{"home", "x/kustomization.yaml", "data/env", "~/x", "absolute path"},
		{"unknown key", "x/kustomization.yaml", "images:", "image:", "image: no such key"},
		{"unknown key inside", "x/kustomization.yaml", "env: data/env", "envFrom: data/env", "envFrom: no such key"},
		{"text for a list", "x/kustomization.yaml", "components: [../common]", "components: ../common", "want a list"},
		{"block for a text", "x/kustomization.yaml", "components: [../common]", "components: [{a: ../common}]", "want text"},
		{"block for a path", "x/kustomization.yaml", "path: patch.yaml", "path: {a: b}", "want text"},
		{"alias in a patch", "x/patch.yaml", "name: a", "name: &a a, x: *a", "x/patch.yaml:3: aliases are refused"},
		{"alias in an object", "x/own/one.yaml", "kind: A", "kind: &a A, x: *a", "x/own/one.yaml:1: aliases are refused"},
		{"alias in a text", "x/kustomization.yaml", "value: 2}", "value: &a [*a]}", "aliases are refused"},
		{"deep object", "x/own/one.yaml", "A", deep, "64 levels"},
		{"deep patch", "x/patch.yaml", "name: a", "name: " + deep, "64 levels"},
		{"UTF-16", "x/own/one.yaml", "{kind: A}", "\xff\xfe{\x00", "UTF-16"},
		{"broken", "x/own/one.yaml", "{kind: A}", "{kind", "x/own/one.yaml:1: not valid YAML"},
		{"plugin of another", "x/labels.yaml", "builtin", "example.com/v1", "no program is run"},
		{"plugin that opens", "x/labels.yaml", "LabelTransformer", "PatchTransformer", "PatchTransformer opens files"},
		{"folder of plugins", "x/kustomization.yaml", "- labels.yaml", "- ./own", "a folder; want a file"},
		{"patch with a name of a folder", "x/kustomization.yaml", "path: patch.yaml", "path: own", "a folder; want a file"},
		{"two kustomizations", "x/own/kustomization.yaml", "", "resources: []", "x/own has kustomization.yaml and kustomization.yml"},
		{"a circle", "common/kustomization.yaml", "kind", "components: [../x]\nkind", "includes itself"},
		{"dots", "x/kustomization.yaml", "./own", "./own - ..own/../own", "kustomize refuses folders with .."},
	} {
		files := disk(honest)
		text := ""
		if files[c.file] != nil {
			text = string(files[c.file].Data)
		}
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s: %s has no %q", c.name, c.file, c.old)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.put, 1)), Mode: 0o644}
		_, fault := reader(files).Component("x")
		if fault == nil || !strings.Contains(fault.Message, c.want) || fault.Code != diag.BadComponent && fault.Code != diag.LimitExceeded {
			t.Errorf("%s: %+v; want %s", c.name, fault, c.want)
		}
	}
}

// TestCostsCountWhatIsNamedAgain names a folder and a file many times.
func TestCostsCountWhatIsNamedAgain(t *testing.T) {
	files := map[string]string{"a/20/kustomization.yaml": "kind: Component\n"}
	for i := range 20 {
		files[fmt.Sprintf("a/%d/kustomization.yaml", i)] = fmt.Sprintf("kind: Component\ncomponents: [../%d, ../%[1]d]\n", i+1)
	}
	r := reader(disk(files))
	if c, fault := r.Component("a/14"); fault != nil || c.Cost.Folders != 127 {
		t.Errorf("%v %v", c, fault)
	}
	for _, dir := range []string{"a/0", "a/12"} {
		if _, fault := r.Component(dir); fault == nil || fault.Code != diag.LimitExceeded || !strings.Contains(fault.Message, "256 folders") {
			t.Errorf("%s: %v", dir, fault)
		}
	}
}

// TestCostsStopAtMost adds costs without an overflow.
func TestCostsStopAtMost(t *testing.T) {
	c := Cost{Folders: 1, Bytes: 1 << 20, Objects: 1000, Copies: 1, Each: work{Text: 1 << 20, Entries: 1 << 20, Keys: 1 << 20, Operations: 1 << 20}, Passes: 1 << 20, List: 1 << 20, Map: 1 << 20, Squares: 1 << 20}
	for range 60 {
		c.Add(c)
	}
	c.Folders, c.Bytes, c.Objects = 1, 1, most
	for _, part := range c.steps() {
		if part.steps <= MaxSteps {
			t.Errorf("%+v", part)
		}
	}
	if c.Objects = 1; c.Check() == nil {
		t.Error("all this is accepted")
	}
}
