package plan

import (
	"os"
	"strings"
	"testing"

	"relayform/schema"
)

// TestPatchesIntoSecretsAreTold patches a Secret with a JSON patch, which does not itself say that its target is a Secret: users are warned
// before they commit the value, which is readable in build/. Patches of other kinds must not warn.
func TestPatchesIntoSecretsAreTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/patch.yaml", []byte("- {op: add, path: /stringData/license, value: abc}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for kind, told := range map[string]bool{"Secret": true, "Deployment": false} {
		topology, doc, err := schema.ParseTopology("t.yaml", []byte("apiVersion: relayform/v1\nkind: Topology\nname: demo\npki: {selfSigned: {}}\nmanagement:\n  name: m\n  patches: [{path: patch.yaml, target: {kind: "+kind+", name: x}}]\n  ingress: {nodePort: {}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Resolve(topology, doc, root, Guard{})
		if err != nil {
			t.Fatal(err)
		}
		if have := strings.Join(p.Warnings, "\n"); strings.Contains(have, "patch.yaml: the patch puts values into a Secret") != told {
			t.Errorf("%s: %q", kind, have)
		}
	}
}
