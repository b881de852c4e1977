package verify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// TestDriftIsToldByWhatItBreaks compares a mesh with what it should contain, after one change in a cluster. What agents still accept is a
// warning or a note; what someone else put there is an error.
func TestDriftIsToldByWhatItBreaks(t *testing.T) {
	m := goodMesh(t)
	want := m.material(t)
	older := goodMesh(t)
	older.certs["server"].Subject.CommonName = "an older server"
	old := older.pem(t)["server"]
	oldID := pki.Describe(older.made["server"]).SHA256
	sum := sha256.Sum256([]byte(m.token))
	text := m.pem(t)
	n := want.Names
	for _, c := range []struct {
		name   string
		change func(*verify.Material)
		want   string
	}{
		{"nothing", func(*verify.Material) {}, ""},
		{"an older certificate of the lockfile's", func(x *verify.Material) {
			secret(x, "mgmt", n.Server).Data["tls.crt"] = old
		}, "warning drift-older: server/tls.crt on mgmt"},
		{"it stands beside the one that is wanted", func(x *verify.Material) {
			s := secret(x, "mgmt", n.Server)
			s.Data["tls.crt"] = slices.Concat(s.Data["tls.crt"], text["signing"])
		}, "error drift-different: server/tls.crt on mgmt"},
		{"another mesh's root", func(x *verify.Material) {
			secret(x, "east", n.Root).Data["ca.crt"] = otherRoot(t, "relay root")
		}, "error drift-different: root/ca.crt on east"},
		{"one root more", func(x *verify.Material) {
			s := secret(x, "west", n.Root)
			s.Data["ca.crt"] = slices.Concat(s.Data["ca.crt"], otherRoot(t, "another"))
		}, "error drift-different: root/ca.crt on west"},
		{"the same in other bytes", func(x *verify.Material) {
			s := secret(x, "mgmt", n.Signing)
			s.Data["tls.crt"] = slices.Concat([]byte("# signing\n"), s.Data["tls.crt"])
		}, "note drift-bytes: signing/tls.crt on mgmt"},
		{"the server trusts another root", func(x *verify.Material) {
			secret(x, "mgmt", n.Server).Data["ca.crt"] = otherRoot(t, "relay root")
		}, "error drift-different: server/ca.crt on mgmt"},
		{"no certificate at all", func(x *verify.Material) {
			secret(x, "east", n.Root).Data["ca.crt"] = []byte("nothing")
		}, "error drift-different: root/ca.crt on east"},
		{"another token", func(x *verify.Material) {
			secret(x, "west", n.Token).Data["token"] = []byte("another")
		}, "error drift-different: token/token on west"},
		{"another token everywhere", func(x *verify.Material) {
			for _, cluster := range []string{"mgmt", "east", "west"} {
				secret(x, cluster, n.Token).Data["token"] = []byte("another")
			}
		}, "error drift-different: token/token on east mgmt west"},
		{"a token in the root's Secret", func(x *verify.Material) {
			secret(x, "west", n.Root).Data["token"] = []byte("another")
		}, ""},
		{"a certificate where none is expected", func(x *verify.Material) {
			secret(x, "west", n.Root).Data["tls.crt"] = old
		}, ""},
		{"an agent's own Secret", func(x *verify.Material) {
			x.Clusters[1].Secrets = append(x.Clusters[1].Secrets, verify.Secret{Name: n.Client, Data: map[string][]byte{"tls.crt": old}})
		}, ""},
	} {
		m := goodMesh(t)
		have := m.material(t)
		for i := range have.Clusters { // byte for byte, since certificates are random
			for j, s := range have.Clusters[i].Secrets {
				for key, value := range secret(&want, have.Clusters[i].Name, s.Name).Data {
					have.Clusters[i].Secrets[j].Data[key] = bytes.Clone(value)
				}
			}
		}
		c.change(&have)
		r := &verify.Report{}
		r.Compare(have, verify.Wanted{Material: want, TokenSHA256: hex.EncodeToString(sum[:]), Older: map[string]int{oldID: 1}})
		if got := verdictOf(r); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		for _, f := range r.Findings {
			if strings.Contains(f.Message, "another") && f.Object == n.Token+" token" && strings.Contains(f.Message, m.token) {
				t.Errorf("%s: the token is told", c.name)
			}
		}
	}
}

// TestSecretsAreChosenByNameAndNamespace selects a relay's Secrets from others. One in a different namespace is not the one in use; with
// two candidates, it is unclear which is meant.
func TestSecretsAreChosenByNameAndNamespace(t *testing.T) {
	n := verify.NamesOf(product.Profiles[0])
	one := func(name, namespace string) manifest.Secret { return manifest.Secret{Name: name, Namespace: namespace} }
	for _, c := range []struct {
		name      string
		found     []manifest.Secret
		namespace string
		want      string // names, or the error
	}{
		{"those of a relay", []manifest.Secret{one(n.Token, "mesh"), one("license", "mesh"), one(n.Root, "mesh")}, "", n.Token + " " + n.Root},
		{"one of the namespace", []manifest.Secret{one(n.Root, "mesh"), one(n.Root, "other")}, "mesh", n.Root},
		{"none of another namespace", []manifest.Secret{one(n.Root, "other")}, "mesh", ""},
		{"a manifest that names no namespace", []manifest.Secret{one(n.Root, "")}, "mesh", n.Root},
		{"two namespaces", []manifest.Secret{one(n.Root, "mesh"), one(n.Root, "other")}, "", "is in the namespaces mesh and other; choose with --namespace"},
		{"twice", []manifest.Secret{one(n.Root, "mesh"), one(n.Root, "mesh")}, "mesh", "is there twice"},
		{"twice, without a namespace", []manifest.Secret{one(n.Root, ""), one(n.Root, "")}, "", "is there twice"},
	} {
		chosen, err := verify.Choose(c.found, n, c.namespace, "a file")
		var names []string
		for _, s := range chosen {
			names = append(names, s.Name)
			if s.At != "a file" {
				t.Errorf("%s: read from %q", c.name, s.At)
			}
		}
		if got := strings.Join(names, " "); err == nil && got != c.want || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want %s", c.name, got, err, c.want)
		}
	}
}
