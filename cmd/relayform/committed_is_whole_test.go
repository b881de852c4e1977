package main

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// TestCommittedIsWhole checks the files that users are told to add to git: with only some of them, certificates and lockfile in the
// repository would not match. Keys are among them only if encrypted.
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

// TestIdentityThatIsNotThereIsTold names a missing identity file. Otherwise the error would be that keys cannot be decrypted, and users
// would look for a different identity.
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
