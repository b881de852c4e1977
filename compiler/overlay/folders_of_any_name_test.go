package overlay

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// TestOverlaysBuildInFoldersOfAnyName lays projects out below folders that kustomize makes in no memory of its own: people
// call their folders as they like, and kubectl reads them.
func TestOverlaysBuildInFoldersOfAnyName(t *testing.T) {
	root := string(filepath.Separator)
	for _, name := range []string{"plain-1.2_3", "My Projects", "Büro", "it's", "$HOME", "a..b", "...", "_hex_", "_hex_00", "(1)", "日本", "a,b;c=d", "~x", "#1", "%41", "*"} {
		for _, at := range []struct{ base, keys string }{
			{filepath.Join(root, name, "build"), filepath.Join(root, name, "keys")},
			{filepath.Join(root, "home", name), filepath.Join(root, "home", name+" too")},
		} {
			if strings.Contains(name, "..") && !strings.HasSuffix(at.keys, "keys") {
				continue // nor does kustomize take that from disk, as a part of a path that it is given
			}
			to, err := filepath.Rel(filepath.Join(at.base, "edge"), at.keys)
			if err != nil {
				t.Fatal(err)
			}
			w := NewWorkspace(at.base, NewTree([]folder.File{text("edge/kustomization.yaml", "{resources: [namespace.yaml], components: [\""+filepath.ToSlash(to)+"\"]}"),
				text("edge/namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: edge}}")}))
			w.Add(at.keys, []folder.File{text("kustomization.yaml", "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, secretGenerator: [{name: token, files: [\"token=a token\"]}]}"), {Name: "a token", Data: []byte("private")}})
			r, err := w.Render("edge")
			if err != nil {
				t.Errorf("%s: %v", at.base, err)
				continue
			}
			if out, err := r.YAML(); err != nil || !strings.Contains(string(out), "name: edge") || !strings.Contains(string(out), "token: cHJpdmF0ZQ==") {
				t.Fatalf("%s: %v\n%s", at.base, err, out)
			}
			w.outside = w.outside[:1] // without what it names
			if _, err := w.Render("edge"); err == nil || strings.Contains(err.Error(), "_hex_") && !strings.HasPrefix(name, "_hex_") || !strings.Contains(err.Error(), "a token") {
				t.Errorf("%s: a file is missing: %v", at.base, err)
			}
		}
	}
}

// TestNamesComeBackAsTheyWere writes and finds names of every kind.
func TestNamesComeBackAsTheyWere(t *testing.T) {
	seen := map[string]string{}
	for _, path := range []string{"", "/", "a/b", "/a b/c", "./../a b", "/_hex_/x", "/_hex_6120/x", "/a /x", "/ü", "/..", "/a..b", "C:/x y"} {
		path = filepath.FromSlash(path)
		there := inMemory(path)
		if back := onDisk(there); back != path {
			t.Errorf("%q comes back as %q", path, back)
		}
		if other, ok := seen[there]; ok {
			t.Errorf("%q and %q are one in memory", path, other)
		}
		seen[there] = path
	}
	w := NewWorkspace("/b", nil)
	fsys, err := w.files("none")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.ReadFile("/my keys/x"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "my keys") {
		t.Errorf("a file that is missing: %v", err)
	}
}
