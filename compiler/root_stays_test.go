package compiler

import (
	"errors"
	"strings"
	"testing"

	"relayform/compiler/issue"
)

// TestRootIsReplacedInOneStepOnlyWhereAsked replaces the root in one step. It cuts off every agent, so --reissue-root is required; during a
// rotation that does not help either, as two roots are deployed already.
func TestRootIsReplacedInOneStepOnlyWhereAsked(t *testing.T) {
	const other = "selfSigned: {keyAlgorithm: ecdsa, validity: {root: 80000h}%s}"
	block := func(rotation string) string { return strings.Replace(other, "%s", at(rotation), 1) }
	s := newTestProject(t)
	s.compile(own(""))
	for _, o := range []Options{{}, {Locked: true}, {Check: true}, {Locked: true, ReissueRoot: true}, {Check: true, ReissueRoot: true}} {
		if _, err := s.try(block(""), o); err == nil {
			t.Errorf("%+v replaces the root", o)
		}
	}
	s.bring(1)
	if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil || !strings.Contains(err.Error(), "pki.external.ca holds other anchors") {
		t.Errorf("an external PKI in one step: %v", err)
	}
	// If the root need not change, the flag replaces none.
	if r, err := s.try(own(""), Options{ReissueRoot: true}); err != nil || len(r.Issued) > 0 {
		t.Errorf("--reissue-root without a cause: %v", err)
	}
	for _, phase := range []string{"distribute", "issue", "drain"} {
		s.compile(own(phase))
		if _, err := s.try(block(phase), Options{ReissueRoot: true}); err == nil || !strings.Contains(err.Error(), "a rotation is already under way") {
			t.Errorf("in the phase %s --reissue-root is taken: %v", phase, err)
		}
	}
	s = newTestProject(t)
	s.bring(1)
	s.compile(foreignPKI(1, ""))
	if _, err := s.try(own(""), Options{}); err == nil || !strings.Contains(err.Error(), "the lockfile has one from an external PKI") {
		t.Errorf("from an external PKI in one step: %v", err)
	}
	s = newTestProject(t)
	first := s.compile(own(""))
	r, err := s.try(block(""), Options{ReissueRoot: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range relayRoles {
		c := r.Lock.Newest(role)
		if c.Generation != 2 || c.SPKI == first.Lock.Newest(role).SPKI || len(r.Lock.All(role)) != 1 {
			t.Errorf("%s: generation %d, %d in force; want a new one alone", role, c.Generation, len(r.Lock.All(role)))
		}
	}
	if r.Lock.Token.SHA256 != first.Lock.Token.SHA256 {
		t.Error("the token was replaced, too")
	}
}

// TestLockedAndCheckedIssueNothing has something due while issuing is forbidden: the error is one that programs recognize, it names each
// thing once, and nothing is written.
func TestLockedAndCheckedIssueNothing(t *testing.T) {
	for name, c := range map[string]struct {
		before, now string
		want        []string
	}{
		"everything":        {"", own(""), []string{"root: would be issued", "signing: would be issued", "server: would be issued", "token: would be issued"}},
		"a phase":           {own(""), own("distribute"), []string{"rotation: would be recorded", "root: would be issued"}},
		"a validity":        {own(""), "selfSigned: {keyAlgorithm: ecdsa, validity: {signing: 20000h}}", []string{"signing: would be issued"}},
		"an external PKI":   {"", foreignPKI(1, ""), []string{"root: would be taken from pki1/ca.pem", "server: would be taken from pki1/server.pem", "signing: would be taken from pki1/signing.pem", "token: would be issued"}},
		"agents, and drain": {"rotating", own("drain, agentsReissued: true"), []string{"rotation: would be recorded"}},
	} {
		s := newTestProject(t)
		s.bring(1)
		switch c.before {
		case "":
		case "rotating":
			for _, phase := range []string{"", "distribute", "issue", "drain"} {
				s.compile(own(phase))
			}
		default:
			s.compile(c.before)
		}
		s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", c.now, 1)))
		before := s.all()
		for _, o := range []Options{{Locked: true}, {Check: true}, {Locked: true, Check: true}} {
			_, err := Compile(s.project, s.env(), o)
			var due issue.DueError
			if !errors.As(err, &due) || len(due) != len(c.want) {
				t.Errorf("%s, %+v: %v; want %d things due", name, o, err, len(c.want))
				continue
			}
			for _, want := range c.want {
				if strings.Count(err.Error(), want) != 1 {
					t.Errorf("%s, %+v: %v; want %q once", name, o, err, want)
				}
			}
			for file, text := range s.all() {
				if before[file] != text {
					t.Errorf("%s, %+v: %s changed", name, o, file)
				}
			}
		}
	}
}
