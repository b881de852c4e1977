package compiler

import (
	"crypto"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/pki"
)

// TestRefusedFirstCompileLeavesNothing has first compiles refused at every step: nothing new is written.
func TestRefusedFirstCompileLeavesNothing(t *testing.T) {
	patched := func(s *testProject) {
		text := strings.Replace(string(read(s, s.project.Topology)), "remote-cluster: {}", "remote-cluster: {patches: [{path: bad.yaml}]}", 1)
		s.write("topology.yaml", []byte(text))
		s.write("bad.yaml", []byte("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: nowhere\n"))
	}
	for name, c := range map[string]struct {
		want string
		turn func(*testProject, *Env)
	}{
		"a patch of nothing": {"nowhere", func(s *testProject, _ *Env) { patched(s) }},
		"a patch of nothing, keys that take forever": {"nowhere", func(s *testProject, e *Env) {
			patched(s)
			never := make(chan struct{})
			s.Cleanup(func() { close(never) })
			e.NewKey = func(a pki.Algorithm) (crypto.Signer, error) { <-never; return nil, errors.New("no key") }
		}},
		"no key": {"no randomness", func(s *testProject, e *Env) {
			e.NewKey = func(pki.Algorithm) (crypto.Signer, error) { return nil, errors.New("no randomness") }
		}},
		"tracked keys": {"git tracks", func(s *testProject, e *Env) {
			e.Tracked = func(string) ([]string, error) { return []string{"keys/x.key"}, nil }
		}},
	} {
		s := newTestProject(t)
		s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
		env := s.env()
		c.turn(s, &env)
		before := s.all()
		if _, err := Compile(s.project, env, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		for file := range s.all() {
			if _, ok := before[file]; !ok {
				t.Errorf("%s: %s is left", name, file)
			}
		}
		if entries, _ := os.ReadDir(filepath.Dir(s.project.Topology)); len(entries) > 2 {
			t.Errorf("%s: left %v", name, entries)
		}
	}
}
