package emit

import "testing"

// TestRunbookNamesItsProject checks that the runbook's commands contain the paths of the project's files, for a shell in a folder next to
// the topology.
func TestRunbookNamesItsProject(t *testing.T) {
	book := &runbook{at: RunbookPaths{Topology: "topology.yaml", Build: "build", Flags: " --keys 'keys of mine'"}}
	if got := book.relayform("verify --live"); got != "relayform verify --live topology.yaml --keys 'keys of mine'" {
		t.Errorf("the runbook says %s", got)
	}
}
