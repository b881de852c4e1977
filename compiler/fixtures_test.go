package compiler

import (
	"bytes"
	"crypto"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

var update = flag.Bool("update", false, "write the goldens, and issue what a fixture's lockfile lacks")

// fixtureTime is when the fixtures' certificates were issued, and the time in tests.
var fixtureTime = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// fixtures returns the cases' projects, by name.
func fixtures(t testing.TB) map[string]project.Project {
	t.Helper()
	topologies, err := filepath.Glob("../fixtures/*/topology.yaml")
	if err != nil || len(topologies) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	cases := map[string]project.Project{}
	for _, path := range topologies {
		cases[filepath.Base(filepath.Dir(path))] = project.New(path, "", "")
	}
	return cases
}

// someFixtures returns a sample of the fixtures, or with make long all of them.
func someFixtures(t testing.TB) map[string]project.Project {
	t.Helper()
	some := fixtures(t)
	for n, name := range slices.Sorted(maps.Keys(some)) {
		if !sampled(n) {
			delete(some, name)
		}
	}
	return some
}

// compiled is a fixture compiled in memory. Nothing may be issued unless the goldens are updated.
type compiled struct {
	*compile
	plan  *plan.Plan
	lock  *lockfile.File
	store *keystore.Store
	tree  overlay.Tree
}

func compileFixture(t testing.TB, project project.Project) *compiled {
	t.Helper()
	c := &compile{
		project: project,
		env:     Env{Now: fixtureTime, NewKey: func(a pki.Algorithm) (crypto.Signer, error) { return pki.GenerateKey(a) }},
		options: Options{Locked: !*update},
	}
	plan, before, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	c.env.Identities, _ = os.ReadFile(filepath.Join(filepath.Dir(project.Topology), "identity.txt")) // if the keys are encrypted
	store, err := c.openStore(plan)
	if err != nil {
		t.Fatal(err)
	}
	order, err := c.lacking(plan, before, store)
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.get(plan, order)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := c.acquire(); err != nil {
			t.Fatal(err)
		}
		defer c.hold.Release()
		if _, err := c.commit(made, plan, store); err != nil {
			t.Fatal(err)
		}
		if parts := delivery.Of(plan, made.Lock); len(parts.Components) > 0 {
			if err := store.PutComponents(parts); err != nil {
				t.Fatal(err)
			}
		}
	}
	tree, err := c.emit(plan, made.Lock)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.prove(plan, made.Lock, tree); err != nil {
		t.Fatal(err)
	}
	return &compiled{compile: c, plan: plan, lock: made.Lock, store: store, tree: tree}
}

// rendered returns every overlay as kubectl would apply it, by file name: if private is set, with the fixture's keys; otherwise with
// placeholders.
func (c *compiled) rendered(t testing.TB, private bool) map[string][]byte {
	t.Helper()
	var files []folder.File
	if private {
		var err error
		if files, err = c.privateFiles(c.plan, c.store, c.lock); err != nil {
			t.Fatal(err)
		}
	} else {
		var err error
		if files, err = delivery.Of(c.plan, c.lock).InMemory(func(string) ([]byte, error) { return []byte("private\n"), nil }); err != nil {
			t.Fatal(err)
		}
	}
	tree := c.tree
	if private && c.plan.Sops != nil {
		parts, err := delivery.Opened(c.plan, c.lock, c.opener(c.plan, c.store, c.plan.Clusters()))
		if err != nil {
			t.Fatal(err)
		}
		if tree, err = c.emitAs(c.plan, c.lock, parts); err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.workspace(c.plan, c.lock, tree, files)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	render := func(name, overlay string) {
		r, err := w.Render(overlay)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = r.YAML(); err != nil {
			t.Fatal(err)
		}
	}
	for _, cluster := range c.plan.Clusters() {
		render(cluster+".yaml", cluster)
	}
	if len(c.plan.Agents()) > 0 {
		render(c.plan.Management.Name+".register.yaml", c.plan.Management.Name+"/"+plan.RegisterFolder)
	}
	return out
}

// golden compares files with those in a folder, both ways: missing and stale files fail.
func golden(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		for name, data := range files {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	onDisk := os.DirFS(dir)
	for name, data := range files {
		want, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Errorf("%v; run make golden", err)
			continue
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%s/%s differs; run make golden and read the diff", dir, name)
		}
	}
	for _, name := range filesIn(t, onDisk) {
		if _, ok := files[name]; !ok {
			t.Errorf("%s/%s is stale: nothing makes it any more; run make golden", dir, name)
		}
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// received returns the Secrets that a cluster gets from rendered YAML, including those that an operator creates.
func (c *compiled) received(t testing.TB, text []byte) map[string]map[string][]byte {
	t.Helper()
	all := secrets(t, text)
	fetched, err := c.fetched(c.plan, c.lock, text, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range fetched {
		all[s.Name] = s.Data
	}
	maps.Copy(all, c.issuedIn(t, text))
	return all
}
