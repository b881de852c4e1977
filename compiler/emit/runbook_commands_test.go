package emit

import "testing"

// TestRunbookNamesItsProject proves that the runbook's commands say where the project's files are, for a shell
// that stands beside the topology.
func TestRunbookNamesItsProject(t *testing.T) {
	book := &runbook{at: RunbookPaths{Topology: "topology.yaml", Build: "build", Flags: " --keys 'keys of mine'"}}
	if got := book.relayform("verify --live"); got != "relayform verify --live topology.yaml --keys 'keys of mine'" {
		t.Errorf("the runbook says %s", got)
	}
}
