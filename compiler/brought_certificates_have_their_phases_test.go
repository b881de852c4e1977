package compiler

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/compiler/review"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// TestDrainWantsACertificateOfTheNewPKIForEveryAgent rotates with one cluster still having a certificate of the old PKI: that is allowed
// until the phase drain, which names it.
func TestDrainWantsACertificateOfTheNewPKIForEveryAgent(t *testing.T) {
	s := fleetOf(t, "east", "west")
	s.compiledNow()
	s.bring(2)
	s.bringClients(2, "west")
	for _, phase := range []string{"distribute", "issue"} {
		s.remotesOf(brought(2, phase), "east", "west")
		r := s.compiledNow()
		if issue.IsDue(r.Issued, pki.Agent) {
			t.Errorf("%s imports %v", phase, r.Issued)
		}
		for _, a := range r.Lock.AgentsInForce() {
			if a.Generation != 1 {
				t.Errorf("%s: %s", phase, a)
			}
		}
		if report, err := Verify(s.project, s.env(), s.now); err != nil || report.Count(verify.Error) > 0 {
			t.Errorf("%s: %v, %v", phase, err, report)
		}
	}
	s.remotesOf(brought(2, "issue"), "east", "north", "west")
	s.refusedWith("a new remote in the phase issue", "no certificate under the old root for the agent of north")
	s.remotesOf(brought(2, "drain"), "east", "west")
	s.refusedWith("drain without east", "no certificate for the agent of east")
	for _, ends := range []string{".crt", ".key"} {
		s.write("pki2/clients/east"+ends, s.file("pki1/clients/east"+ends))
	}
	s.refusedWith("drain with the old one", "east.crt: the certificate", "chains to the old root")
	s.bringClients(2, "east")
	drain := s.compiledNow()
	if agents := issue.Agents(drain.Issued); !slices.Equal(agents, []string{"east", "west"}) {
		t.Errorf("drain imports those of %v", agents)
	}
	s.remotesOf(brought(2, "issue"), "east", "west")
	if back := s.compiledNow(); back.Lock.Agent("east").Generation != 1 {
		t.Errorf("on the way back east has %s", back.Lock.Agent("east"))
	}
	for _, phase := range []string{"drain", "retire", ""} {
		s.remotesOf(brought(2, phase), "east", "west")
		r := s.compiledNow()
		if r.Lock.Agent("east").Generation != 2 {
			t.Errorf("%q: east has %s", phase, r.Lock.Agent("east"))
		}
	}
}

// TestRelayCACannotBeginToSignInARotation refuses what would leave agents without an issuer.
func TestRelayCACannotBeginToSignInARotation(t *testing.T) {
	s := fleetOf(t, "remote-cluster")
	s.compiledNow()
	s.bring(2)
	for _, block := range []string{foreignPKI(2, "distribute"), own("distribute")} {
		s.remotesOf(block, "remote-cluster")
		s.refusedWith(block, "an external PKI issued agents' certificates")
	}
	s.remotesOf(foreignPKI(1, ""), "remote-cluster")
	if r := s.compiledNow(); r.Lock.Newest(pki.Signing) == nil || len(r.Lock.Agents) > 0 {
		t.Errorf("outside of one it has %d agents' certificates", len(r.Lock.Agents))
	}
	s.remotesOf(brought(1, ""), "remote-cluster")
	if r := s.compiledNow(); r.Lock.Newest(pki.Signing) != nil || len(r.Lock.Agents) != 1 {
		t.Errorf("and back: %d agents' certificates, signing CA %v", len(r.Lock.Agents), r.Lock.Newest(pki.Signing))
	}
	s.remotesOf(own(""), "remote-cluster")
	s2 := newTestProject(t)
	s2.compile(own(""))
	s2.bring(1)
	s2.bringClients(1, "remote-cluster")
	s2.remotesOf(brought(1, "distribute"), "remote-cluster")
	s2.refusedWith("from a relay CA to brought certificates", "the signing CA of the old PKI still signs agents' certificates")
}

// TestRenewSaysThatThePKIHasTo asks to renew certificates from an external PKI.
func TestRenewSaysThatThePKIHasTo(t *testing.T) {
	s := fleetOf(t, "east", "west")
	s.compiledNow()
	_, err := Renew(s.project, s.env(), RenewOptions{What: issue.AllAgents, Agents: []string{"east"}})
	var faults diag.List
	if !errors.As(err, &faults) || faults[0].Code != diag.NotRenewable || !strings.Contains(err.Error(), "agent of east comes from an external PKI") || !strings.Contains(faults[0].Hint, "put a new certificate") {
		t.Errorf("got %v", err)
	}
	s.now = s.now.Add(4000 * time.Hour)
	if _, err = Renew(s.project, s.env(), RenewOptions{What: issue.AllDue}); err == nil || !strings.Contains(err.Error(), "agent of east, west") {
		t.Errorf("what is due: got %v", err)
	}
}

// TestBroughtAgentsWithEveryStore delivers private values with each store: every agent's cluster gets its certificate, verify's handshakes
// succeed with all of them, and a clone without keys finds nothing to change.
func TestBroughtAgentsWithEveryStore(t *testing.T) {
	recipient := strings.Fields(string(read(t, "../fixtures/encrypted/keys/recipients.txt")))[0]
	for store, block := range map[string]string{
		"local":           "{}",
		"sops":            "{management: [" + recipient + "], remotes: [" + recipient + "]}",
		"sealedSecrets":   "{management: sealing.pem, remotes: sealing.pem}",
		"externalSecrets": "{store: {name: vault}, path: relayform/demo}",
	} {
		s := fleetOf(t, "east", "west")
		s.write("sealing.pem", read(t, "../fixtures/sealed-secrets/sealing/mgmt.pem"))
		s.write("topology.yaml", append(s.file("topology.yaml"), "secrets: {"+store+": "+block+"}\n"...))
		if r := s.compiledNow(); len(r.Missing) > 0 {
			t.Errorf("%s: missing %v", store, r.Missing)
		}
		r, err := Verify(s.project, s.env(), s.now)
		if err != nil {
			t.Fatalf("%s: %v", store, err)
		}
		given := 0
		for _, c := range r.Connections {
			if c.MutualTLS.OK {
				given += len(c.Clusters)
			}
		}
		if given != 2 || r.Count(verify.Error) > 0 {
			t.Errorf("%s: %d agents connect; %v", store, given, r.Findings)
		}
		if err := os.RemoveAll(s.project.Keys); err != nil {
			t.Fatal(err)
		}
		if r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() {
			t.Errorf("%s: in a clone: %v", store, err)
		}
	}
}

// TestReviewPlaysAgentsWithWhatTheyWereBrought reviews each step of a rotation with certificates from external PKIs: the next phase cuts
// nobody off, and a skipped phase is refused because of the agents' certificates.
func TestReviewPlaysAgentsWithWhatTheyWereBrought(t *testing.T) {
	s := fleetOf(t, "east", "west")
	s.bring(2)
	s.bringClients(2, "east", "west")
	phases := []string{"", "distribute", "issue", "drain", "retire"}
	var projects []*testProject
	var states []review.State
	for i, phase := range phases {
		if s.remotesOf(brought(min(i, 1)+1, phase), "east", "west"); i == 0 {
			s.remotesOf(brought(1, ""), "east", "west")
		}
		s.compiledNow()
		then := newTestProject(t)
		for name, text := range s.all() {
			then.write(name, []byte(text))
		}
		state, err := ReviewNow(then.project, then.env(), phase, func() ([]string, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
		projects, states = append(projects, then), append(states, state)
	}
	for i, p := range projects {
		before, err := ReviewThen(p.project, p.env(), phases[i], states[i], nil)
		if err != nil || before == nil {
			t.Fatal(before, err)
		}
		for j := i; j < len(states); j++ {
			r := review.Review(before, states[j], "topology.yaml", fixtureTime)
			if safe := j <= i+1; r.Breaks() == safe {
				t.Errorf("%q → %q: breaks %v: %+v", phases[i], phases[j], r.Breaks(), r.Findings)
			}
			if refused := strings.Contains(fmt.Sprint(r.Findings), "the relay server refuses agents' certificates that they have "); i == 3 && j == 3 && refused || i == 2 && j == 4 && !refused {
				t.Errorf("%q → %q: %+v", phases[i], phases[j], r.Findings)
			}
		}
	}
}
