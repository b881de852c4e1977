package review_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/review"
)

// TestARootStaysWhileAgentsHoldCertificatesUnderIt retires the old root: that is an error until the last agent's certificate has expired,
// or the topology states that every agent has a new one.
func TestARootStaysWhileAgentsHoldCertificatesUnderIt(t *testing.T) {
	until := lockOf(t, 3).Rotation.DrainUntil
	for _, c := range []struct {
		name          string
		at            time.Time
		before, after func(*lockfile.Rotation)
		to            int
		told          bool
	}{
		{"too early", noon, nil, nil, 4, true},
		{"a second too early", until.Add(-time.Second), nil, nil, 4, true},
		{"half a second too early", until.Add(-time.Second / 2), nil, nil, 4, true},
		{"in time", until, nil, nil, 4, false},
		{"every agent has another", noon, nil, func(r *lockfile.Rotation) { r.AgentsReissued = true }, 4, false},
		{"every agent had another", noon, func(r *lockfile.Rotation) { r.AgentsReissued = true }, nil, 4, false},
		{"the signing CA was never changed", noon, func(r *lockfile.Rotation) { r.DrainUntil = time.Time{} }, nil, 4, false},
		{"no root leaves", noon, nil, nil, 3, false},
	} {
		before, after := stateOf(t, "HEAD", 3), stateOf(t, "now", c.to)
		after.Lock.Rotation.AgentsReissued = false
		if c.before != nil {
			c.before(before.Lock.Rotation)
		}
		if c.after != nil {
			c.after(after.Lock.Rotation)
		}
		f := of(review.Review(&before, after, "topology.yaml", c.at), "agents-refused")
		if told := f.Message == "a root leaves the bundles while agents may hold certificates under it"; told != c.told {
			t.Errorf("%s: told %v: %+v", c.name, told, f)
		}
		if c.told && (!f.Until.Equal(until) || !slices.Equal(f.Clusters, []string{"asia", "core", "edge"})) {
			t.Errorf("%s: until %s, hits %v", c.name, f.Until, f.Clusters)
		}
	}
}

// TestWhoIsCutOffIsTold changes certificates and bundles so that one side refuses the other: always, or while the clusters are updated one
// after the other.
func TestWhoIsCutOffIsTold(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	one, two, three := m.issue(pki.Root, 1, 3650, nil), m.issue(pki.Root, 2, 3650, nil), m.issue(pki.Root, 3, 3650, nil)
	under := func(role pki.Role, generation int, root lockfile.Certificate) lockfile.Certificate {
		return m.issue(role, generation, 900, &root)
	}
	signing, server := under(pki.Signing, 1, one), under(pki.Server, 1, one)
	signing2, server2 := under(pki.Signing, 2, two), under(pki.Server, 2, two)
	signing3 := under(pki.Signing, 3, three)
	for _, c := range []struct {
		name          string
		before, after review.State
		want          map[string]string // beginning of the message, by code
	}{
		{"the root is swapped", with(base, one, signing, server), with(base, two, signing2, server2), map[string]string{"root-replaced": "the root is replaced in one step"}},
		{"the server changes root before the remotes know it", with(base, one, signing, server), with(base, one, two, signing, server2),
			map[string]string{"server-refused": "agents refuse the relay server while only management is applied: x509"}},
		{"the remotes forget a root that the server is still under", with(base, one, two, signing2, server), with(base, two, signing2, server2),
			map[string]string{"server-refused": "agents refuse the relay server if the remotes are applied before management: x509"}},
		{"the server is under a root that nobody knows", with(base, one, signing, server), with(base, one, signing, server2),
			map[string]string{"server-refused": "agents refuse the relay server even when every cluster is applied: x509"}},
		{"the server forgets the root of the agents' signing CA", with(base, one, three, signing3, server), with(base, one, signing, server),
			map[string]string{"agents-refused": "the relay server refuses agents' certificates from the signing CA before: x509"}},
		{"both, each for its own reason", with(base, one, three, signing3, server), with(base, one, two, signing, server2),
			map[string]string{"server-refused": "agents refuse the relay server while only management is applied: x509",
				"agents-refused": "the relay server refuses agents' certificates from the signing CA before: x509"}},
		{"the signing CA is under a root that nobody knows", with(base, one, signing, server), with(base, one, signing2, server),
			map[string]string{"agents-refused": "the relay server refuses agents' certificates from the signing CA after: x509"}},
		{"nobody", with(base, one, signing, server), with(base, one, two, signing, server), map[string]string{}},
	} {
		r := review.Review(&c.before, c.after, "topology.yaml", noon)
		for _, code := range []string{"root-replaced", "server-refused", "agents-refused"} {
			f := of(r, code)
			if want, told := c.want[code]; told != (f.Message != "") || !strings.HasPrefix(f.Message, want) {
				t.Errorf("%s: %s: %q, want %q", c.name, code, f.Message, want)
			}
			if f.Message != "" && !slices.Equal(f.Clusters, []string{"asia", "core", "edge"}) {
				t.Errorf("%s: %s hits %v", c.name, code, f.Clusters)
			}
		}
		if r.Breaks() != (len(c.want) > 0) {
			t.Errorf("%s: breaks %v", c.name, r.Breaks())
		}
	}
}

// TestATokenCountsAtFirstContactAlone replaces the token: agents without a certificate are refused until both sides have it, which is a
// warning.
func TestATokenCountsAtFirstContactAlone(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 0)
	after.Lock.Token = &lockfile.Token{Generation: 2, SHA256: strings.Repeat("ab", 32)}
	r := review.Review(&before, after, "topology.yaml", noon)
	if got := codes(r); !slices.Equal(got, []string{"warning token-replaced"}) {
		t.Errorf("%v", got)
	}
	for _, h := range r.Handshakes {
		if refused := h.Agent == "first contact" && h.Management != h.Remote; refused == h.OK || refused && h.Why != "the tokens differ" {
			t.Errorf("%+v", h)
		}
	}
	after.Lock.Token = nil
	if got := codes(review.Review(&before, after, "topology.yaml", noon)); !slices.Contains(got, "warning token-replaced") {
		t.Errorf("without a token: %v", got)
	}
}

// TestTheFirstReasonIsTold replaces the server's root and the token at once: different tokens would matter only to agents that accept the
// server.
func TestTheFirstReasonIsTold(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	one, two := m.issue(pki.Root, 1, 3650, nil), m.issue(pki.Root, 2, 3650, nil)
	signing, server, server2 := m.issue(pki.Signing, 1, 900, &one), m.issue(pki.Server, 1, 300, &one), m.issue(pki.Server, 2, 300, &two)
	before, after := with(base, one, signing, server), with(base, one, two, signing, server2)
	after.Lock.Token = &lockfile.Token{Generation: 2, SHA256: "bb"}
	for _, h := range review.Review(&before, after, "topology.yaml", noon).Handshakes {
		if h.Management == "after" && h.Remote == "before" && !strings.HasPrefix(h.Why, "the agent refuses the server: x509") {
			t.Errorf("%+v", h)
		}
	}
}

// TestAHandshakeEndsWithTheCertificateThatEndsFirst has the signing CA expire before the server's certificate: running agents are refused
// from then on, first contacts are not.
func TestAHandshakeEndsWithTheCertificateThatEndsFirst(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	root := m.issue(pki.Root, 1, 3650, nil)
	signing, server, server2 := m.issue(pki.Signing, 1, 100, &root), m.issue(pki.Server, 1, 300, &root), m.issue(pki.Server, 2, 300, &root)
	before, after := with(base, root, signing, server), with(base, root, signing, server2)
	r := review.Review(&before, after, "topology.yaml", noon)
	if len(r.Handshakes) != 8 {
		t.Errorf("%d handshakes", len(r.Handshakes))
	}
	for _, h := range r.Handshakes {
		days := 100
		if h.Agent == "first contact" {
			days = 300
		}
		if want := noon.AddDate(0, 0, days); !h.OK || !h.Until.Equal(want) {
			t.Errorf("%+v, want %s", h, want)
		}
	}
}

// TestHandshakesWithoutACertificateFail removes the server's certificate, then the signing CA, then both.
func TestHandshakesWithoutACertificateFail(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	root := m.issue(pki.Root, 1, 3650, nil)
	signing, server := m.issue(pki.Signing, 1, 900, &root), m.issue(pki.Server, 1, 300, &root)
	whole := with(base, root, signing, server)
	for _, h := range review.Review(&whole, with(base, root, signing), "topology.yaml", noon).Handshakes {
		if fails := h.Management == "after"; fails == h.OK || fails && h.Why != "the relay server has no certificate" {
			t.Errorf("no server: %+v", h)
		}
	}
	for _, h := range review.Review(&whole, with(base, root, server), "topology.yaml", noon).Handshakes {
		if fails := h.Agent == "after"; fails == h.OK || fails && h.Why != "there is no signing CA" {
			t.Errorf("no signing CA: %+v", h)
		}
	}
	nothing, one := with(base), with(base, root)
	for name, r := range map[string]*review.Report{"from nothing": review.Review(&nothing, whole, "topology.yaml", noon), "to nothing": review.Review(&whole, nothing, "topology.yaml", noon)} {
		if len(r.Handshakes) > 0 {
			t.Errorf("%s: %+v", name, r.Handshakes)
		}
	}
	if r := review.Review(&one, one, "topology.yaml", noon); len(r.Handshakes) == 0 {
		t.Error("one certificate is no mesh, and nobody is told")
	}
	lacking := whole
	lacking.Lacks = []string{"server"}
	if r := review.Review(&whole, lacking, "topology.yaml", noon); len(r.Handshakes) > 0 {
		t.Errorf("what is still to be issued is judged: %+v", r.Handshakes)
	}
}
