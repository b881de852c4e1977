package compiler

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
)

// TestCompilingReachesNothing runs everything that compiles, checks, renews or lists without network connections and without kubectl.
func TestCompilingReachesNothing(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
	env := s.env()
	env.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("%s was dialled", address)
		return nil, errors.New("no network")
	}
	env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
		t.Errorf("kubectl %v was run", args)
		return nil, errors.New("no kubectl")
	}
	for what, do := range map[string]func() error{
		"vet":    func() error { _, err := Vet(s.project, env); return err },
		"verify": func() error { _, err := Verify(s.project, env, fixtureTime); return err },
		"certs":  func() error { _, err := Certificates(s.project, env, fixtureTime); return err },
		"renew":  func() error { _, err := Renew(s.project, env, RenewOptions{What: "server"}); return err },
		"render": func() error {
			return Render(s.project, env, nil, RenderOptions{}, func(string, []byte) error { return nil })
		},
		"check": func() error { _, err := Compile(s.project, env, Options{Locked: true, Check: true}); return err },
	} {
		if _, err := Compile(s.project, env, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestManyAgentsAreRegisteredInOneFile checks where agents are registered: up to 500 in a kustomization, beyond that in a file, as
// kustomize compares each object with all others. The management cluster's own agent counts.
func TestManyAgentsAreRegisteredInOneFile(t *testing.T) {
	for _, c := range []struct {
		remotes int
		own     bool
		isFile  bool
	}{{500, false, false}, {501, false, true}, {499, true, false}, {500, true, true}} {
		s := newTestProject(t)
		var remotes strings.Builder
		for i := range c.remotes {
			remotes.WriteString("\n  r" + strconv.Itoa(i) + ": {}")
		}
		text := strings.Replace(testTopology, "\n  remote-cluster: {}", remotes.String(), 1)
		if c.own {
			text = strings.Replace(text, "  ingress:", "  agent: true\n  ingress:", 1)
		}
		s.write("topology.yaml", []byte(strings.Replace(text, "%s", own(""), 1)))
		plan, err := Vet(s.project, s.env())
		if err != nil {
			t.Fatal(err)
		}
		want := "mgmt-cluster/register"
		if c.isFile {
			want += "/clusters.yaml"
		}
		if name, isFile := plan.Registration(); name != want || isFile != c.isFile {
			t.Errorf("%d remotes, own agent %t: %s, a file %t", c.remotes, c.own, name, isFile)
		}
	}
}
