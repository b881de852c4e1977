package compiler

import (
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// TestOldRootStaysUntilAgentsCanHaveDrained enters drain long after issue. The relay server may have signed under the old root until drain
// was compiled, so the period starts there: a root that retired early would cut off the last agents.
func TestOldRootStaysUntilAgentsCanHaveDrained(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	s.compile(own("issue"))
	s.now = s.now.Add(100 * day)
	drained := s.now
	s.compile(own("drain"))
	s.now = drained.Add(relay.AgentValidity - time.Hour)
	if _, err := s.try(own("retire"), Options{}); err == nil || !strings.Contains(err.Error(), "agents may hold certificates under the old root until") {
		t.Errorf("the old root retires an hour early: %v", err)
	}
	s.now = drained.Add(relay.AgentValidity + time.Hour)
	if _, err := s.try(own("retire"), Options{}); err != nil {
		t.Error(err)
	}
}

// TestChangedValidityWaitsForTheNextRoot changes validities while the next root is distributed: nothing is issued under the old root
// because of it, as a certificate in use would be replaced twice.
func TestChangedValidityWaitsForTheNextRoot(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	other := "selfSigned: {keyAlgorithm: ecdsa, validity: {server: 2400h, signing: 20000h}, rotation: {phase: distribute}}"
	r := s.compile(other)
	if len(r.Issued) > 0 {
		t.Errorf("issued %v", r.Issued)
	}
	r = s.compile(strings.Replace(other, "distribute", "issue", 1))
	if have := r.Lock.Newest(pki.Server).Validity; have != 2400*time.Hour {
		t.Errorf("under the next root the server's certificate has %s", have)
	}
}

// TestRootGivesNoBackdatingToWhatItSigns renews a certificate a year after its root was issued: it is valid from an hour before now, not
// from the root's notBefore.
func TestRootGivesNoBackdatingToWhatItSigns(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	for _, what := range []string{"server", "signing"} {
		s.now = s.now.Add(180 * day)
		r, err := Renew(s.project, s.env(), RenewOptions{What: what})
		if err != nil {
			t.Fatal(err)
		}
		if from := r.Lock.Newest(pki.Role(what)).Chain[0].NotBefore; !from.Equal(s.now.Add(-time.Hour)) {
			t.Errorf("%s: valid from %s, renewed on %s", what, from, s.now)
		}
	}
}

// TestAddedAnchorIsNotIgnored adds an anchor to an external PKI's bundle: clusters would trust another root, so compile reports it.
func TestAddedAnchorIsNotIgnored(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	s.compile(foreignPKI(1, ""))
	before := s.all()
	s.write("pki1/ca.pem", []byte(before["pki1/ca.pem"]+before["pki2/ca.pem"]))
	if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil || !strings.Contains(err.Error(), "pki.external.ca holds other anchors") {
		t.Errorf("an anchor was added: %v", err)
	}
	s.write("pki1/ca.pem", []byte(before["pki2/ca.pem"]+before["pki1/ca.pem"]))
	if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil {
		t.Error("an anchor was added before the first")
	}
	s.write("pki1/ca.pem", []byte(before["pki1/ca.pem"]))
	if _, err := s.try(foreignPKI(1, ""), Options{}); err != nil {
		t.Error(err)
	}
}
