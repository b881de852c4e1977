package verify_test

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// TestDriftNamesTheFile checks that each drift finding says where the Secret was read from: in CI, reviewers see it at that line.
func TestDriftNamesTheFile(t *testing.T) {
	m := goodMesh(t)
	want := m.material(t)
	have := m.material(t)
	n := want.Names
	secret(&have, "west", n.Token).Data["token"] = []byte("another")
	secret(&have, "east", n.Root).Data["ca.crt"] = otherRoot(t, "relay root")
	s := secret(&have, "mgmt", n.Server)
	s.Data["tls.crt"] = slices.Concat([]byte("# server\n"), s.Data["tls.crt"])
	s.At = "mgmt.yaml"
	r := &verify.Report{}
	r.Compare(have, verify.Wanted{Material: want, TokenSHA256: "another"})
	if len(r.Findings) < 3 {
		t.Errorf("%d findings", len(r.Findings))
	}
	for _, f := range r.Findings {
		var at []string // in one of the clusters
		for _, cluster := range f.Clusters {
			for _, c := range have.Clusters {
				for _, s := range c.Secrets {
					if c.Name == cluster && strings.HasPrefix(f.Object, s.Name+" ") {
						at = append(at, s.At)
					}
				}
			}
		}
		if len(f.Clusters) == 0 || !slices.Contains(at, f.File) || f.File == "" || f.Hint == "" || f.Message == "" {
			t.Errorf("%+v: want it read from one of %q", f, at)
		}
	}
}

// TestMeshWithoutRootsIsJudged has no Secret with roots anywhere, as before the first apply: that is reported, without a crash.
func TestMeshWithoutRootsIsJudged(t *testing.T) {
	for _, agents := range []bool{true, false} {
		have := goodMesh(t).material(t)
		n := have.Names
		for i := range have.Clusters {
			c := &have.Clusters[i]
			c.Secrets = slices.DeleteFunc(c.Secrets, func(s verify.Secret) bool { return s.Name == n.Root })
			for _, s := range c.Secrets {
				delete(s.Data, "ca.crt")
			}
			c.Agent = c.Agent && agents
		}
		r, err := verify.Judge(have, noon, pki.GenerateKey)
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for _, f := range r.Findings {
			if f.Severity == verify.Error {
				missing++
			}
		}
		if missing == 0 {
			t.Errorf("agents %t: a mesh without roots passes", agents)
		}
	}
}
