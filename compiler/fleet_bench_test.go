package compiler

import (
	"bytes"
	"crypto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
	"relayform/compiler/project"
	"relayform/fixtures/generate"
	"relayform/fixtures/measure"
	"relayform/schema"
)

// sizes are the fleet sizes to measure.
var sizes = []int{1000, 10_000}

// memory returns a folder on a memory-backed file system, if there is one.
func memory(b testing.TB) string {
	b.Helper()
	if _, err := os.Stat("/dev/shm"); err != nil {
		return b.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "relayform")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// fleet returns a project with that many remotes, compiled.
func fleet(b testing.TB, remotes int) project.Project {
	b.Helper()
	p := project.New(filepath.Join(memory(b), "topology.yaml"), "", "")
	if err := generate.Write(filepath.Dir(p.Topology), remotes); err != nil {
		b.Fatal(err)
	}
	recompile(b, p)
	return p
}

func recompile(b testing.TB, p project.Project) *Result {
	b.Helper()
	r, err := Compile(p, Env{Now: fixtureTime, NewKey: pki.GenerateKey}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// treeOf returns the files of a project's build folder, for a baseline that only writes.
func treeOf(b testing.TB, p project.Project) []folder.File {
	b.Helper()
	c := &compile{project: p}
	plan, l, err := c.load()
	if err != nil {
		b.Fatal(err)
	}
	tree, err := c.emit(plan, l)
	if err != nil {
		b.Fatal(err)
	}
	return tree
}

// BenchmarkFleet measures each task in turn with its baseline, and reports medians.
func BenchmarkFleet(b *testing.B) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			p := fleet(b, n)
			for _, pair := range pairs(b, p, n) {
				b.Run(pair[0].Name+"-vs-"+pair[1].Name, func(b *testing.B) { measure.Compare(b, pair[0], pair[1]) })
			}
		})
	}
}

// pairs returns the tasks to measure for a fleet, each with its baseline.
func pairs(b *testing.B, p project.Project, remotes int) [][2]measure.Task {
	tree := treeOf(b, p)
	written := func() { recompile(b, p) }
	removed := func(dir string) func() {
		return func() {
			if err := os.RemoveAll(dir); err != nil {
				b.Fatal(err)
			}
		}
	}
	floor := measure.Task{Name: "floor", Prepare: removed(p.Build + ".floor"), Do: func() { writeFloor(b, p.Build+".floor", tree) }}
	empty := measure.Task{Name: "empty", Prepare: removed(p.Build), Do: func() { recompile(b, p) }}
	unchanged := measure.Task{Name: "unchanged", Prepare: written, Do: func() {
		if r := recompile(b, p); !r.Changes.None() {
			b.Fatal("something changed")
		}
	}}
	check := measure.Task{Name: "check", Prepare: written, Do: func() {
		if r, err := Compile(p, Env{Now: fixtureTime}, Options{Check: true}); err != nil || !r.Changes.None() {
			b.Fatal(err)
		}
	}}
	vet := measure.Task{Name: "vet", Do: func() {
		if _, err := Vet(p, Env{}); err != nil {
			b.Fatal(err)
		}
	}}
	all := measure.Task{Name: "render-all", Prepare: written, Do: func() {
		if err := Render(p, Env{}, nil, RenderOptions{}, func(string, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}}
	proved := measure.Task{Name: "prove-all", Prepare: written, Do: func() {
		if _, err := Compile(p, Env{Now: fixtureTime}, Options{Check: true, ProveAll: true}); err != nil {
			b.Fatal(err)
		}
	}}
	strict := measure.Task{Name: "strict-decode", Do: func() { strictDecode(b, p) }}
	krusty := measure.Task{Name: "krusty", Prepare: written, Do: func() { krustyLoop(b, p, remotes) }}
	return [][2]measure.Task{
		{empty, floor}, {unchanged, empty}, {oneChanged(b, p), unchanged}, {check, empty}, {vet, strict}, {all, krusty}, {proved, krusty},
	}
}

// BenchmarkFirstCompile issues with RSA, and compares the total with generating only the three keys. The time for a real root's key is
// random, from 0.1 to over a second; here each key takes the same, about median, work.
func BenchmarkFirstCompile(b *testing.B) {
	requests := pki.Requests(pki.Facts{})
	keys := map[pki.Algorithm]crypto.Signer{}
	for _, r := range requests {
		if keys[r.Algorithm] != nil {
			continue
		}
		key, err := pki.GenerateKey(r.Algorithm)
		if err != nil {
			b.Fatal(err)
		}
		keys[r.Algorithm] = key
	}
	newKey := func(a pki.Algorithm) (crypto.Signer, error) {
		for range 80 { // signatures; a key takes about as long as this many
			if _, err := keys[a].Sign(nil, make([]byte, crypto.SHA256.Size()), crypto.SHA256); err != nil {
				return nil, err
			}
		}
		return keys[a], nil
	}
	alone := measure.Task{Name: "keys", Do: func() {
		var all errgroup.Group
		for _, r := range requests {
			all.Go(func() error { _, err := newKey(r.Algorithm); return err })
		}
		if err := all.Wait(); err != nil {
			b.Fatal(err)
		}
	}}
	for _, n := range []int{2, 1000} {
		var p project.Project
		first := measure.Task{Name: "first-compile", Prepare: func() {
			p = project.New(filepath.Join(memory(b), "topology.yaml"), "", "")
			if err := generate.Write(filepath.Dir(p.Topology), n); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(p.Topology, replaceOnce(b, read(b, p.Topology), "ecdsa", "rsa"), 0o644); err != nil {
				b.Fatal(err)
			}
		}, Do: func() {
			if _, err := Compile(p, Env{Now: fixtureTime, NewKey: newKey}, Options{}); err != nil {
				b.Fatal(err)
			}
		}}
		b.Run(strconv.Itoa(n), func(b *testing.B) { measure.Compare(b, first, alone) })
	}
}

// strictDecode is what any tool needs to parse the same file with unknown keys refused.
func strictDecode(b *testing.B, p project.Project) {
	text, err := os.ReadFile(p.Topology)
	if err != nil {
		b.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, new(schema.Topology)); err != nil {
		b.Fatal(err)
	}
}

// writeFloor writes the files with the minimum number of operations.
func writeFloor(b *testing.B, dir string, files []folder.File) {
	made := map[string]bool{}
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if parent := filepath.Dir(path); !made[parent] {
			made[parent] = true
			if err := os.MkdirAll(parent, 0o755); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// oneChanged toggles one remote's address.
func oneChanged(b *testing.B, p project.Project) measure.Task {
	text := read(b, p.Topology)
	const remote = "  us-west-2-store-00003: {}\n"
	texts := [][]byte{text, replaceOnce(b, text, remote, "  us-west-2-store-00003: {relayAddress: \"203.0.113.9:443\"}\n")}
	toggle := 0
	return measure.Task{Name: "one-changed", Prepare: func() {
		recompile(b, p)
		toggle = 1 - toggle
		if err := os.WriteFile(p.Topology, texts[toggle], 0o644); err != nil {
			b.Fatal(err)
		}
	}, Do: func() {
		if r := recompile(b, p); len(r.Changes.Changed) != 2 { // and its line in the list of clusters
			b.Fatalf("%v changed, want two files", r.Changes)
		}
	}}
}

func replaceOnce(b testing.TB, text []byte, old, new string) []byte {
	b.Helper()
	before, after, ok := bytes.Cut(text, []byte(old))
	if !ok {
		b.Fatalf("no %q in the topology", old)
	}
	return slices.Concat(before, []byte(new), after)
}

// krustyLoop builds every overlay from disk, in sequence.
func krustyLoop(b *testing.B, p project.Project, remotes int) {
	k := krusty.MakeKustomizer(krusty.MakeDefaultOptions())
	entries, err := os.ReadDir(p.Build)
	if err != nil {
		b.Fatal(err)
	}
	count := 0
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "bases" {
			continue
		}
		r, err := k.Run(filesys.MakeFsOnDisk(), filepath.Join(p.Build, e.Name()))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.AsYaml(); err != nil {
			b.Fatal(err)
		}
		count++
	}
	if count != remotes+1 {
		b.Fatalf("%d overlays built, want %d", count, remotes+1)
	}
}
