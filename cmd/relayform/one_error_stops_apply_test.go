package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler"
	"relayform/compiler/pki"
	"relayform/compiler/project"
)

// TestOneErrorStopsApply applies a mesh that was compiled so long ago that its server certificate, and nothing else, has expired: applying
// it would cut off every agent that is still connected.
func TestOneErrorStopsApply(t *testing.T) {
	text := "apiVersion: relayform/v1\nkind: Topology\nname: demo\npki: {selfSigned: {keyAlgorithm: ecdsa}}\nmanagement:\n  name: mgmt\n  ingress: {nodePort: {}}\n"
	for days, code := range map[int]int{600: exitShort, 1: exitDone} {
		p := project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")
		if err := os.WriteFile(p.Topology, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := compiler.Env{Now: time.Now().AddDate(0, 0, -days), NewKey: pki.GenerateKey}
		if _, err := compiler.Compile(p, env, compiler.Options{}); err != nil {
			t.Fatal(err)
		}
		root := newRoot(os.Stdout, os.Stderr)
		var said strings.Builder
		root.SetErr(&said)
		plan, err := ready(root, p, environment())
		if (err == nil) != (code == exitDone) || (plan == nil) != (err != nil) {
			t.Errorf("after %d days: %v\n%s", days, err, said.String())
		}
		if code == exitShort && strings.Count(said.String(), "[expired]") != 1 {
			t.Errorf("after %d days, want one certificate that has expired:\n%s", days, said.String())
		}
	}
}
