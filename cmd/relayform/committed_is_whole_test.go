package main

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// TestCommittedIsWhole is what users are told to add to git: whoever commits the half of it has a repository in
// which certificates and lockfile do not fit. Keys are in it only where they are encrypted.
func TestCommittedIsWhole(t *testing.T) {
	project := project.Project{Topology: "topology.yaml", Lock: "topology.lock.yaml", Build: "build", Keys: "keys"}
	want := []string{"topology.yaml", "topology.lock.yaml", "build"}
	if have := project.Committed(&plan.Plan{}); !slices.Equal(have, want) {
		t.Errorf("a plain store: %q, want %q", have, want)
	}
	if have := project.Committed(&plan.Plan{EncryptTo: []string{"age1"}}); !slices.Equal(have, append(want, "keys")) {
		t.Errorf("an encrypted store: %q", have)
	}
}

// TestIdentityThatIsNotThereIsTold names a file of identities that does not exist. A command that goes on without
// it would tell of keys that cannot be opened, and who reads that looks for another identity.
func TestIdentityThatIsNotThereIsTold(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := 0
	for _, c := range newRoot(nil, nil).Commands() {
		if c.Flags().Lookup("identity") == nil {
			continue
		}
		asked++
		args := []string{c.Name(), "--identity", "no-such-file"}
		switch c.Name() {
		case "render":
			args = append(args, "--all")
		case "renew":
			args = append(args, "server")
		}
		if _, err := relayform(t, exitError, args...); !strings.HasPrefix(err, "relayform: no-such-file: ") {
			t.Errorf("%s: %s", c.Name(), err)
		}
	}
	if asked < 5 {
		t.Errorf("only %d commands take an identity", asked)
	}
}
