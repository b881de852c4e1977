package overlay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
)

func rendered(t *testing.T, objects ...string) *Rendered {
	t.Helper()
	r, err := NewWorkspace("/build", NewTree([]folder.File{
		text("a/kustomization.yaml", "resources: [o.yaml]"), text("a/o.yaml", strings.Join(objects, "\n---\n")),
	})).Render("a")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func object(kind, namespace, name string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: %s, metadata: {name: %s, namespace: %s, labels: {of: %s}}, data: {tls.key: aGVsbG8=, tls.crt: aGVsbG8=}}", kind, name, namespace, namespace)
}

// TestOnlyThePrivateHalfIsDropped drops objects and keys from the output: only the named one, and none of a different kind, namespace or
// name, which would be a user's.
func TestOnlyThePrivateHalfIsDropped(t *testing.T) {
	all := []string{object("Secret", "mesh", "token"), object("ConfigMap", "mesh", "token"), object("Secret", "other", "token"), object("Secret", "mesh", "tls")}
	r := rendered(t, all...)
	for _, err := range []error{
		r.Drop("Secret", "mesh", "token"), r.Drop("Secret", "mesh", "missing"), r.DropData("Secret", "mesh", "missing", "tls.key"),
		r.DropData("Secret", "mesh", "tls", "tls.key"), r.DropData("Secret", "mesh", "tls", "missing"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	objects, err := r.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range objects {
		m := o["metadata"].(map[string]any)
		got = append(got, fmt.Sprintf("%s %s/%s: %d", o["kind"], m["namespace"], m["name"], len(o["data"].(map[string]any))))
	}
	slices.Sort(got)
	if want := []string{"ConfigMap mesh/token: 2", "Secret mesh/tls: 1", "Secret other/token: 2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if yaml, err := r.YAML(); err != nil || strings.Count(string(yaml), "tls.key") != 2 || strings.Count(string(yaml), "tls.crt") != 3 {
		t.Errorf("%v:\n%s", err, yaml)
	}
}

// TestIdentitiesAreWhole lists an overlay's objects, by which prune decides what to delete.
func TestIdentitiesAreWhole(t *testing.T) {
	r := rendered(t, "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g, namespace: mesh, labels: {a: b}}}", "{apiVersion: v1, kind: Namespace, metadata: {name: mesh}}")
	want := []manifest.Identity{{Kind: "Namespace", Name: "mesh"}, {Group: "networking.istio.io", Kind: "Gateway", Namespace: "mesh", Name: "g"}}
	got := r.Identities()
	if len(got) != 2 || got[0].Identity != want[0] || got[1].Identity != want[1] || got[1].Labels["a"] != "b" || len(got[0].Labels) > 0 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestUnitsAreNotMixedUp has clusters where one name is a prefix of another: each is rendered and written with its own files.
func TestUnitsAreNotMixedUp(t *testing.T) {
	var files []folder.File
	names := []string{"edge", "edge-2", "edge-20", "edg", "edge0"}
	for _, name := range names {
		files = append(files, text(name+"/kustomization.yaml", "resources: [n.yaml, ../bases/remote]"), text(name+"/n.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: of-"+name+"}}"))
	}
	files = append(files, text("bases/remote/kustomization.yaml", "resources: [n.yaml]"), text("bases/remote/n.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: of-all}}"), text("edges", "1"))
	tree := NewTree(files)
	w := NewWorkspace("/build", tree)
	if err := w.Add("/keys", []folder.File{{Name: "remote/kustomization.yaml", Data: []byte("nothing")}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		r, err := w.Render(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, o := range r.Identities() {
			got = append(got, o.Name)
		}
		if slices.Sort(got); !slices.Equal(got, []string{"of-all", "of-" + name}) {
			t.Errorf("%s: made %v", name, got)
		}
		if u := tree.Unit(name); len(u) != 2 || u[0].Name != name+"/kustomization.yaml" || u[1].Name != name+"/n.yaml" {
			t.Errorf("%s: has %v", name, u)
		}
		if tree.Find(name+"/n.yaml") == nil || tree.Find(name+"/missing") != nil || tree.Find(name) != nil {
			t.Errorf("%s: its files are not found", name)
		}
		other, err := w.RenderAs(name, []byte("resources: [n.yaml]"))
		if err != nil || len(other.Identities()) != 1 || other.Identities()[0].Name != "of-"+name {
			t.Errorf("%s: with another kustomization: %v", name, err)
		}
	}
	broken := NewWorkspace("/build", NewTree([]folder.File{text("edge/kustomization.yaml", "resources: [gone.yaml]")}))
	if _, err := broken.Render("edge"); err == nil || !strings.HasPrefix(err.Error(), "kustomize: edge: ") {
		t.Errorf("a broken overlay: %v", err)
	}
	if len(tree.Unit("edges")) > 0 || len(tree.Unit("missing")) > 0 {
		t.Error("what is no folder has files")
	}
	if groups := tree.Alike(names); len(groups) != 1 || !slices.Equal(groups[0], []int{0, 1, 2, 3, 4}) {
		t.Errorf("groups %v", groups)
	}
}

// TestDigestIsOfEverythingOutside changes a name, a text, and where one ends and the other begins: the placeholders for private values
// depend on this digest; otherwise a patch could contain them.
func TestDigestIsOfEverythingOutside(t *testing.T) {
	seen := map[[32]byte]string{}
	for name, files := range map[string][]folder.File{
		"none": nil, "one": {{Name: "a", Data: []byte("1")}}, "another text": {{Name: "a", Data: []byte("2")}}, "another name": {{Name: "b", Data: []byte("1")}},
		"two":    {{Name: "a", Data: []byte("1")}, {Name: "b", Data: []byte("1")}},
		"longer": {{Name: "a", Data: []byte("11")}}, "empty": {{Name: "a", Data: nil}},
	} {
		w := NewWorkspace("/build", nil)
		if err := w.Add("/own", files); err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[w.Digest()]; twice {
			t.Errorf("%s and %s are taken for the same", name, other)
		}
		seen[w.Digest()] = name
	}
}
