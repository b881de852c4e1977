package delivery

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/sealedsecret"
	"relayform/compiler/sops"
)

// audience returns an age audience; its digest is its name.
func audience(name string) plan.Audience { return plan.Audience{Digest: name, At: []string{name}} }

// inGitPlan returns a plan whose remotes a and c have the common audience, and b and d a different one.
func inGitPlan(store string, without ...pki.Role) *plan.Plan {
	edge, profile := audience("edge"), product.Profiles[0]
	profile.Roles = slices.DeleteFunc(slices.Clone(profile.Roles), func(r product.Role) bool { return slices.Contains(without, r.Role) })
	p := &plan.Plan{
		Name: "demo", Product: profile, Namespace: "mesh", Management: plan.Cluster{Name: "mgmt"},
		Remotes: []plan.Cluster{{Name: "a"}, {Name: "b", Audience: &edge}, {Name: "c"}, {Name: "d", Audience: &edge}},
	}
	in := &plan.InGit{Management: audience("mgmt"), Remotes: audience("fleet"), Scope: sealedsecret.Strict}
	if store == "sops" {
		p.Sops = in
	} else {
		p.SealedSecrets = in
	}
	return p
}

// recorded returns the lockfile with a record of each ciphertext of a plan.
func recorded(t *testing.T, p *plan.Plan, l *lockfile.File) *lockfile.File {
	t.Helper()
	var records []lockfile.Sealed
	for _, c := range Ciphertexts(p, l) {
		var made any
		var err error
		if p.Sops != nil {
			made, err = sops.Seal(c.Key, []byte(c.Value), []string{"age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf"}, rand.Reader, time.Unix(0, 0))
		} else {
			var certificate *sealedsecret.Certificate
			text, e := os.ReadFile("../../fixtures/sealed-secrets/sealing/mgmt.pem")
			if certificate, err = sealedsecret.ReadCertificate(text); e != nil || err != nil {
				t.Fatal(e, err)
			}
			made, err = certificate.Seal(c.Bound, []byte(c.Value), rand.Reader)
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, lockfile.Sealed{Holds: c.Holds, For: c.Audience.Digest, Bound: c.Bound, Text: text})
	}
	return l.WithSealed(records)
}

var stores = []string{"sops", "sealedSecrets"}

// TestEachValueIsEncryptedOnceForEachAudience lists what git must contain: each value once per audience, however many remotes have it; the
// keys only for the management cluster, and the root's for nobody.
func TestEachValueIsEncryptedOnceForEachAudience(t *testing.T) {
	for _, store := range stores {
		for name, l := range locktest.Good(t) {
			p := inGitPlan(store)
			var have []string
			for _, c := range Ciphertexts(p, l) {
				have = append(have, fmt.Sprint(c.Role, " for ", c.Audience.Digest))
				if c.What != fmt.Sprint(c.Role, " ", generation(l, c.Role)) {
					t.Errorf("%s: %s is called %s", name, c.Role, c.What)
				}
				bound := map[string]string{"sops": "data:" + c.Key, "sealedSecrets": "mesh/" + c.Secret}[store]
				if c.Bound != bound {
					t.Errorf("%s: %s is bound to %s, want %s", name, c.Role, c.Bound, bound)
				}
			}
			slices.Sort(have)
			want := []string{"server for mgmt", "signing for mgmt", "token for edge", "token for fleet", "token for mgmt"}
			if !slices.Equal(have, want) {
				t.Errorf("%s in %s: %v, want %v", name, store, have, want)
			}
		}
	}
	l := locktest.Good(t)["plain"]
	shared := inGitPlan("sops")
	shared.Sops.Remotes = shared.Sops.Management
	for i := range shared.Remotes {
		shared.Remotes[i].Audience = nil
	}
	if n := len(Ciphertexts(shared, l)); n != 3 {
		t.Errorf("with one audience of all clusters there are %d, want 3", n)
	}
	if all := Ciphertexts(&plan.Plan{Product: shared.Product, Remotes: shared.Remotes}, l); all != nil {
		t.Errorf("in a store without ciphertext there are %v", all)
	}
}

func generation(l *lockfile.File, role pki.Role) int {
	if role == product.Token {
		return l.Token.Generation
	}
	return l.Newest(role).Generation
}

// TestProductsWithoutARoleHaveNothingOfIt delivers for products without a token, without a signing CA, and without either.
func TestProductsWithoutARoleHaveNothingOfIt(t *testing.T) {
	for _, store := range stores {
		for _, without := range [][]pki.Role{{product.Token}, {pki.Signing}, {product.Token, pki.Signing}} {
			p := inGitPlan(store, without...)
			l := recorded(t, p, locktest.Good(t)["plain"])
			parts := Of(p, l)
			for _, c := range p.All() {
				of, err := parts.For(p, c)
				if err != nil {
					t.Fatal(err)
				}
				roles := map[pki.Role]bool{}
				for _, f := range of.Private {
					for _, s := range f.Secrets {
						roles[s.Role] = true
					}
				}
				for _, r := range without {
					if roles[r] {
						t.Errorf("%s without %v: %s has one", store, without, c.Name)
					}
				}
				if c.Name != "mgmt" && (roles[pki.Server] || roles[pki.Signing]) || c.Name == "mgmt" && !roles[pki.Server] {
					t.Errorf("%s without %v: %s has %v", store, without, c.Name, roles)
				}
			}
		}
	}
}

// TestEachClusterGetsItsOwnCiphertext checks that each overlay has the ciphertext for its audience, of the newest value, and no other's.
func TestEachClusterGetsItsOwnCiphertext(t *testing.T) {
	for _, store := range stores {
		for name, l := range locktest.Good(t) {
			p := inGitPlan(store)
			l := recorded(t, p, l)
			parts := Of(p, l)
			for _, c := range p.All() {
				of, err := parts.For(p, c)
				if err != nil {
					t.Fatal(err)
				}
				if own := c.Audience != nil; of.Own != own || of.Component != "" {
					t.Errorf("%s: %s has its own: %t, want %t", name, c.Name, of.Own, own)
				}
				if len(of.Public) != 1 || of.Public[0].Role != pki.Root {
					t.Errorf("%s in %s: beside its ciphertext %s has %+v", name, store, c.Name, of.Public)
				}
				have := fmt.Sprintf("%+v", of.Private)
				for _, x := range Ciphertexts(p, l) {
					s, ok := Recorded(p, l, x)
					if !ok {
						t.Fatalf("%s: %s is not recorded", name, x.What)
					}
					text, ok := readSealed(s)
					if p.Sops != nil {
						var sealed sops.Sealed
						sealed, ok = readSops(s)
						text = sealed.Value
					}
					if want := x.Audience.Digest == p.AudienceOf(c).Digest; !ok || strings.Contains(have, text) != want {
						t.Errorf("%s in %s: %s has %s for %s: %t", name, store, c.Name, x.What, x.Audience.Digest, !want)
					}
				}
			}
		}
	}
}

// TestWhatIsNotRecordedIsLeftOut removes the records one by one: what depends on it is in no overlay, and everything else is.
func TestWhatIsNotRecordedIsLeftOut(t *testing.T) {
	for _, store := range stores {
		p := inGitPlan(store)
		l := recorded(t, p, locktest.Good(t)["plain"])
		for i, gone := range l.Sealed {
			less := l.WithSealed(slices.Delete(slices.Clone(l.Sealed), i, i+1))
			other := l.WithSealed(append([]lockfile.Sealed{{Holds: gone.Holds, For: gone.For, Bound: gone.Bound, Text: json.RawMessage(`{"keys":1}`)}}, l.Sealed...))
			for what, l := range map[string]*lockfile.File{"without": less, "unreadable": other} {
				n := 0
				for _, c := range Ciphertexts(p, l) {
					if _, ok := Recorded(p, l, c); ok {
						n++
					}
				}
				parts := Of(p, l)
				if n != len(less.Sealed) || secrets(parts.Management.Private)+secrets(parts.Remote.Private)+secrets(of(t, parts, p, "b")) != len(less.Sealed) {
					t.Errorf("%s, %s: %d recorded, want %d", store, what, n, len(less.Sealed))
				}
			}
		}
	}
}

func of(t *testing.T, parts Parts, p *plan.Plan, cluster string) []File {
	t.Helper()
	o, err := parts.For(p, p.Cluster(cluster))
	if err != nil {
		t.Fatal(err)
	}
	return o.Private
}

func secrets(files []File) (n int) {
	for _, f := range files {
		n += len(f.Secrets)
	}
	return n
}

// TestSopsIsOpenedInMemory decrypts values; where there are none, the public part of a Secret stays, and a token's is left out. An error is
// returned at once, with its value's name.
func TestSopsIsOpenedInMemory(t *testing.T) {
	p := inGitPlan("sops")
	l := recorded(t, p, locktest.Good(t)["plain"])
	opened := func(open Open) Parts {
		parts, err := Opened(p, l, open)
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	full := opened(func(c Ciphertext, s sops.Sealed) ([]byte, error) {
		return []byte("opened " + c.What + " for " + c.Audience.Digest), nil
	})
	none := opened(func(Ciphertext, sops.Sealed) ([]byte, error) { return nil, nil })
	for _, c := range p.All() {
		closed, plain, public := of(t, Of(p, l), p, c.Name), of(t, full, p, c.Name), of(t, none, p, c.Name)
		if secrets(plain) != secrets(closed) || fmt.Sprintf("%+v", plain) == fmt.Sprintf("%+v", closed) {
			t.Errorf("%s: opened it has\n%+v", c.Name, plain)
		}
		for _, f := range slices.Concat(plain, public) {
			for _, s := range f.Secrets {
				value, have := s.Object.Data[p.Product.Keys.Token]
				if s.Role != product.Token {
					value, have = s.Object.Data[p.Product.Keys.Key]
					if s.Object.Data[p.Product.Keys.Cert] == "" {
						t.Errorf("%s: %s has lost its certificate", c.Name, s.Role)
					}
				}
				want := fmt.Sprintf("opened %s %d for %s", s.Role, generation(l, s.Role), p.AudienceOf(c).Digest)
				if s.Object.Sops != nil || have && value != base64.StdEncoding.EncodeToString([]byte(want)) {
					t.Errorf("%s: %s holds %q, want %q, of SOPS %v", c.Name, s.Role, value, want, s.Object.Sops)
				}
			}
		}
		for _, f := range public {
			for _, s := range f.Secrets {
				if _, have := s.Object.Data[p.Product.Keys.Key]; have || s.Role == product.Token {
					t.Errorf("%s: without a value %s is there", c.Name, s.Role)
				}
			}
		}
	}
	fault := errors.New("no identity")
	for _, place := range []string{"mgmt", "fleet", "edge"} {
		_, err := Opened(p, l, func(c Ciphertext, _ sops.Sealed) ([]byte, error) {
			if c.Audience.Digest == place {
				return nil, fault
			}
			return []byte("x"), nil
		})
		if !errors.Is(err, fault) || !strings.Contains(err.Error(), ", for "+place+": ") {
			t.Errorf("%s: %v", place, err)
		}
	}
	sealed := inGitPlan("sealedSecrets")
	l = recorded(t, sealed, locktest.Good(t)["plain"])
	parts, err := Opened(sealed, l, nil) // only its controller can decrypt it
	if err != nil || !reflect.DeepEqual(of(t, parts, sealed, "b"), of(t, Of(sealed, l), sealed, "b")) {
		t.Errorf("a SealedSecret is opened: %v", err)
	}
}
