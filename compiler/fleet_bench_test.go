package compiler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
	"relayform/fixtures/generate"
	"relayform/schema"
)

// sizes are the fleets that are measured.
var sizes = []int{1000, 10_000}

// memory is a folder on a memory-backed file system, where there is one.
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

// fleet is a project of that many remotes, its certificates issued and its build written.
func fleet(b testing.TB, remotes int) Project {
	b.Helper()
	p := NewProject(filepath.Join(memory(b), "topology.yaml"), "", "")
	if err := os.WriteFile(p.Topology, generate.Fleet(remotes), 0o644); err != nil {
		b.Fatal(err)
	}
	recompile(b, p)
	return p
}

func recompile(b testing.TB, p Project) *Result {
	b.Helper()
	r, err := Compile(p, Env{Now: fixtureTime, NewKey: pki.GenerateKey}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// treeOf is what a project's build folder holds, as a program that only writes would have it.
func treeOf(b testing.TB, p Project) []folder.File {
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

// BenchmarkFleet measures each task beside its floor: compile beside a program that writes the same
// bytes into fresh files, vet beside strict decoding of the same file.
func BenchmarkFleet(b *testing.B) {
	for _, n := range sizes {
		p := fleet(b, n)
		tree := treeOf(b, p)
		empty := func(b *testing.B) {
			b.StopTimer()
			if err := os.RemoveAll(p.Build); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
		run := func(name string, f func(*testing.B)) { b.Run(fmt.Sprintf("%s/%d", name, n), f) }
		run("floor", func(b *testing.B) {
			for range b.N {
				empty(b)
				writeFloor(b, p.Build, tree)
			}
		})
		run("empty", func(b *testing.B) {
			os.RemoveAll(p.Build)
			for range b.N {
				empty(b)
				recompile(b, p)
			}
		})
		run("unchanged", func(b *testing.B) {
			for range b.N {
				if r := recompile(b, p); !r.Changes.None() {
					b.Fatal("something changed")
				}
			}
		})
		run("onechanged", func(b *testing.B) { benchOneChanged(b, p) })
		run("check", func(b *testing.B) {
			for range b.N {
				if r, err := Compile(p, Env{Now: fixtureTime}, Options{Check: true}); err != nil || !r.Changes.None() {
					b.Fatal(err)
				}
			}
		})
		run("vet", func(b *testing.B) {
			for range b.N {
				if _, err := Vet(p, Env{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		run("render-all", func(b *testing.B) {
			for range b.N {
				count := 0
				err := Render(p, Env{}, nil, RenderOptions{}, func(string, []byte) error { count++; return nil })
				if err != nil || count != n+1 {
					b.Fatalf("%d overlays rendered: %v", count, err)
				}
			}
		})
		run("krusty", func(b *testing.B) {
			for range b.N {
				krustyLoop(b, p, n)
			}
		})
		run("strictdecode", func(b *testing.B) {
			for range b.N {
				text, err := os.ReadFile(p.Topology)
				if err != nil {
					b.Fatal(err)
				}
				if err := yaml.UnmarshalStrict(text, new(schema.Topology)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// writeFloor writes the files with nothing but what writing takes.
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

// benchOneChanged toggles one remote's address.
func benchOneChanged(b *testing.B, p Project) {
	text, err := os.ReadFile(p.Topology)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := os.WriteFile(p.Topology, text, 0o644); err != nil {
			b.Fatal(err)
		}
		recompile(b, p)
	}()
	const remote = "  us-west-2-store-00003: {}\n"
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		changed := []byte(string(text))
		if i%2 == 0 {
			changed = replaceOnce(b, text, remote, "  us-west-2-store-00003: {relayAddress: \"203.0.113.9:443\"}\n")
		}
		if err := os.WriteFile(p.Topology, changed, 0o644); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if r := recompile(b, p); len(r.Changes.Changed) != 1 {
			b.Fatalf("%v changed, want one file", r.Changes)
		}
	}
	b.StopTimer()
}

func replaceOnce(b testing.TB, text []byte, old, new string) []byte {
	b.Helper()
	before, after, ok := bytes.Cut(text, []byte(old))
	if !ok {
		b.Fatalf("no %q in the topology", old)
	}
	return slices.Concat(before, []byte(new), after)
}

// krustyLoop builds every overlay from disk, one after the other.
func krustyLoop(b *testing.B, p Project, remotes int) {
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
