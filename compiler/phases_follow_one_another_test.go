package compiler

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// TestPhasesFollowOneAnother tries every phase from every phase: a step forward, a step back, or a refusal that names the phase and says
// which would be next.
func TestPhasesFollowOneAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	phases := []string{"", "distribute", "issue", "drain", "retire"}
	allowed := map[string]string{ // from: to
		"": "distribute", "distribute": " issue", "issue": "distribute drain", "drain": "issue retire", "retire": "drain ",
	}
	for i, from := range phases {
		for j, to := range phases {
			if !sampled(i + j) {
				continue
			}
			t.Run("from "+from+" to "+to, func(t *testing.T) {
				s := newTestProject(t)
				s.compile(own(""))
				for _, phase := range phases[1 : i+1] {
					if phase == "retire" {
						phase = "retire, agentsReissued: true"
					}
					s.compile(own(phase))
				}
				before := s.all()
				s.now = fixtureTime.AddDate(1, 0, 0) // the last certificate under the outgoing root has expired
				_, err := s.try(own(to), Options{})
				want := to == from || strings.Contains(" "+allowed[from]+" ", " "+to+" ")
				if want != (err == nil) {
					t.Fatalf("allowed %t: %v", want, err)
				}
				if err == nil {
					return
				}
				if text := err.Error(); !strings.Contains(text, "topology.yaml:11:") {
					t.Errorf("no position: %s", text)
				}
				if after := s.all(); after["topology.lock.yaml"] != before["topology.lock.yaml"] {
					t.Error("a refused phase changed the lockfile")
				}
			})
		}
	}
}

// TestRefusedTurns lists what a rotation refuses in addition to skipped phases.
func TestRefusedTurns(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []string // PKI blocks; the last is refused
		later time.Duration
		want  string
	}{
		{"nothing to rotate", []string{own("distribute")}, 0, "no root exists yet, so there is nothing to rotate"},
		{"another root without a rotation", []string{own(""), "selfSigned: {keyAlgorithm: rsa}"}, 0, "a different root from the one in the lockfile"},
		{"another root in a rotation", []string{own(""), own("distribute"), "selfSigned: {keyAlgorithm: rsa, rotation: {phase: distribute}}"}, 0, "a rotation is already under way"},
		{"retire too early", []string{own(""), own("distribute"), own("issue"), own("drain"), own("retire")}, 364 * day, "agents may hold certificates under the old root until 2027-12-01"},
		{"agents reissued before anything could issue them", []string{own(""), own("distribute, agentsReissued: true")}, 0, "no agent can have"},
		{"agents reissued by what is yet to come", []string{own(""), own("distribute"), own("issue, agentsReissued: true")}, 0, "no agent can have"},
		{"giving up while agents hold the next root's", []string{own(""), own("distribute"), own("issue"), own("distribute"), own("")}, 364 * day, "going back is not safe"},
		{"back to what has expired", []string{own(""), own("distribute"), own("issue"), own("distribute")}, 399 * day, "going back is not safe: the server certificate under the old root expired"},
		{"the next anchors hold the old", []string{foreignPKI(1, ""), foreignPKI(1, "distribute")}, 0, "holds the old root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTestProject(t)
			s.bring(1)
			last := len(c.steps) - 1
			for _, block := range c.steps[:last] {
				s.compile(block)
			}
			s.now = s.now.Add(c.later)
			if _, err := s.try(c.steps[last], Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if _, err := Vet(s.project, s.env()); err == nil {
				t.Error("vet lets it pass")
			}
		})
	}
}

// TestGivingUp rolls a rotation back to its beginning, once no agent has a certificate under its root.
func TestGivingUp(t *testing.T) {
	s := newTestProject(t)
	first := s.compile(own(""))
	for _, phase := range []string{"distribute", "issue", "drain", "issue", "distribute"} {
		s.compile(own(phase))
	}
	s.compile(own("distribute, agentsReissued: true"))
	last := s.compile(own(""))
	for _, role := range relayRoles {
		if a, b := first.Lock.Newest(role), last.Lock.Newest(role); a.SHA256 != b.SHA256 || len(last.Lock.All(role)) != 1 {
			t.Errorf("%s: not the earlier certificate", role)
		}
	}
	if last.Lock.Rotation != nil {
		t.Error("the rotation is still in the lockfile")
	}
}

// TestRetiringReturns adds the old root to the bundles again while the rotation is still in retire.
func TestRetiringReturns(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	s.compile(own("issue"))
	drained := s.compile(own("drain"))
	if n := len(s.compile(own("retire, agentsReissued: true")).Lock.All(pki.Root)); n != 1 {
		t.Errorf("retired: %d roots in the bundles, want 1", n)
	}
	back := s.compile(own("drain"))
	if len(back.Lock.All(pki.Root)) != 2 || len(back.Lock.Rotation.Aside) != len(drained.Lock.Rotation.Aside) {
		t.Errorf("back in drain: %d roots, %d certificates aside", len(back.Lock.All(pki.Root)), len(back.Lock.Rotation.Aside))
	}
}

// TestTenYearsChangeNothing compiles each phase again ten years later, with and without keys.
func TestTenYearsChangeNothing(t *testing.T) {
	for i, phase := range []string{"", "distribute", "issue", "drain", "retire, agentsReissued: true"} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			s := newTestProject(t)
			s.compile(own(""))
			for _, p := range lockfile.Phases {
				if phase == "" {
					break
				}
				if strings.HasPrefix(phase, string(p)) {
					s.compile(own(phase))
					break
				}
				s.compile(own(string(p)))
			}
			before := s.all()
			s.now = fixtureTime.AddDate(10, 0, 0)
			for _, o := range []Options{{}, {Locked: true}, {Locked: true, Check: true}} {
				r, err := s.try(own(phase), o)
				if err != nil {
					t.Fatal(err)
				}
				if !r.Changes.None() || len(r.Issued) > 0 {
					t.Errorf("%+v: %+v, issued %v", o, r.Changes, r.Issued)
				}
			}
			for name, text := range s.all() {
				if before[name] != text {
					t.Errorf("%s changed", name)
				}
			}
			report, err := Certificates(s.project, s.env(), s.now)
			if err != nil {
				t.Fatal(err)
			}
			if due := report.DueWithin(0); len(due) == 0 {
				t.Error("after ten years nothing is overdue")
			}
		})
	}
}

// TestRenewalsInARotation renews in every phase what the current root issued, and checks that the same root issues it; between two kinds of
// PKI no root could.
func TestRenewalsInARotation(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	for _, phase := range []string{"distribute", "issue", "drain", "retire, agentsReissued: true", ""} {
		root := s.compile(own(phase)).Lock.Issuer()
		for _, what := range []string{"signing", "server"} {
			r, err := Renew(s.project, s.env(), RenewOptions{What: what})
			if err != nil {
				t.Fatalf("phase %s: %v", phase, err)
			}
			if c := r.Lock.Newest(pki.Role(what)); c.Chain[0].CheckSignatureFrom(root.Chain[0]) != nil || c.Issuer != root.Subject {
				t.Errorf("phase %s: %s is issued by %s, want %s", phase, what, c.Issuer, root.Subject)
			}
		}
	}
	for _, c := range []struct{ before, during string }{{own(""), foreignPKI(1, "distribute")}, {foreignPKI(1, ""), own("distribute")}} {
		s := newTestProject(t)
		s.bring(1)
		s.compile(c.before)
		s.compile(c.during)
		if _, err := Renew(s.project, s.env(), RenewOptions{What: "server"}); err == nil || !strings.Contains(err.Error(), "still chains to the root that leaves") {
			t.Errorf("%s: %v", c.during, err)
		}
	}
}

// TestNamesChangeWhileARootIsDistributed reissues the server certificate under the current root when its names change, and leaves changes
// that came with the next root to that root.
func TestNamesChangeWhileARootIsDistributed(t *testing.T) {
	s := newTestProject(t)
	first := s.compile(own(""))
	if begun := s.compile("selfSigned: {keyAlgorithm: rsa, rotation: {phase: distribute}}"); issue.IsDue(begun.Issued, pki.Server) || issue.IsDue(begun.Issued, pki.Signing) {
		t.Errorf("with another algorithm than before, issued %v", begun.Issued)
	}
	s.write("topology.yaml", []byte(strings.Replace(fmt.Sprintf(testTopology, "selfSigned: {keyAlgorithm: rsa, rotation: {phase: distribute}}"), "name: demo\n", "name: demo\nnamespace: mesh\n", 1)))
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, root := r.Lock.Newest(pki.Server), first.Lock.Newest(pki.Root)
	if len(r.Issued) != 1 || server.Issuer != root.Subject {
		t.Errorf("issued %v, by %s", r.Issued, server.Issuer)
	}
	s = newTestProject(t)
	first = s.compile(own(""))
	s.write("topology.yaml", []byte(strings.Replace(fmt.Sprintf(testTopology, own("distribute")), "name: demo\n", "name: demo\nnamespace: mesh\n", 1)))
	if r, err = Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	server, root = r.Lock.Newest(pki.Server), first.Lock.Newest(pki.Root)
	if !issue.IsDue(r.Issued, pki.Server) || server.Chain[0].CheckSignatureFrom(root.Chain[0]) != nil {
		t.Errorf("in one compile with the new root: issued %v, the server by %s", r.Issued, server.Issuer)
	}
}
