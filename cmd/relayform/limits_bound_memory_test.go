package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"relayform/schema/source"
)

// mostMiB is the maximum memory of the program, whatever its input.
const mostMiB = 420

// TestLimitsBoundMemory runs the program with topologies at the limits, each in a different way, and checks its peak memory.
func TestLimitsBoundMemory(t *testing.T) {
	if !everyCase() {
		t.Skip("make long fills inputs to their limits")
	}
	s := newTestProject(t)
	head := strings.ReplaceAll(testTopology, "%s", "")
	const most = source.MaxItems - 100
	for _, c := range []struct {
		name, begin, unit, end string
		count                  int
	}{
		{"duplicates", head, "a: b\n", "", most / 2},
		{"anchors", head, "a: &a b\n", "", most / 2},
		{"pairs", head + "x: [", `"":"",`, "]\n", most / 2},
		{"questions", "", "- " + strings.Repeat("? ", 50) + "a\n", "", most / 52},
		{"comments", head, "#" + strings.Repeat(" ", 60) + "\n", "", most},
		{"bytes", head, "\xff", "", source.MaxBytes - 1024},
		{"one value", head + "x: ", "ä", "\n", source.MaxBytes/2 - 1024},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "topology.yaml")
			fill(t, file, c.begin, c.unit, c.end, c.count)
			if err := forgetPeak(); err != nil {
				t.Skipf("the memory of what ran before cannot be left out: %v", err)
			}
			vet := exec.Command(s.program, "vet", file)
			out, err := vet.CombinedOutput()
			if vet.ProcessState.ExitCode() > 1 || strings.Contains(string(out), "the limit is") {
				t.Fatalf("%v\n%.500s", err, out)
			}
			t.Logf("%.0f MiB", peak(vet.ProcessState))
			if peak(vet.ProcessState) > mostMiB {
				t.Errorf("more than %d MiB", mostMiB)
			}
		})
	}
}

// fill writes a file piece by piece, because a process starts with the memory of its parent.
func fill(t *testing.T, file, begin, unit, end string, count int) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, _ = w.WriteString(begin)
	for range count {
		_, _ = w.WriteString(unit)
	}
	_, _ = w.WriteString(end)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
