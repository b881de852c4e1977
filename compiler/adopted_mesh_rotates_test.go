package compiler

import (
	"os"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// TestAdoptedMeshRotatesWithoutAnOutage adopts meshes and rotates each to a root of relayform's own, one phase after the other. In every
// phase a management cluster and a remote that are at most one phase apart can connect; after the last, nothing adopted is left.
func TestAdoptedMeshRotatesWithoutAnOutage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"manual", "company"} {
		dir := adoptable(t)[name]
		s := newTestProject(t)
		got, err := s.adopted(dir, adopt.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		topology, _, found := strings.Cut(string(got.Text), "\npki:\n")
		if !found {
			t.Fatalf("%s has no pki:\n%s", name, got.Text)
		}
		c := change{name: name, reissued: 4}
		for i, phase := range []string{"", "distribute", "issue", "drain", "retire, agentsReissued: true", ""} {
			if i > 0 {
				if err := os.WriteFile(s.project.Topology, []byte(topology+"\npki:\n  "+own(phase)+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Compile(s.project, s.env(), Options{}); err != nil {
				t.Fatalf("%s, %q: %v", name, phase, err)
			}
			c.stages = append(c.stages, stage{phase, meshOf(t, s.project)})
		}
		for i := range c.stages {
			for j := max(0, i-1); j < min(len(c.stages), i+2); j++ {
				passed, failed := c.cell(t, i, j)
				if len(failed) > 0 || passed == 0 {
					t.Errorf("%s: management at %q, remote at %q: %d handshakes passed, and failed did %q", name, c.stages[i].name, c.stages[j].name, passed, failed)
				}
			}
		}
		if lock := string(read(t, s.project.Lock)); strings.Contains(lock, "  ca:\n") || strings.Contains(lock, "  cert:\n") {
			t.Errorf("%s: texts of certificates that are gone are kept:\n%s", name, lock)
		}
	}
}
