package main

import (
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

// fleetSite is a compiled fleet, on a memory-backed file system where there is one.
func fleetSite(b *testing.B, remotes int) *site {
	b.Helper()
	s := newSite(b)
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

// process is a task that runs a program from start to end.
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

// BenchmarkStart is the time that a process takes from start to end, beside one that does nothing.
func BenchmarkStart(b *testing.B) {
	s := fleetSite(b, 2)
	nothing := process(b, "true", s.dir, "true")
	b.Run("version", func(b *testing.B) { measure.Compare(b, process(b, "version", s.dir, s.program, "version"), nothing) })
	b.Run("vet-of-two", func(b *testing.B) { measure.Compare(b, process(b, "vet", s.dir, s.program, "vet"), nothing) })
}

// BenchmarkSize is what an unchanged compile takes of time, processor time and memory as the fleet grows.
func BenchmarkSize(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := fleetSite(b, n)
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

// BenchmarkOtherTools does the work of other tools, where they are installed, beside them: CUE's own
// command with the same schema, and one kustomize or kubectl for each cluster.
func BenchmarkOtherTools(b *testing.B) {
	if cue, err := exec.LookPath("cue"); err == nil {
		schema, err := filepath.Abs("../../schema/topology.cue")
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("vet-vs-cue-vet/%d", n), func(b *testing.B) {
				s := fleetSite(b, n)
				measure.Compare(b, process(b, "vet", s.dir, s.program, "vet"), process(b, "cue-vet", s.dir, cue, "vet", "-c", "-d", "#Topology", "topology.yaml", schema))
			})
			b.Run(fmt.Sprintf("compile-vs-cue-export/%d", n), func(b *testing.B) {
				s := fleetSite(b, n)
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
			s := fleetSite(b, clusters)
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
