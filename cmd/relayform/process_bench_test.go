package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"relayform/fixtures/generate"
	"relayform/fixtures/measure"
)

// build builds a program as make build does.
func build(t testing.TB, program, from string) {
	t.Helper()
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, from)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// fleetProject returns a compiled fleet, on a file system in memory if there is one.
func fleetProject(b *testing.B, remotes int) *testProject {
	b.Helper()
	s := newTestProject(b)
	if s.dir = b.TempDir(); exists("/dev/shm") {
		dir, err := os.MkdirTemp("/dev/shm", "relayform")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { os.RemoveAll(dir) })
		s.dir = dir
	}
	if err := generate.Write(s.dir, remotes); err != nil {
		b.Fatal(err)
	}
	s.run("compile")
	return s
}

// process returns a task that runs a program from start to end.
func process(b *testing.B, name, dir string, command ...string) measure.Task {
	return measure.Task{Name: name, Do: func() { start(b, dir, command...) }}
}

func start(b *testing.B, dir string, command ...string) *os.ProcessState {
	c := exec.Command(command[0], command[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", command, err, out)
	}
	return c.ProcessState
}

// BenchmarkWholeProcess measures a process from start to end. It is compared with a process that does nothing; for a fleet, with one that
// only writes the same files.
func BenchmarkWholeProcess(b *testing.B) {
	floor := filepath.Join(b.TempDir(), "floor")
	build(b, floor, "../../fixtures/measure/floor")
	for _, n := range []int{2, 1000} {
		s := fleetProject(b, n)
		base := process(b, "nothing", s.dir, floor)
		row := func(name string, prepare func(), args ...string) {
			b.Run(name, func(b *testing.B) {
				task := process(b, name, s.dir, append([]string{s.program}, args...)...)
				task.Prepare = prepare
				measure.Compare(b, task, base)
			})
		}
		if n == 2 {
			row("version", nil, "version")
			row("vet-of-2", nil, "vet")
		} else {
			base = process(b, "writing", s.dir, floor, packed(b, s.path("build")), s.path("floor"))
			base.Prepare = func() { remove(b, s.path("floor")) }
		}
		row(fmt.Sprintf("unchanged-compile-of-%d", n), nil, "compile")
		row(fmt.Sprintf("first-compile-of-%d", n), func() { remove(b, s.path("build"), s.path("keys"), s.path("topology.lock.yaml")) }, "compile")
	}
}

// packed returns a tar archive of a folder's files.
func packed(b *testing.B, dir string) string {
	path := filepath.Join(b.TempDir(), "packed.tar")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	archive := tar.NewWriter(f)
	if err := errors.Join(archive.AddFS(os.DirFS(dir)), archive.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

func remove(b *testing.B, paths ...string) {
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSize measures the time, processor time and memory of an unchanged compile as the fleet grows.
func BenchmarkSize(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := fleetProject(b, n)
			series := map[string][]float64{}
			for range b.N {
				began := time.Now()
				state := start(b, s.dir, s.program, "compile")
				cpu := measure.Milliseconds(state.UserTime() + state.SystemTime())
				for unit, value := range map[string]float64{
					"wall-ms": measure.Milliseconds(time.Since(began)), "cpu-ms": cpu, "cpu-µs/cluster": cpu * 1000 / float64(n), "peak-MiB": peak(state),
				} {
					series[unit] = append(series[unit], value)
				}
			}
			measure.Report(b, series)
		})
	}
}

// BenchmarkOtherTools measures other tools on the same work, if they are installed: CUE's own command with the same schema, and one
// kustomize or kubectl for each cluster.
func BenchmarkOtherTools(b *testing.B) {
	if cue, err := exec.LookPath("cue"); err == nil {
		schema, err := filepath.Abs("../../schema/topology.cue")
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("vet-vs-cue-vet/%d", n), func(b *testing.B) {
				s := fleetProject(b, n)
				measure.Compare(b, process(b, "vet", s.dir, s.program, "vet"), process(b, "cue-vet", s.dir, cue, "vet", "-c", "-d", "#Topology", "topology.yaml", schema))
			})
			b.Run(fmt.Sprintf("compile-vs-cue-export/%d", n), func(b *testing.B) {
				s := fleetProject(b, n)
				measure.Compare(b, process(b, "compile", s.dir, s.program, "compile"), process(b, "cue-export", s.dir, cue, "export", "-d", "#Topology", "topology.yaml", schema))
			})
		}
	}
	const clusters = 50
	for _, tool := range [][]string{{"kustomize", "build"}, {"kubectl", "kustomize"}} {
		program, err := exec.LookPath(tool[0])
		if err != nil {
			continue
		}
		b.Run(fmt.Sprintf("render-vs-%s/%d", tool[0], clusters), func(b *testing.B) {
			s := fleetProject(b, clusters)
			folders := s.folders()
			loop := measure.Task{Name: tool[0], Do: func() {
				for cluster := range folders {
					if cluster != "bases" {
						start(b, s.path("build"), program, tool[1], cluster)
					}
				}
			}}
			measure.Compare(b, process(b, "render", s.dir, s.program, "render", "--all"), loop)
		})
	}
}
