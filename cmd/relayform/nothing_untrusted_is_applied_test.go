package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"relayform/compiler"
	"relayform/compiler/pki"
	"relayform/compiler/project"
)

// TestNothingUntrustedIsApplied applies what was compiled twenty years ago. It matches the topology, but no agent would trust it: applying
// it would cut off the whole mesh.
func TestNothingUntrustedIsApplied(t *testing.T) {
	write := inFolder(t, "exit 0")
	write("topology.yaml", topology)()
	long := compiler.Env{Now: time.Now().AddDate(-20, 0, 0), NewKey: pki.GenerateKey}
	if _, err := compiler.Compile(project.New("topology.yaml", "", ""), long, compiler.Options{}); err != nil {
		t.Fatal(err)
	}
	relayform(t, exitDone, "compile", "--locked", "--check")
	for _, args := range []string{"apply --yes", "apply --diff", "apply --dry-run=server", "apply --yes --register east"} {
		_, errs := relayform(t, exitShort, strings.Fields(args)...)
		contains(t, errs, "the clusters would not trust each other; nothing was applied", "[expired]")
	}
	if _, err := os.Stat("log"); err == nil {
		t.Error("a cluster was asked")
	}
}
