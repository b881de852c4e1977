package compiler

import (
	"os"
	"path/filepath"
	"relayform/compiler/project"
	"strings"
	"testing"
)

// TestTopologyThatLeadsNowhereIsTold has a link in place of the topology that points to nothing, or to itself: the error names the link,
// but not its target.
func TestTopologyThatLeadsNowhereIsTold(t *testing.T) {
	for _, target := range []string{"gone-elsewhere.yaml", "topology.yaml"} {
		project := project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")
		if err := os.Symlink(target, project.Topology); err != nil {
			t.Skip(err)
		}
		_, err := Vet(project, Env{})
		if err == nil || err.Error() != project.Topology+": a symbolic link that points to no file" || strings.Contains(err.Error(), "gone") {
			t.Errorf("to %s: %v", target, err)
		}
	}
}
