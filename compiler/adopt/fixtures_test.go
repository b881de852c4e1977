package adopt_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"relayform/compiler/adopt"
	"relayform/compiler/manifest"
	"relayform/compiler/verify"
)

// texts are the manifests of a fixture's clusters, by name.
type texts map[string]string

// fixture reads a mesh with one file per cluster.
func fixture(t testing.TB, name string) texts {
	t.Helper()
	dir := filepath.Join("../../fixtures/adopt", name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := texts{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(e.Name(), ".yaml")] = string(text)
	}
	return all
}

// sources parses the texts.
func (x texts) sources(t testing.TB) []adopt.Source {
	t.Helper()
	var all []adopt.Source
	for name, text := range x {
		s := adopt.Source{Name: name}
		objects, values, err := manifest.ReadHeld([]byte(text), adopt.Kinds...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		for _, o := range objects {
			s.Objects = append(s.Objects, adopt.Object{Held: o, At: name + ".yaml"})
		}
		for _, tree := range values {
			s.Values = append(s.Values, verify.Values{At: name + ".yaml", Tree: tree})
		}
		all = append(all, s)
	}
	return all
}

func (x texts) find(t testing.TB, a adopt.Answers) (*adopt.Mesh, error) {
	t.Helper()
	return adopt.Find(x.sources(t), a, func(string, string) bool { return false })
}

// item returns an object in a list, from its first line on.
func (x texts) item(t testing.TB, cluster, kind, name string) string {
	t.Helper()
	for _, item := range strings.Split(x[cluster], "\n- ")[1:] {
		if strings.Contains(item, "kind: "+kind+"\n") && regexp.MustCompile(`name: `+regexp.QuoteMeta(name)+`[\n,]`).MatchString(item) {
			return "\n- " + strings.TrimSuffix(item, "\n")
		}
	}
	t.Fatalf("%s has no %s %s", cluster, kind, name)
	return ""
}

// drop removes an object.
func (x texts) drop(t testing.TB, cluster, kind, name string) {
	t.Helper()
	x[cluster] = strings.Replace(x[cluster], x.item(t, cluster, kind, name), "", 1)
}

// edit replaces a text in an object.
func (x texts) edit(t testing.TB, cluster, kind, name, old, new string) {
	t.Helper()
	item := x.item(t, cluster, kind, name)
	changed := strings.Replace(item, old, new, 1)
	if changed == item {
		t.Fatalf("%s %s of %s has no %q", kind, name, cluster, old)
	}
	x[cluster] = strings.Replace(x[cluster], item, changed, 1)
}

// value returns a decoded value of a Secret.
func (x texts) value(t testing.TB, cluster, secret, key string) string {
	t.Helper()
	m := regexp.MustCompile(`\n    ` + regexp.QuoteMeta(key) + `: (\S+)`).FindStringSubmatch(x.item(t, cluster, "Secret", secret))
	if m == nil {
		t.Fatalf("%s of %s has no %s", secret, cluster, key)
	}
	text, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// set sets a value in a Secret; an empty one removes the key.
func (x texts) set(t testing.TB, cluster, secret, key, value string) {
	t.Helper()
	line := regexp.MustCompile(`\n    ` + regexp.QuoteMeta(key) + `: \S+`).FindString(x.item(t, cluster, "Secret", secret))
	next := fmt.Sprintf("\n    %s: %s", key, base64.StdEncoding.EncodeToString([]byte(value)))
	if value == "" {
		next = ""
	}
	if line == "" {
		line, next = "\n  data:", "\n  data:"+next
	}
	x.edit(t, cluster, "Secret", secret, line, next)
}

// add appends an object to a cluster's list.
func (x texts) add(cluster, item string) {
	x[cluster] = strings.TrimSuffix(x[cluster], "\n") + "\n- " + strings.ReplaceAll(item, "\n", "\n  ") + "\n"
}
