package issue

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/sealedsecret"
	"relayform/schema/diag"
)

// Age recipients.
const (
	ada = "age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf"
	bob = "age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u"
)

// inGitPlan returns a plan with a store in git, where one remote has its own audience.
func inGitPlan(t *testing.T, store string) *plan.Plan {
	t.Helper()
	who := func(name, recipient string, at ...string) plan.Audience {
		a := plan.Audience{At: at}
		if store == "sops" {
			a.Recipients, a.Digest = []string{recipient}, name
			return a
		}
		text, err := os.ReadFile(filepath.Join("../../fixtures/sealed-secrets/sealing", name+".pem"))
		if err != nil {
			t.Fatal(err)
		}
		if a.Certificate, err = sealedsecret.ReadCertificate(text); err != nil {
			t.Fatal(err)
		}
		a.Digest = a.Certificate.SPKI
		return a
	}
	p := randomPlan(t)
	in := &plan.InGit{Management: who("mgmt", ada, "secrets", store, "management"), Remotes: who("fleet", bob, "secrets", store, "remotes"), Scope: sealedsecret.Strict}
	edge := who("edge", ada, "remotes", "east")
	p.Remotes[0].Audience = &edge
	if p.Sops = in; store != "sops" {
		p.Sops, p.SealedSecrets = nil, in
	}
	return p
}

// sealedAll returns a lockfile with a record of everything that a plan's clusters receive.
func sealedAll(t *testing.T, p *plan.Plan, l *lockfile.File) *lockfile.File {
	t.Helper()
	o := &Order{Seal: sealings(p, l, false), plan: p, world: World{Now: now, Private: func(name string) ([]byte, error) { return []byte(name), nil }}}
	made := &Issued{Lock: l, Before: l}
	if err := o.seal(made); err != nil {
		t.Fatal(err)
	}
	return made.Lock
}

var (
	now    = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	stores = []string{"sops", "sealedSecrets"}
)

// TestEveryCiphertextHasAReason checks the reason for each encryption against what the lockfile had before.
func TestEveryCiphertextHasAReason(t *testing.T) {
	for _, store := range stores {
		p, good := inGitPlan(t, store), locktest.Good(t)["plain"]
		l := sealedAll(t, p, good)
		others := map[string]string{"sops": "sealed for other recipients", "sealedSecrets": "sealed for other certificates"}[store]
		one := slices.IndexFunc(l.Sealed, func(s lockfile.Sealed) bool { return s.Holds == l.Newest(pki.Server).SPKI })
		with := func(change func(*lockfile.Sealed)) *lockfile.File {
			all := slices.Clone(l.Sealed)
			change(&all[one])
			return l.WithSealed(all)
		}
		for reason, l := range map[string]*lockfile.File{
			"not encrypted yet":                     l.WithSealed(slices.Delete(slices.Clone(l.Sealed), one, one+1)),
			others:                                  with(func(s *lockfile.Sealed) { s.For = "others" }),
			"sealed for another namespace or scope": with(func(s *lockfile.Sealed) { s.Bound = "elsewhere" }),
			"the record cannot be read":             with(func(s *lockfile.Sealed) { s.Text = json.RawMessage(`"?"`) }),
		} {
			have := sealings(p, l, false)
			if len(have) != 1 || have[0].Role != pki.Server || have[0].Reason != reason {
				t.Errorf("%s: %+v, want server: %s", store, have, reason)
			}
		}
		if have := sealings(p, l, false); len(have) > 0 {
			t.Errorf("%s: where all is recorded: %+v", store, have)
		}
		again := sealings(p, l, true)
		if len(again) != 5 || slices.ContainsFunc(again, func(s Sealing) bool { return s.Reason != "its renewal was asked for" }) {
			t.Errorf("%s: where a renewal is asked for: %+v", store, again)
		}
		n := 0
		for _, s := range sealings(p, good, false) {
			if n++; s.Reason != "not encrypted yet" {
				t.Errorf("%s: where nothing is recorded: %s", store, s.Reason)
			}
		}
		if n != len(l.Sealed) {
			t.Errorf("%s: %d are encrypted, and %d recorded", store, n, len(l.Sealed))
		}
	}
}

// TestOnlyWhatIsLackingIsEncrypted removes one record: it is recreated, and no other changes. Encrypting everything again changes all.
func TestOnlyWhatIsLackingIsEncrypted(t *testing.T) {
	for _, store := range stores {
		p := inGitPlan(t, store)
		l := sealedAll(t, p, locktest.Good(t)["plain"])
		for i := range l.Sealed {
			next := sealedAll(t, p, l.WithSealed(slices.Delete(slices.Clone(l.Sealed), i, i+1)))
			for j, s := range next.Sealed {
				if same := string(s.Text) == string(l.Sealed[j].Text); same == (i == j) || len(next.Sealed) != len(l.Sealed) {
					t.Errorf("%s: without record %d, record %d is the same: %t", store, i, j, same)
				}
			}
		}
	}
}

// TestSealingErrorsHaveALineForEachValue checks that of many audiences the first is named and the rest counted, and that the error says why
// keys are not available.
func TestSealingErrorsHaveALineForEachValue(t *testing.T) {
	s := func(what, place, reason string) Sealing {
		return Sealing{delivery.Ciphertext{What: what, Audience: plan.Audience{At: strings.Split(place, ".")}}, reason}
	}
	missing := errors.New("keys/a.key: not here")
	e := &SealingError{[]Sealing{
		s("server 2", "secrets.sops.management", "not encrypted yet"),
		s("token 1", "secrets.sops.management", "sealed for other recipients"), s("token 1", "remotes.a.sopsRecipients", "sealed for other recipients"),
		s("token 1", "remotes.b.sopsRecipients", "sealed for other recipients"), s("token 1", "remotes.c.sopsRecipients", "not encrypted yet"),
	}, missing}
	want := `server 2, for secrets.sops.management: not encrypted yet; compile where the keys are
token 1, for secrets.sops.management and 2 more: sealed for other recipients; compile where the keys are
token 1, for remotes.c.sopsRecipients: not encrypted yet; compile where the keys are
keys/a.key: not here`
	if have := e.Error(); have != want || !errors.Is(e, missing) {
		t.Errorf("got\n%s\nwant\n%s", have, want)
	}
}

// TestWithoutItsKeyNothingIsEncrypted has a missing key: the error lists the values that need it, and wraps the cause.
func TestWithoutItsKeyNothingIsEncrypted(t *testing.T) {
	gone := errors.New("gone")
	for _, store := range stores {
		p, l := inGitPlan(t, store), locktest.Good(t)["plain"]
		o := &Order{Seal: sealings(p, l, false), plan: p, world: World{Now: now, Private: func(string) ([]byte, error) { return nil, gone }}}
		made := &Issued{Lock: l, Before: l}
		var told *SealingError
		if err := o.seal(made); !errors.As(err, &told) || !errors.Is(err, gone) || len(told.Sealings) != 5 || len(made.Lock.Sealed) > 0 {
			t.Errorf("%s: %v", store, err)
		}
	}
}

// TestACertificateOfAControllerMayExpireOnceAllIsSealed has expired certificates, one with all its records and one with none: only what
// would have to be encrypted with it is refused, once per certificate, at its position.
func TestACertificateOfAControllerMayExpireOnceAllIsSealed(t *testing.T) {
	p := inGitPlan(t, "sealedSecrets")
	l := sealedAll(t, p, locktest.Good(t)["plain"])
	later := p.SealedSecrets.Management.Certificate.NotAfter.Add(time.Second)
	if err := expired(p, sealings(p, l, false), later); err != nil {
		t.Errorf("all is sealed: %v", err)
	}
	var without []lockfile.Sealed
	for _, s := range l.Sealed {
		if s.For != p.SealedSecrets.Management.Digest {
			without = append(without, s)
		}
	}
	lacking := sealings(p, l.WithSealed(without), false)
	var faults diag.List
	if err := expired(p, lacking, later); !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults[0].Message, "the certificate has expired, on 2036-11-01, and ") || faults[0].Code != diag.SealingCert {
		t.Errorf("%d values are to be sealed: %v", len(lacking), err)
	}
	if err := expired(p, lacking, later.Add(-time.Second)); err != nil {
		t.Errorf("at its last second: %v", err)
	}
	if err := expired(inGitPlan(t, "sops"), sealings(inGitPlan(t, "sops"), l, false), later.AddDate(100, 0, 0)); err != nil {
		t.Errorf("sops: %v", err)
	}
}

// TestRecordsStayAsLongAsTheyAreOfUse checks which records are kept: in every phase of a rotation also those of the values set aside; none
// for an audience that is gone, for a value that is gone, or bound to a different place.
func TestRecordsStayAsLongAsTheyAreOfUse(t *testing.T) {
	for _, store := range stores {
		for name, l := range locktest.Good(t) {
			p := inGitPlan(t, store)
			all := sealedAll(t, p, l)
			if r := l.Rotation; r != nil && len(r.Aside) > 0 {
				before := &lockfile.File{Topology: l.Topology, Certificates: r.Aside, Token: l.Token}
				aside := sealedAll(t, p, before)
				all = l.WithSealed(slices.Concat(all.Sealed, aside.Sealed))
			}
			keeps := delivery.Keeps(p, l)
			for _, s := range all.Sealed {
				if !keeps(s) {
					t.Errorf("%s, %s: %s for %s is dropped", store, name, s.Holds, s.For)
				}
				for what, other := range map[string]lockfile.Sealed{
					"of another key":    {Holds: "another", For: s.For, Bound: s.Bound},
					"for nobody":        {Holds: s.Holds, For: "others", Bound: s.Bound},
					"for another place": {Holds: s.Holds, For: s.For, Bound: "elsewhere"},
				} {
					if keeps(other) {
						t.Errorf("%s, %s: a record %s stays", store, name, what)
					}
				}
			}
			edge := p.Remotes[0].Audience.Digest
			p.Remotes[0].Audience = nil
			left := sealedAll(t, p, all)
			if n := len(all.Sealed) - len(left.Sealed); n != 1 || slices.ContainsFunc(left.Sealed, func(s lockfile.Sealed) bool { return s.For == edge }) {
				t.Errorf("%s, %s: of an audience that has left, %d records are gone", store, name, n)
			}
			p.Sops, p.SealedSecrets = nil, nil
			if left := sealedAll(t, p, all); len(left.Sealed) > 0 {
				t.Errorf("%s, %s: in another store %d records stay", store, name, len(left.Sealed))
			}
		}
	}
}

// TestForetoldOverlaysHaveAWordForEachCiphertext has all certificates and ciphertexts still to be created.
func TestForetoldOverlaysHaveAWordForEachCiphertext(t *testing.T) {
	for _, store := range stores {
		p, l := inGitPlan(t, store), locktest.Good(t)["plain"]
		l.Token = &lockfile.Token{Generation: 1, SHA256: "due"}
		words, err := foretold(p, l)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range delivery.Ciphertexts(p, words) {
			if _, ok := delivery.Recorded(p, words, c); !ok {
				t.Errorf("%s: no word for %s", store, c.What)
			}
		}
		if len(l.Sealed) > 0 {
			t.Error("the words stand in the lockfile")
		}
	}
}
