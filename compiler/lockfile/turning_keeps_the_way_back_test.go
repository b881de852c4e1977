package lockfile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// entryNames formats entries as "role generation digest", for comparison.
func entryNames(entries []lockfile.Certificate) []string {
	names := []string{}
	for _, c := range entries {
		names = append(names, fmt.Sprintf("%s %d %s", c.Role, c.Generation, c.SHA256[:8]))
	}
	return names
}

// TestTurningKeepsTheWayBack moves lockfiles from each phase to each adjacent one. A certificate that a phase retires without setting it
// aside is lost, and with it the rollback; one that is kept too long is in every cluster's bundle.
func TestTurningKeepsTheWayBack(t *testing.T) {
	now := time.Date(2027, 2, 3, 4, 5, 6, 789, time.FixedZone("CET", 3600))
	for _, c := range []struct {
		from           string // name of a good lockfile
		to             lockfile.Phase
		inForce, aside string // indexes of entries in what was in use or, with "a", set aside before
	}{
		{"plain", lockfile.Distribute, "0 1 2", ""},
		{"external", lockfile.Distribute, "0 1 2", ""},
		{"anchors", lockfile.Distribute, "0 1 2 3", ""},
		{"distribute", "", "0 2 3", ""},
		{"distribute", lockfile.Issue, "0 1", "2 3"},
		{"distribute again", lockfile.Issue, "0 1", "2 3"},
		{"issue", lockfile.Distribute, "0 1 a0 a1", ""},
		{"from external", lockfile.Distribute, "0 1 a0 a1", ""},
		{"to external", lockfile.Distribute, "0 1 a0 a1", ""},
		{"issue", lockfile.Drain, "0 1 2 3", "a0 a1"},
		{"drain", lockfile.Issue, "0 1 2 3", "a0 a1"},
		{"drain", lockfile.Retire, "1 2 3", "0 a0 a1"},
		{"retire", lockfile.Drain, "a0 0 1 2", "a1 a2"},
		{"external, retire", lockfile.Drain, "a0 0 1 2", "a1 a2"},
		{"retire", "", "0 1 2", ""},
	} {
		name := c.from + " to " + string(c.to)
		l := locktest.Good(t)[c.from]
		l.Token.Generation = 7
		if l.Rotation != nil {
			l.Rotation.AgentsReissued = true
		}
		before, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		pick := func(places string) []string {
			picked := []lockfile.Certificate{}
			for _, place := range strings.Fields(places) {
				from := l.Certificates
				if rest, ok := strings.CutPrefix(place, "a"); ok {
					from, place = l.Rotation.Aside, rest
				}
				picked = append(picked, from[place[0]-'0'])
			}
			return entryNames(picked)
		}
		next := l.Turn(c.to, now)
		if have, want := entryNames(next.Certificates), pick(c.inForce); !slices.Equal(have, want) {
			t.Errorf("%s: in force %q, want %q", name, have, want)
		}
		if next.Topology != l.Topology || next.Token == nil || *next.Token != *l.Token {
			t.Errorf("%s: lost the name or the token", name)
		}
		if again, err := l.Marshal(); err != nil || !bytes.Equal(before, again) {
			t.Errorf("%s: the earlier lockfile changed, too", name)
		}
		if c.to == "" {
			if next.Rotation != nil {
				t.Errorf("%s: a rotation is left", name)
			}
			continue
		}
		r := next.Rotation
		if have, want := entryNames(r.Aside), pick(c.aside); !slices.Equal(have, want) {
			t.Errorf("%s: aside %q, want %q", name, have, want)
		}
		if want := time.Date(2027, 2, 3, 3, 5, 6, 0, time.UTC); r.Phase != c.to || r.Since != want || r.AgentsReissued {
			t.Errorf("%s: %s since %s, agents reissued %t", name, r.Phase, r.Since, r.AgentsReissued)
		}
		if l.Rotation != nil && !r.DrainUntil.Equal(l.Rotation.DrainUntil) {
			t.Errorf("%s: agents drain until %s, want %s", name, r.DrainUntil, l.Rotation.DrainUntil)
		}
	}
	if next := (&lockfile.File{}).Turn(lockfile.Distribute, now); next.Phase() != lockfile.Distribute || len(next.Certificates) > 0 {
		t.Error("a lock of nothing cannot be turned")
	}
}

// TestEachPhaseHasItsRoots checks who signs, whom clusters must trust, and which generation is next: a repeated generation would give two
// certificates the same name.
func TestEachPhaseHasItsRoots(t *testing.T) {
	good := locktest.Good(t)
	for name, c := range map[string]struct {
		phase           lockfile.Phase
		issuer          int // its generation
		anchors         []int
		every           int
		nextRoot, below int
	}{
		"plain":            {"", 1, []int{1}, 3, 2, 2},
		"distribute":       {lockfile.Distribute, 1, []int{2}, 4, 3, 2},
		"issue":            {lockfile.Issue, 2, []int{2}, 6, 3, 3},
		"drain":            {lockfile.Drain, 2, []int{2}, 6, 3, 3},
		"retire":           {lockfile.Retire, 2, []int{2}, 6, 3, 3},
		"anchors":          {"", 1, []int{1, 1}, 4, 2, 2},
		"external, retire": {lockfile.Retire, 2, []int{2}, 6, 3, 3},
	} {
		l := good[name]
		var anchors []int
		for _, a := range l.Anchors() {
			if a.Role != pki.Root {
				t.Errorf("%s: a %s is an anchor", name, a.Role)
			}
			anchors = append(anchors, a.Generation)
		}
		if l.Phase() != c.phase || l.Issuer().Generation != c.issuer || l.Issuer().Role != pki.Root || !slices.Equal(anchors, c.anchors) {
			t.Errorf("%s: in %q, generation %d signs, anchors %v; want %+v", name, l.Phase(), l.Issuer().Generation, anchors, c)
		}
		if every := l.Every(); len(every) != c.every {
			t.Errorf("%s: %d certificates, want %d", name, len(every), c.every)
		}
		if root, server, signing := l.NextGeneration(pki.Root), l.NextGeneration(pki.Server), l.NextGeneration(pki.Signing); root != c.nextRoot || server != c.below || signing != c.below {
			t.Errorf("%s: next are root %d, server %d, signing %d; want %d, %d, %d", name, root, server, signing, c.nextRoot, c.below, c.below)
		}
	}
	begun := good["plain"].Turn(lockfile.Distribute, time.Now())
	if a := begun.Anchors(); len(a) > 0 {
		t.Errorf("the next root is still to be made, and there are %d anchors", len(a))
	}
	retired := good["retire"]
	retired.Certificates = nil // generations continue after what is set aside
	if g := retired.NextGeneration(pki.Root); g != 2 {
		t.Errorf("next is root %d, want 2", g)
	}
	var none *lockfile.File
	if none.Phase() != "" || none.Newest(pki.Root) != nil || len(none.Every()) > 0 || len(none.All(pki.Root)) > 0 {
		t.Error("a missing lock has something")
	}
}

// TestIssuedTakesThePlaceOfWhatWasInForce adds new entries and tokens to lockfiles: everything else stays.
func TestIssuedTakesThePlaceOfWhatWasInForce(t *testing.T) {
	good := locktest.Good(t)
	plain, distribute, drain, anchors := good["plain"], good["distribute"], good["drain"], good["anchors"]
	server := drain.Certificates[3]
	for name, c := range map[string]struct {
		lock    *lockfile.File
		entries []lockfile.Certificate
		want    []lockfile.Certificate
	}{
		"nothing":                        {plain, nil, plain.Certificates},
		"a server":                       {plain, []lockfile.Certificate{server}, []lockfile.Certificate{plain.Certificates[0], plain.Certificates[1], server}},
		"a root alone":                   {plain, drain.Certificates[1:2], []lockfile.Certificate{drain.Certificates[1], plain.Certificates[1], plain.Certificates[2]}},
		"everything, out of order":       {plain, []lockfile.Certificate{server, drain.Certificates[1], drain.Certificates[2]}, drain.Certificates[1:]},
		"one anchor for two":             {anchors, good["external"].Certificates[:1], slices.Concat(good["external"].Certificates[:1], anchors.Certificates[2:])},
		"a root beside the one in force": {plain.Turn(lockfile.Distribute, time.Now()), drain.Certificates[1:2], []lockfile.Certificate{plain.Certificates[0], drain.Certificates[1], plain.Certificates[1], plain.Certificates[2]}},
		"that root again":                {distribute, distribute.Certificates[1:2], distribute.Certificates},
		"a server in distribute":         {distribute, []lockfile.Certificate{server}, []lockfile.Certificate{distribute.Certificates[0], distribute.Certificates[1], distribute.Certificates[2], server}},
	} {
		before, err := c.lock.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		next := c.lock.With(c.entries, nil)
		if have, want := entryNames(next.Certificates), entryNames(c.want); !slices.Equal(have, want) {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
		if next.Token != c.lock.Token || next.Rotation != c.lock.Rotation || next.Topology != c.lock.Topology {
			t.Errorf("%s: lost the token, the rotation or the name", name)
		}
		token := &lockfile.Token{Generation: 2, SHA256: zeros}
		if next := c.lock.With(c.entries, token); next.Token != token {
			t.Errorf("%s: the new token is not in it", name)
		}
		if again, err := c.lock.Marshal(); err != nil || !bytes.Equal(before, again) {
			t.Errorf("%s: the earlier lockfile changed, too", name)
		}
	}
}

// TestAnchorsHaveOneOrder provides the anchors of a PKI in either order: the lockfile, and so each cluster's bundle, is the same, and
// nothing has to be applied.
func TestAnchorsHaveOneOrder(t *testing.T) {
	l := locktest.Good(t)["anchors"]
	want := entryNames(l.Certificates)
	l.Certificates[0], l.Certificates[1] = l.Certificates[1], l.Certificates[0]
	if have := entryNames(l.With(nil, nil).Certificates); !slices.Equal(have, want) {
		t.Errorf("kept as %q, want %q", have, want)
	}
	if have := entryNames((&lockfile.File{}).With(l.Certificates, nil).Certificates); !slices.Equal(have, want) {
		t.Errorf("issued as %q, want %q", have, want)
	}
}

// TestNamesOfCertificatesArePrintable uses certificate names with control characters, as an external PKI may: a lockfile is read in
// reviews. Line ends are left to the YAML encoder.
func TestNamesOfCertificatesArePrintable(t *testing.T) {
	c := *locktest.Good(t)["external"].Certificates[2].Chain[0]
	const name = "relay\n- role: root\x1b[31m\u202e"
	c.DNSNames, c.Subject.CommonName, c.Issuer.CommonName = []string{"relay", name}, name, name
	entry := lockfile.NewCertificate(pki.Server, 1, lockfile.External, 0, &c)
	for _, text := range append(entry.SANs, entry.Subject, entry.Issuer) {
		if !strings.Contains(text, "relay") || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%q", text)
		}
	}
	if len(entry.SANs) < 2 {
		t.Errorf("names %q", entry.SANs)
	}
}

// TestLockfilesComeBackAsTheyWere writes lockfiles with every possible field, and parses them again.
func TestLockfilesComeBackAsTheyWere(t *testing.T) {
	for name, l := range locktest.Good(t) {
		if l.Rotation != nil {
			l.Rotation.AgentsReissued = true
			l.Rotation.Since = l.Rotation.Since.In(time.FixedZone("CET", 3600))
		}
		l.Token.Generation = 3
		text, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if back.Topology != l.Topology || *back.Token != *l.Token {
			t.Errorf("%s: name %s, token %+v", name, back.Topology, back.Token)
		}
		if !slices.EqualFunc(back.Every(), l.Every(), func(a, b lockfile.Certificate) bool {
			return a.Role == b.Role && a.Generation == b.Generation && a.Source == b.Source && a.Validity == b.Validity && a.SHA256 == b.SHA256 && a.SPKI == b.SPKI &&
				a.Subject == b.Subject && a.Issuer == b.Issuer && slices.Equal(a.SANs, b.SANs) && len(a.Chain) == len(b.Chain)
		}) {
			t.Errorf("%s: other certificates", name)
		}
		if a, b := l.Rotation, back.Rotation; a != nil && (b == nil || a.Phase != b.Phase || !a.Since.Equal(b.Since) || !a.DrainUntil.Equal(b.DrainUntil) || !b.AgentsReissued) {
			t.Errorf("%s: rotation %+v", name, b)
		}
		if bytes.Contains(text, []byte("+01:00")) {
			t.Errorf("%s: a time is not in UTC: it would depend on where it was compiled", name)
		}
	}
}
