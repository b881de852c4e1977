package compiler

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/sops"
)

// TestWhatIsOpenedBelongs encrypts a different value to the right recipients and records it instead of one of the mesh's, including its
// digest, as anyone with commit access can: verify decrypts it, and finds that it is not the key of a certificate here, or a different
// token.
func TestWhatIsOpenedBelongs(t *testing.T) {
	p := newInGitProject(t, inGitStores[0])
	p.asked(func(*inGitProject) {})
	identities, err := os.ReadFile("../fixtures/sops/identity.txt")
	if err != nil {
		t.Fatal(err)
	}
	env := p.env()
	env.Identities = identities
	keys := filepath.Join(filepath.Dir(p.project.Keys), "elsewhere")
	if err := os.Rename(p.project.Keys, keys); err != nil { // only what is committed
		t.Fatal(err)
	}
	env.NewKey = pki.GenerateKey
	if report, err := Verify(p.project, env, fixtureTime); err != nil || len(report.LeftOut) > 0 {
		t.Fatalf("as it is: %v", err)
	}
	whole := read(t, p.project.Sealed)
	c := &compile{project: p.project, env: env, options: Options{Locked: true}}
	plan, l, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.MarshalKey(stranger)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, of := range delivery.Ciphertexts(plan, l) {
		value, want := key, "what is encrypted is the key of another certificate"
		if of.Role == product.Token {
			value, want = []byte(strings.Repeat("0", 64)), "what is encrypted is not the token that the lockfile names"
		}
		for _, other := range []struct {
			value []byte
			want  string
		}{{value, want}, {[]byte("words"), "what is encrypted is "}} {
			made, err := sops.Seal(of.Key, other.value, of.Audience.Recipients, rand.Reader, fixtureTime)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(made)
			if err != nil {
				t.Fatal(err)
			}
			swapped := append([]lockfile.Sealed{{Holds: of.Holds, For: of.Audience.Digest, Bound: of.Bound, Text: text}}, l.Sealed...)
			p.write("topology.sealed.yaml", l.WithSealed(swapped).MarshalSealed())
			if _, err := Verify(p.project, env, fixtureTime); err == nil || !strings.Contains(err.Error(), other.want) || !strings.Contains(err.Error(), of.What) {
				t.Errorf("%s, for %s: %v; want %s", of.What, of.Audience.Place(), err, other.want)
			}
			tried++
		}
	}
	p.write("topology.sealed.yaml", whole)
	if tried < 8 {
		t.Errorf("only %d were tried", tried)
	}
}
