package compiler

import (
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// TestDrainCountsFromTheTurnThatBeganIt goes forward and back, and checks each time until when agents may have certificates under the
// outgoing root: if the period starts too early, they are cut off; if every phase change restarts it, a rotation never ends.
func TestDrainCountsFromTheTurnThatBeganIt(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	var counts time.Time // when the period last started
	for i, step := range []struct {
		phase string
		turns bool // the period starts here
	}{
		{"distribute", false}, {"issue", true}, {"issue", false}, {"distribute", true}, {"issue", true},
		{"drain", true}, {"drain", false}, {"issue", false}, {"drain", true},
		{"drain, agentsReissued: true", false}, {"drain", false}, {"drain, agentsReissued: true", false},
		{"retire, agentsReissued: true", false}, {"drain, agentsReissued: true", false},
	} {
		s.now = fixtureTime.Add(time.Duration(i) * 10 * day)
		r := s.compile(own(step.phase)).Lock.Rotation
		if step.turns {
			counts = s.now.Add(relay.AgentValidity)
		}
		if !r.DrainUntil.Equal(counts) {
			t.Errorf("step %d, %s: until %s, want %s", i, step.phase, r.DrainUntil, counts)
		}
		if want := strings.Contains(step.phase, "agentsReissued"); r.AgentsReissued != want || string(r.Phase) != strings.Split(step.phase, ",")[0] {
			t.Errorf("step %d, %s: recorded %s, agents reissued %t", i, step.phase, r.Phase, r.AgentsReissued)
		}
		again, err := s.try(own(step.phase), Options{Locked: true, Check: true})
		if err != nil || len(again.Issued) > 0 {
			t.Errorf("step %d, %s: compiled again, it is not the same: %v", i, step.phase, err)
		}
	}
}

// TestLastHourOfAnOldRoot changes phases at the hour at which the last certificate under a root has expired, and an hour before: to retire,
// and when a rotation is rolled back completely.
func TestLastHourOfAnOldRoot(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []string
		last  string
	}{
		{"retire", []string{"", "distribute", "issue", "drain"}, "retire"},
		{"given up", []string{"", "distribute", "issue", "distribute"}, ""},
	} {
		s := newTestProject(t)
		for _, phase := range c.steps {
			s.compile(own(phase))
		}
		end := fixtureTime.Add(relay.AgentValidity)
		s.now = end.Add(-time.Second)
		if _, err := s.try(own(c.last), Options{}); err == nil || !strings.Contains(err.Error(), end.Format(time.RFC3339)) {
			t.Errorf("%s, a second early: %v", c.name, err)
		}
		s.now = end
		if _, err := s.try(own(c.last), Options{}); err != nil {
			t.Errorf("%s, at the end: %v", c.name, err)
		}
	}
	// Rolling back is possible up to the second at which the first certificate under the old root expires.
	back := newTestProject(t)
	end := back.compile(own("")).Lock.Newest(pki.Server).Chain[0].NotAfter
	back.compile(own("distribute"))
	back.compile(own("issue"))
	back.now = end
	if _, err := back.try(own("distribute"), Options{}); err == nil {
		t.Error("the way back leads to a server certificate that has expired")
	}
	back.now = end.Add(-time.Second)
	if _, err := back.try(own("distribute"), Options{}); err != nil {
		t.Errorf("a second before: %v", err)
	}
	// From distribute it is possible at once if nothing was issued under the next root.
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	s.compile(own(""))
	// The statement cannot be made in the change that removes the rotation, which removes it too.
	s.compile(own("distribute"))
	s.compile(own("issue"))
	s.compile(own("distribute"))
	if _, err := s.try(own(""), Options{}); err == nil {
		t.Error("agents may hold certificates under the next root, and it is gone")
	}
	s.compile(own("distribute, agentsReissued: true"))
	s.compile(own(""))
}

// TestOldServerKeepsItsNamesUntilIssue changes names while an external PKI's root is replaced. relayform cannot issue an external PKI's
// server certificate, so a new authority that it does not cover is refused; every agent would be cut off.
func TestOldServerKeepsItsNamesUntilIssue(t *testing.T) {
	const renamed = "  authority: relay.example.com\n  ingress:"
	s := newTestProject(t)
	s.bring(1)
	s.compile(foreignPKI(1, ""))
	begun := s.compile(own("distribute"))
	if c := begun.Lock.Newest(pki.Server); c.Source != lockfile.External || len(begun.Issued) != 2 {
		t.Errorf("the server comes from %s, issued %v", c.Source, begun.Issued)
	}
	s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", own("distribute"), 1), "  ingress:", renamed, 1)))
	if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), "topology.yaml:7:14: management.authority: the server certificate of the old PKI") {
		t.Errorf("another authority while the old server serves: %v", err)
	}
	s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", own("issue"), 1), "  ingress:", renamed, 1)))
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil || r.Lock.Newest(pki.Server).Chain[0].VerifyHostname("relay.example.com") != nil {
		t.Errorf("with the server of the next root: %v", err)
	}
}

// TestNextPKIsFilesAreReadWhenTheyAreNeeded begins a rotation to an external PKI with only its anchors: server certificate and signing CA
// are first read in the phase issue.
func TestNextPKIsFilesAreReadWhenTheyAreNeeded(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.compile(own(""))
	files := s.all()
	for _, name := range []string{"pki1/server.pem", "pki1/server.key", "pki1/signing.pem", "pki1/signing.key"} {
		s.write(name, []byte("not yet"))
	}
	r := s.compile(foreignPKI(1, "distribute"))
	if len(r.Lock.All(pki.Root)) != 2 || r.Lock.Newest(pki.Server).Source != lockfile.SelfSigned {
		t.Errorf("%d roots, server from %s", len(r.Lock.All(pki.Root)), r.Lock.Newest(pki.Server).Source)
	}
	if _, err := s.try(foreignPKI(1, "issue"), Options{}); err == nil || !strings.Contains(err.Error(), "pki.external.server.cert") {
		t.Errorf("the phase issue without certificates: %v", err)
	}
	for name, text := range files {
		if strings.HasPrefix(name, "pki1/") {
			s.write(name, []byte(text))
		}
	}
	r = s.compile(foreignPKI(1, "issue"))
	for _, role := range []pki.Role{pki.Server, pki.Signing} {
		if c := r.Lock.Newest(role); c.Source != lockfile.External || c.Generation != 2 {
			t.Errorf("%s: generation %d from %s", role, c.Generation, c.Source)
		}
	}
	if len(r.Lock.Rotation.Aside) != 2 || len(r.Missing) > 0 {
		t.Errorf("%d set aside, missing %v", len(r.Lock.Rotation.Aside), r.Missing)
	}
}
