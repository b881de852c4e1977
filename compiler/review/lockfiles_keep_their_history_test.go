package review_test

import (
	"slices"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/review"
)

// TestALockfileThatIsRewrittenIsTold compares lockfiles where the later does not follow from the earlier: a commit that replaces a
// certificate under the same generation looks harmless, but is not.
func TestALockfileThatIsRewrittenIsTold(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	root := m.issue(pki.Root, 1, 3650, nil)
	other := m.issue(pki.Root, 1, 3650, nil)
	signing, server := m.issue(pki.Signing, 1, 900, &root), m.issue(pki.Server, 1, 300, &root)
	signing2, server2, server1 := m.issue(pki.Signing, 2, 900, &root), m.issue(pki.Server, 2, 300, &root), m.issue(pki.Server, 1, 300, &root)
	plain := with(base, root, signing, server)
	change := func(s review.State, edit func(*lockfile.File)) review.State {
		l := *s.Lock
		s.Lock = &l
		edit(&l)
		return s
	}
	token := func(s review.State, generation int, digest string) review.State {
		return change(s, func(l *lockfile.File) { l.Token = &lockfile.Token{Generation: generation, SHA256: digest} })
	}
	aside := func(s review.State, some ...lockfile.Certificate) review.State {
		return change(s, func(l *lockfile.File) { l.Rotation = &lockfile.Rotation{Phase: lockfile.Issue, Aside: some} })
	}
	renamed := func(l *lockfile.File) { l.Topology = "other" }
	a, b := external(root), external(other)
	for _, c := range []struct {
		name          string
		before, after review.State
		want          string
	}{
		{"nothing is changed", plain, plain, ""},
		{"a renewal", plain, with(base, root, signing, server2), ""},
		{"the lockfile of another topology", plain, change(plain, renamed), "the lockfile belongs to the topology other, and belonged to demo before"},
		{"a first lockfile under another name", with(base), change(plain, renamed), ""},
		{"another root of the same generation", plain, with(base, other, signing, server), "root 1 is no longer the same certificate"},
		{"another server of the same generation", plain, with(base, root, signing, server1), "server 1 is no longer the same certificate"},
		{"the signing CA is gone", plain, with(base, root, server), "there is no signing any more"},
		{"a signing CA is new", with(base, root, server), plain, ""},
		{"back to one that was not set aside", with(base, root, signing2, server2), plain,
			"signing goes back from generation 2 to 1, with a certificate that was not set aside; server goes back from generation 2 to 1, with a certificate that was not set aside"},
		{"back to one that was set aside", aside(with(base, root, signing2, server2), signing, server), plain, ""},
		{"no token any more", plain, change(plain, func(l *lockfile.File) { l.Token = nil }), "there is no token any more"},
		{"the first token", change(plain, func(l *lockfile.File) { l.Token = nil }), plain, ""},
		{"another token of the same generation", plain, token(plain, 1, "bb"), "token 1 differs from what token 1 was"},
		{"the next token", plain, token(plain, 2, "bb"), ""},
		{"the same token", token(plain, 2, "bb"), token(plain, 2, "bb"), ""},
		{"an anchor more", with(base, a, signing, server), with(base, a, b, signing, server), ""},
		{"an anchor fewer", with(base, a, b, signing, server), with(base, a, signing, server), ""},
		{"one anchor for another", with(base, a, signing, server), with(base, b, signing, server), "root 1 is no longer the same certificate"},
		{"an external anchor beside an own root", plain, with(base, root, b, signing, server), "root 1 is no longer the same certificate"},
		{"an own root beside an external anchor", with(base, b, signing, server), with(base, root, b, signing, server), "root 1 is no longer the same certificate"},
		{"another external server beside the first", with(base, a, signing, external(server)), with(base, a, signing, external(server), external(server1)), "server 1 is no longer the same certificate"},
	} {
		f := of(review.Review(&c.before, c.after, "topology.yaml", noon), "lockfile-rewritten")
		if f.Message != c.want {
			t.Errorf("%s: %q, want %q", c.name, f.Message, c.want)
		}
	}
}

// TestPhasesFollowOneAnother goes from each chapter of a rotation to each other: a skipped phase is reported, with those before and after.
func TestPhasesFollowOneAnother(t *testing.T) {
	more := [][2]int{{0, 5}, {5, 0}, {5, 1}, {1, 5}, {4, 0}} // the first and the last chapter both have no phase
	words := []string{"no rotation", "the phase distribute", "the phase issue", "the phase drain", "the phase retire", "no rotation"}
	for i := range chapters {
		for j := range chapters {
			before, after := stateOf(t, "HEAD", i), stateOf(t, "now", j)
			near := i == j || j == i+1 || j == i-1 && i != 5 || slices.Contains(more, [2]int{i, j})
			want := ""
			if !near {
				want = "the rotation goes from " + words[i] + " to " + words[j] + " in one step"
			}
			if got := of(review.Review(&before, after, "topology.yaml", noon), "phase-skipped").Message; got != want {
				t.Errorf("%d → %d: %q, want %q", i, j, got, want)
			}
		}
	}
}

// TestCertificatesAreToldByWhatBecomesOfThem renews a server certificate with a different name, and a token.
func TestCertificatesAreToldByWhatBecomesOfThem(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	root := m.issue(pki.Root, 1, 3650, nil)
	signing, server := m.issue(pki.Signing, 1, 900, &root), m.issue(pki.Server, 1, 300, &root)
	server2 := m.issue(pki.Server, 2, 310, &root, "relay.example.com")
	before, after := with(base, root, signing, server), with(base, root, signing, server2)
	after.Lock.Token = &lockfile.Token{Generation: 2, SHA256: "bb"}
	told := func(r *review.Report) (all []string) {
		for _, c := range r.Certificates {
			all = append(all, c.What+" "+string(c.Role)+" "+c.SHA256[:2])
			all = append(all, c.Facts...)
		}
		return all
	}
	got := told(review.Review(&before, after, "topology.yaml", noon))
	want := []string{"kept root " + root.SHA256[:2], "kept signing " + signing.SHA256[:2], "made server " + server2.SHA256[:2],
		"names enterprise-networking.gloo-mesh → enterprise-networking.gloo-mesh, relay.example.com", "ends 2027-09-27 → 2027-10-07",
		"replaced server " + server.SHA256[:2], "replaced token aa", "made token bb"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	same := lockfile.NewCertificate(pki.Server, 2, lockfile.External, 0, server.Chain[0])
	same.Subject, same.Issuer, same.SHA256, same.Algorithm = "CN=x", "CN=y", "cc"+server.SHA256[2:], "RSA 2048"
	got = told(review.Review(&before, with(base, root, signing, same), "topology.yaml", noon))
	want = []string{"kept root " + root.SHA256[:2], "kept signing " + signing.SHA256[:2], "made server cc", "source selfSigned → external", "subject " + server.Subject + " → CN=x",
		"issuer " + server.Issuer + " → CN=y", "key ECDSA P-256 → RSA 2048", "the same key", "replaced server " + server.SHA256[:2], "kept token aa"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	got = told(review.Review(&before, with(base, root, signing), "topology.yaml", noon))
	want = []string{"kept root " + root.SHA256[:2], "kept signing " + signing.SHA256[:2], "removed server " + server.SHA256[:2], "kept token aa"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	root2 := m.issue(pki.Root, 2, 3000, nil) // a different expiry
	got = told(review.Review(&before, with(base, root2, signing, server), "topology.yaml", noon))
	want = []string{"made root " + root2.SHA256[:2], "removed root " + root.SHA256[:2], "kept signing " + signing.SHA256[:2], "kept server " + server.SHA256[:2], "kept token aa"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
