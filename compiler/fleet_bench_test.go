package compiler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

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

// task is something that is measured: prepare is not timed, do is.
type task struct {
	name        string
	prepare, do func()
}

// BenchmarkFleet measures each task in turn with its baseline, A B A B, and reports the median of each
// and of their ratio: times on a busy machine say little by themselves.
func BenchmarkFleet(b *testing.B) {
	for _, n := range sizes {
		p := fleet(b, n)
		tree := treeOf(b, p)
		remove := func() {
			if err := os.RemoveAll(p.Build); err != nil {
				b.Fatal(err)
			}
		}
		floor := task{"floor", func() { os.RemoveAll(p.Build + ".floor") }, func() { writeFloor(b, p.Build+".floor", tree) }}
		empty := task{"empty", remove, func() { recompile(b, p) }}
		unchanged := task{"unchanged", func() { recompile(b, p) }, func() {
			if r := recompile(b, p); !r.Changes.None() {
				b.Fatal("something changed")
			}
		}}
		check := task{"check", func() { recompile(b, p) }, func() {
			if r, err := Compile(p, Env{Now: fixtureTime}, Options{Check: true}); err != nil || !r.Changes.None() {
				b.Fatal(err)
			}
		}}
		vet := task{"vet", nil, func() {
			if _, err := Vet(p, Env{}); err != nil {
				b.Fatal(err)
			}
		}}
		all := task{"render-all", func() { recompile(b, p) }, func() {
			if err := Render(p, Env{}, nil, RenderOptions{}, func(string, []byte) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}}
		for _, pair := range [][2]task{
			{empty, floor},
			{unchanged, empty},
			{oneChanged(b, p), unchanged},
			{check, empty},
			{vet, {"strict-decode", nil, func() { strictDecode(b, p) }}},
			{all, {"krusty", func() { recompile(b, p) }, func() { krustyLoop(b, p, n) }}},
		} {
			b.Run(fmt.Sprintf("%s-vs-%s/%d", pair[0].name, pair[1].name, n), func(b *testing.B) { compare(b, pair[0], pair[1]) })
		}
	}
}

// compare runs two tasks in turn, b.N times each.
func compare(b *testing.B, a, base task) {
	timed := func(t task) time.Duration {
		if t.prepare != nil {
			t.prepare()
		}
		runtime.GC()
		start := time.Now()
		t.do()
		return time.Since(start)
	}
	var as, bases, ratios []float64
	for range b.N {
		x, y := timed(a), timed(base)
		as, bases = append(as, x.Seconds()*1000), append(bases, y.Seconds()*1000)
		ratios = append(ratios, x.Seconds()/y.Seconds())
	}
	b.ReportMetric(0, "ns/op") // the sum of both, and of what is not timed, says nothing
	b.ReportMetric(median(as), a.name+"-ms")
	b.ReportMetric(median(bases), base.name+"-ms")
	b.ReportMetric(median(ratios), "ratio")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// strictDecode is what any tool pays to read the same file with unknown keys refused.
func strictDecode(b *testing.B, p Project) {
	text, err := os.ReadFile(p.Topology)
	if err != nil {
		b.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, new(schema.Topology)); err != nil {
		b.Fatal(err)
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

// oneChanged toggles one remote's address.
func oneChanged(b *testing.B, p Project) task {
	text := read(b, p.Topology)
	const remote = "  us-west-2-store-00003: {}\n"
	texts := [][]byte{text, replaceOnce(b, text, remote, "  us-west-2-store-00003: {relayAddress: \"203.0.113.9:443\"}\n")}
	toggle := 0
	return task{"one-changed", func() {
		recompile(b, p)
		toggle = 1 - toggle
		if err := os.WriteFile(p.Topology, texts[toggle], 0o644); err != nil {
			b.Fatal(err)
		}
	}, func() {
		if r := recompile(b, p); len(r.Changes.Changed) != 1 {
			b.Fatalf("%v changed, want one file", r.Changes)
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
