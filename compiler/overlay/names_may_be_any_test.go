package overlay

import (
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// TestNamesMayBeAny builds an overlay from folders and files with names that kustomize's own in-memory file system refuses, but that disks
// permit.
func TestNamesMayBeAny(t *testing.T) {
	for _, name := range []string{
		"job@2", "a b", "a+b", "~a", "it's", "a,b", "a&b", "(a)", "a%20b", "#a", "$a", "a:b", "a=b", "a\nb", "ä", "日本", "a?b", "a*b", "[a]", "a;b", "a|b", "\"a\"", "a\\b", "-a", "git@host", "github.com", ".a", "a.git", " ",
	} {
		w := NewWorkspace("/"+name+"/build", NewTree([]folder.File{
			text("c/kustomization.yaml", "components: ["+quote("../../own/"+name)+"]\nresources: [../bases/b]"),
			text("bases/b/kustomization.yaml", "resources: [n.yaml]"),
			text("bases/b/n.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: n}}"),
		}))
		if err := w.Add("/"+name, []folder.File{
			text("own/"+name+"/kustomization.yaml", "kind: Component\nresources: ["+quote("./"+name+".yaml")+"]"),
			text("own/"+name+"/"+name+".yaml", "{apiVersion: v1, kind: Secret, metadata: {name: s}}"),
		}); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		r, err := w.Render("c")
		if err != nil || len(r.resources.Resources()) != 2 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// quote quotes a YAML string.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// TestWorkspaceAtTheRoot uses a build folder at /.
func TestWorkspaceAtTheRoot(t *testing.T) {
	w := NewWorkspace("/", NewTree([]folder.File{text("c/kustomization.yaml", "components: [../x/own]")}))
	if err := w.Add("/x", []folder.File{text("own/kustomization.yaml", "kind: Component\nsecretGenerator: [{name: s}]")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Render("c"); err != nil {
		t.Error(err)
	}
	if _, err := w.Render("d"); err == nil {
		t.Error("an overlay that is not there is built")
	}
}
