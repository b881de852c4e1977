package compiler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/folder"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/schema"
)

// TestEveryFieldIsHandled removes each field of the schema from a fixture that sets it, and checks that the compile differs: in what it
// emits, in what it would issue, or in what it refuses.
func TestEveryFieldIsHandled(t *testing.T) {
	cases := fixtures(t)
	names := make([]string, 0, len(cases))
	for name := range cases {
		names = append(names, name)
	}
	slices.Sort(names)
	outcomes := map[string]string{}
	before := func(name string) string {
		if _, ok := outcomes[name]; !ok {
			var doc map[string]any
			if err := yaml.Unmarshal(read(t, cases[name].Topology), &doc); err != nil {
				t.Fatal(err)
			}
			outcomes[name] = outcome(t, cases[name], doc)
		}
		return outcomes[name]
	}
	for _, field := range schema.Fields() {
		if slices.Contains(inert, field) || strings.HasPrefix(field, "management.telemetry.ingress.") { // see TestATelemetryGatewayIsReachedAsTheRelayIs
			continue
		}
		t.Run(field, func(t *testing.T) {
			for _, name := range names {
				project := cases[name]
				var doc map[string]any
				if err := yaml.Unmarshal(read(t, project.Topology), &doc); err != nil {
					t.Fatal(err)
				}
				if remove(doc, strings.Split(field, ".")) {
					if outcome(t, project, doc) == before(name) {
						t.Errorf("fixture %s sets %s, and it makes no difference", name, field)
					}
					return
				}
			}
			t.Errorf("no fixture sets %s", field)
		})
	}
}

// inert are fields with no effect by themselves, such as the only secret store; and those that are only needed to import a key.
var inert = []string{
	"policies", // policies only refuse, and do not change the output
	"secrets", "secrets.local",
	"pki.external.server.key", "pki.external.signing.key",
	"pki.external.server.passwordFile", "pki.external.server.passwordEnv",
	"pki.external.signing.passwordFile", "pki.external.signing.passwordEnv",
	"pki.external.clients.*.key", "pki.external.clients.*.passwordFile", "pki.external.clients.*.passwordEnv",
	"pki.external.telemetry.key", "pki.external.telemetry.passwordFile", "pki.external.telemetry.passwordEnv",
}

// remove removes a field at the first place where it is set; * is any key or item.
func remove(v any, path []string) bool {
	switch v := v.(type) {
	case map[string]any:
		if path[0] != "*" {
			child, ok := v[path[0]]
			if ok && len(path) == 1 {
				delete(v, path[0])
				return true
			}
			return ok && remove(child, path[1:])
		}
		for _, key := range sortedKeys(v) {
			if len(path) > 1 && remove(v[key], path[1:]) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if path[0] == "*" && len(path) > 1 && remove(item, path[1:]) {
				return true
			}
		}
	}
	return false
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// outcome returns everything that a compile of the document reports, with the fixture's lockfile and files.
func outcome(t *testing.T, project project.Project, doc map[string]any) string {
	t.Helper()
	text, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	topology, parsed, err := schema.ParseTopology("topology.yaml", text)
	if err != nil {
		return err.Error()
	}
	root, err := os.OpenRoot(filepath.Dir(project.Topology))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	plan, err := plan.Resolve(topology, parsed, root, plan.Guard{})
	if err != nil {
		return err.Error()
	}
	l, err := project.ReadLock(plan)
	if err != nil {
		return err.Error()
	}
	c := &compile{project: project, options: Options{Locked: true}}
	if _, err := c.lacking(plan, l, nil); err != nil {
		return err.Error()
	}
	tree, err := c.emit(plan, l)
	if err != nil {
		return err.Error()
	}
	return joined(tree)
}

func joined(files []folder.File) string {
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s\n%s\n", f.Name, f.Data)
	}
	return b.String()
}
