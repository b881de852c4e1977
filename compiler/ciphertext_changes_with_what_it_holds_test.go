package compiler

import (
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/fixtures/receive"
)

// store is a store that keeps ciphertext in git, in topology syntax.
type store struct {
	name       string
	secrets    string // two audiences, mgmt and fleet
	own        string // a remote's own, edge
	ownAsAll   string
	management string // a different audience for the management cluster
	fleet      string // a different audience for the remotes
	reordered  string // the same audiences in a different notation
}

// Recipients of the fixture sops.
const (
	mgmtReads  = "age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf"
	fleetReads = "age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u"
	edgeReads  = "age1twrvhxzc2qkfexsaayfl840wtseadk0f7krvvkmsl0vnl22zpfjsdu34nx"
)

var inGitStores = []store{
	{
		"sops", "sops: {management: [" + mgmtReads + "], remotes: [" + fleetReads + ", " + mgmtReads + "]}",
		"sopsRecipients: [" + edgeReads + "]", "sopsRecipients: [" + mgmtReads + ", " + fleetReads + "]",
		"sops: {management: [" + mgmtReads + ", " + edgeReads + "], remotes: [" + fleetReads + ", " + mgmtReads + "]}",
		"sops: {management: [" + mgmtReads + "], remotes: [" + fleetReads + "]}",
		"sops: {management: [" + mgmtReads + "], remotes: [" + mgmtReads + ", " + fleetReads + "]}",
	},
	{
		"sealedSecrets", "sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}",
		"sealingCertificate: sealing/edge.pem", "sealingCertificate: sealing/renewed.pem",
		"sealedSecrets: {management: sealing/other.pem, remotes: sealing/fleet.pem}",
		"sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/other.pem}",
		"sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/renewed.pem, scope: strict}",
	},
}

// inGitProject is a project with a store in git.
type inGitProject struct {
	*testProject
	store    store
	secrets  string
	remotes  string
	rotation string
}

func newInGitProject(t testing.TB, s store) *inGitProject {
	t.Helper()
	p := &inGitProject{newTestProject(t), s, s.secrets, "one: {}, two: {" + s.own + "}, three: {}", ""}
	p.openAsClusters()
	p.write("sealing/renewed.pem", newSealingCertificate(t, "fleet", fixtureTime)) // for fleet.pem's key
	p.write("sealing/other.pem", []byte(fleetSizedCertificates(t, 1)[0]))
	return p
}

// newSealingCertificate returns a newer certificate for a controller's key.
func newSealingCertificate(t testing.TB, controller string, from time.Time) []byte {
	t.Helper()
	keys, err := clusterFixtures.Controllers(controller)
	if err != nil {
		t.Fatal(err)
	}
	key := keys[0]
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: from.AddDate(10, 0, 0)}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pki.MarshalCertificates(c)
}

func (p *inGitProject) text() []byte {
	return fmt.Appendf(nil, `apiVersion: relayform/v1
kind: Topology
name: demo
management: {name: mgmt-cluster, relayAddress: "203.0.113.7:31443", ingress: {istio: {}}}
remotes: {%s}
pki: {%s}
secrets: {%s}
`, p.remotes, own(p.rotation), p.secrets)
}

// asked compiles the topology after a change, and returns what was encrypted, with reasons.
func (p *inGitProject) asked(change func(*inGitProject)) []string {
	p.Helper()
	change(p)
	p.write("topology.yaml", p.text())
	r, err := Compile(p.project, p.env(), Options{})
	if err != nil {
		p.Fatal(err)
	}
	return newly(r)
}

func newly(r *Result) []string {
	var all []string
	for _, s := range r.Newly {
		all = append(all, fmt.Sprint(s, ": ", s.Reason))
	}
	return all
}

// records returns the lines of recorded ciphertext.
func (p *inGitProject) records() []string {
	p.Helper()
	lines := strings.Split(string(read(p, p.project.Sealed)), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "- ") })
}

// TestCiphertextStaysWhereWhatItHoldsDoes changes what no ciphertext depends on: nothing is encrypted, and records stay byte for byte. If
// nothing changes at all, no file does.
func TestCiphertextStaysWhereWhatItHoldsDoes(t *testing.T) {
	for _, s := range inGitStores {
		t.Run(s.name, func(t *testing.T) {
			p := newInGitProject(t, s)
			if made := p.asked(func(*inGitProject) {}); len(made) != 5 {
				t.Errorf("the first compile encrypts %v", made)
			}
			sealed, build := p.all()["topology.sealed.yaml"], p.all()["build/mgmt-cluster/kustomization.yaml"]
			if build == "" {
				t.Fatal("nothing is built")
			}
			p.now = p.now.AddDate(0, 1, 0)
			if err := p.unchangedBy("a recompile", func() error { _, err := Compile(p.project, p.env(), Options{}); return err }); err != nil {
				t.Error(err)
			}
			for _, change := range []struct {
				name string
				do   func(*inGitProject)
			}{
				{"a label", func(p *inGitProject) { p.remotes = "one: {labels: {a: b}}, two: {" + s.own + "}, three: {}" }},
				{"a remote under the same recipients", func(p *inGitProject) { p.remotes += ", four: {}, five: {" + s.own + "}" }},
				{"a remote less", func(p *inGitProject) { p.remotes = "one: {}, two: {" + s.own + "}" }},
				{"recipients of all, named for one", func(p *inGitProject) { p.remotes += ", four: {" + s.ownAsAll + "}" }},
				{"the same in other words", func(p *inGitProject) { p.secrets = s.reordered }},
				{"back", func(p *inGitProject) { p.secrets = s.secrets }},
			} {
				if made := p.asked(change.do); len(made) > 0 || p.all()["topology.sealed.yaml"] != sealed {
					t.Errorf("%s: encrypted %v", change.name, made)
				}
				p.opensIn(t, change.name)
			}
			for _, what := range []string{"server", "signing"} {
				before := p.all()
				r, err := Renew(p.project, p.env(), RenewOptions{What: what, SameKey: true})
				if err != nil || len(r.Issued) != 1 || len(r.Newly) > 0 || p.all()["topology.sealed.yaml"] != sealed {
					t.Errorf("%s renewed under the same key: %v, encrypted %v", what, err, newly(r))
				}
				if p.all()["topology.lock.yaml"] == before["topology.lock.yaml"] {
					t.Errorf("%s was not renewed", what)
				}
				p.opensIn(t, what+" renewed under the same key")
			}
		})
	}
}

// opensIn decrypts every overlay as its cluster does, and finds each private value with its certificate. Remotes' identities cannot decrypt
// what only the management cluster has.
func (p *inGitProject) opensIn(t *testing.T, what string) {
	t.Helper()
	l, err := p.project.ReadLock(demo)
	if err != nil {
		t.Fatal(err)
	}
	var remotes receive.Keys
	if remotes.Identities, err = clusterFixtures.Identities("remotes", "edge"); err != nil {
		t.Fatal(err)
	}
	if remotes.Controllers, err = clusterFixtures.Controllers("fleet", "edge"); err != nil {
		t.Fatal(err)
	}
	plan, err := Vet(p.project, p.env())
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range plan.Clusters() {
		dir := filepath.Join(p.project.Build, cluster)
		secrets, built, err := p.opens.Secrets(dir)
		if err != nil || !built || len(secrets) < 2 {
			t.Fatalf("%s: %s: built %t, with %d Secrets: %v", what, cluster, built, len(secrets), err)
		}
		if err := receive.Belong(secrets, relay.Keys, l.Token.SHA256); err != nil {
			t.Errorf("%s: %s: %v", what, cluster, err)
		}
	}
	secrets, _, err := remotes.Secrets(filepath.Join(p.project.Build, "mgmt-cluster"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if s.Data[relay.Keys.Key] != nil || s.Data[relay.Keys.Token] != nil {
			t.Errorf("%s: remotes open the management cluster's %s", what, s.Name)
		}
	}
}

// TestOnlyWhatAChangeConcernsIsEncryptedAgain changes recipients and values: exactly the affected records change. Without the keys it is
// refused, and nothing changes.
func TestOnlyWhatAChangeConcernsIsEncryptedAgain(t *testing.T) {
	for _, s := range inGitStores {
		t.Run(s.name, func(t *testing.T) {
			others := map[string]string{"sops": ": sealed for other recipients", "sealedSecrets": ": sealed for other certificates"}[s.name]
			all, rest, field := ", for secrets."+s.name+".management", ", for secrets."+s.name+".remotes", strings.TrimSuffix(strings.Fields(s.own)[0], ":")
			for _, c := range []struct {
				name string
				do   func(*inGitProject)
				want []string
			}{
				{"another recipient for the management cluster", func(p *inGitProject) { p.secrets = s.management }, []string{"server 1" + all + others, "signing 1" + all + others, "token 1" + all + others}},
				{"others for the remotes", func(p *inGitProject) { p.secrets = s.fleet }, []string{"token 1" + rest + others}},
				{"one remote reads with the management cluster's", func(p *inGitProject) {
					p.remotes = "one: {" + strings.NewReplacer(edgeReads, mgmtReads+", "+edgeReads, "edge.pem", "other.pem").Replace(s.own) + "}, two: {" + s.own + "}, three: {}"
				}, []string{"token 1, for remotes.one." + field + others}},
				{"one remote has none of its own any more", func(p *inGitProject) { p.remotes = "one: {}, two: {}, three: {}" }, nil},
			} {
				p := newInGitProject(t, s)
				p.asked(func(*inGitProject) {})
				before := p.records()
				keys := p.project.Keys
				c.do(p)
				p.write("topology.yaml", p.text())
				if c.want != nil {
					p.project.Keys += "-elsewhere"
					if err := p.unchangedBy("what is refused", func() error {
						var lacking *issue.SealingError
						if _, err := Compile(p.project, p.env(), Options{}); !errors.As(err, &lacking) || !strings.Contains(err.Error(), strings.TrimPrefix(others, ": ")+"; compile where the keys are") {
							return fmt.Errorf("it is not refused: %w", err)
						}
						return nil
					}); err != nil {
						t.Errorf("%s: without keys: %v", c.name, err)
					}
					p.project.Keys = keys
				}
				made := p.asked(func(*inGitProject) {})
				slices.Sort(made)
				if !slices.Equal(made, c.want) {
					t.Errorf("%s: encrypted %q, want %q", c.name, made, c.want)
				}
				kept := 0
				for _, line := range p.records() {
					if slices.Contains(before, line) {
						kept++
					}
				}
				if want := len(p.records()) - len(c.want); kept != want {
					t.Errorf("%s: %d records stayed as they are, want %d", c.name, kept, want)
				}
			}
		})
	}
}
