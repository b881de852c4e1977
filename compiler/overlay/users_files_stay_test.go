package overlay

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
)

// TestUsersFilesStay adds files to a build folder, some of them written by relayform: these are removed by the next compile, each of the
// others stops it and stays unchanged.
func TestUsersFilesStay(t *testing.T) {
	block := func(kind string) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte("some bytes")}))
	}
	cert, head := block("CERTIFICATE"), "# "+manifest.Header+"\n"
	for name, c := range map[string]struct {
		name, data string
		ours       bool
	}{
		"a file with the header":           {"a/old.yaml", head + "x: 1\n", true},
		"in a folder of its own":           {"gone/values.yaml", head, true},
		"deep below":                       {"a/b/c/d.yaml", head, true},
		"at the top":                       {"OLD.md", "<!-- " + manifest.Header + " -->\n# Old\n", true},
		"the header alone":                 {"a/old.yaml", "# " + manifest.Header, true},
		"a root":                           {"gone/public/relay-root.crt", cert, true},
		"two roots":                        {"bases/remote/relay-root.crt", cert + cert, true},
		"a server's certificate":           {"a/public/relay-server-tls.crt", cert, true},
		"a signing certificate":            {"a/public/relay-tls-signing.crt", cert, true},
		"a cluster's name":                 {"a/cluster.json", "{\"cluster\":\"a\"}\n", true},
		"another cluster's name":           {"a/cluster.json", "{\"cluster\":\"b\"}\n", false},
		"a cluster's name and more":        {"a/cluster.json", "{\"cluster\":\"a\"}\n{}\n", false},
		"a cluster's name deeper":          {"a/b/cluster.json", "{\"cluster\":\"a/b\"}\n", false},
		"a copy that is listed":            {"a/own/x.txt", "x", true},
		"a copy that was edited":           {"a/own/x.txt", "y", false},
		"a copy of another cluster":        {"b/own/x.txt", "x", false},
		"a copy that is not listed":        {"a/own/y.txt", "x", false},
		"the header in the second line":    {"a/own.yaml", "# mine\n" + head, false},
		"half a header":                    {"a/own.yaml", "# " + manifest.Header[:len(manifest.Header)-2] + "\n", false},
		"no header":                        {"a/own.yaml", "x: 1\n", false},
		"nothing":                          {"a/own.yaml", "", false},
		"a certificate of another name":    {"a/public/own.crt", cert, false},
		"with the header":                  {"a/public/own.crt", head + cert, false},
		"a root at another place":          {"a/relay-root.crt", cert, false},
		"a root deeper":                    {"a/b/public/relay-root.crt", cert, false},
		"a root at the top":                {"relay-root.crt", cert, false},
		"a root in capitals":               {"a/public/RELAY-ROOT.crt", cert, false},
		"a key beside the root":            {"a/public/relay-root.crt", cert + block("PRIVATE KEY"), false},
		"a key before the root":            {"a/public/relay-root.crt", block("EC PRIVATE KEY") + cert, false},
		"a key alone":                      {"a/public/relay-server-tls.crt", block("PRIVATE KEY"), false},
		"words before the root":            {"a/public/relay-root.crt", "# mine\n" + cert, false},
		"words after the root":             {"a/public/relay-root.crt", cert + "mine\n", false},
		"words between two":                {"a/public/relay-root.crt", cert + "\n" + cert, false},
		"a certificate with words in it":   {"a/public/relay-root.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"key": "value"}, Bytes: []byte("x")})) + "x", false},
		"a certificate cut off":            {"a/public/relay-root.crt", cert[:len(cert)-4], false},
		"an empty root":                    {"a/public/relay-root.crt", "", false},
		"a certificate with other endings": {"a/public/relay-root.crt", strings.ReplaceAll(cert, "\n", "\r\n"), false},
	} {
		dir := filepath.Join(t.TempDir(), "build")
		listed := folder.File{Name: "a/copies.txt", Data: Copies([]folder.File{{Name: "own/x.txt", Data: []byte("x")}})}
		tree := NewTree([]folder.File{text("a/one.yaml", "1"), text("README", "1"), listed})
		if _, err := tree.Write(open(t, dir)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(c.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		changed := NewTree([]folder.File{text("a/one.yaml", "2"), text("README", "1"), listed})
		got, err := changed.Write(open(t, dir))
		have, gone := os.ReadFile(path)
		switch {
		case c.ours && (err != nil || gone == nil || !slices.Equal(got.Removed, []string{c.name})):
			t.Errorf("%s: removed %v: %v", name, got.Removed, err)
		case !c.ours && (err == nil || !strings.Contains(err.Error(), dir+": not written by relayform: "+c.name+"; move it elsewhere")):
			t.Errorf("%s: got %v; want that it is named", name, err)
		case !c.ours && (gone != nil || string(have) != c.data || !open(t, dir).Same("a/one.yaml", tree.Find("a/one.yaml"))):
			t.Errorf("%s: it is gone or something was written: %v", name, gone)
		}
		for _, name := range []string{"README", "a/one.yaml"} {
			if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(data) == 0 {
				t.Errorf("%s: %s is gone: %v", c.name, name, err)
			}
		}
	}
}

// TestEveryForeignFileIsNamed puts several in different places, including the staging folder, so that a user can move all of them at once.
func TestEveryForeignFileIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	tree := NewTree([]folder.File{text("a/one.yaml", "1")})
	if _, err := tree.Write(open(t, dir)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"z/own", "b/own", "a/own", folder.Staging + "/own"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for how, do := range map[string]func() (Changes, error){
		"compare": func() (Changes, error) { return tree.Compare(open(t, dir)) },
		"write":   func() (Changes, error) { return tree.Write(open(t, dir)) },
		"diff":    func() (Changes, error) { c, _, err := tree.Diff(open(t, dir), nil); return c, err },
	} {
		want := "not written by relayform: " + folder.Staging + "/own, a/own, b/own, z/own; move"
		if _, err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", how, err, want)
		}
	}
}
