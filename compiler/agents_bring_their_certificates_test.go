package compiler

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// fleetOf returns a project whose external PKI issued certificates for the agents of some remotes.
func fleetOf(t *testing.T, remotes ...string) *testProject {
	t.Helper()
	s := newTestProject(t)
	s.bring(1)
	s.bringClients(1, remotes...)
	s.remotesOf(brought(1, ""), remotes...)
	return s
}

// refusedWith checks that a compile fails with these messages.
func (s *testProject) refusedWith(what string, want ...string) {
	s.Helper()
	_, err := Compile(s.project, s.env(), Options{})
	if err == nil {
		s.Errorf("%s: it compiles", what)
		return
	}
	told := err.Error()
	var faults diag.List
	if errors.As(err, &faults) {
		for _, d := range faults {
			told += "\n" + d.Hint
		}
		if len(faults) > 1 {
			s.Errorf("%s: %d faults, want one:\n%s", what, len(faults), told)
		}
	}
	for _, w := range want {
		if !strings.Contains(told, w) {
			s.Errorf("%s: got\n%s\nwant %q in it", what, told, w)
		}
	}
}

// TestBroughtAgentsSendTheirIntermediates checks the rendered Secret of each agent: its certificate and the intermediates, without the
// root; the relay server, which trusts only the root, accepts it, and refuses it without the intermediates.
func TestBroughtAgentsSendTheirIntermediates(t *testing.T) {
	for _, name := range []string{"brought", "brought-intermediates"} {
		c := compileFixture(t, fixtures(t)[name])
		texts := c.rendered(t, true)
		issuers := map[string]bool{}
		for _, agent := range c.plan.Agents() {
			own := c.received(t, texts[agent.Name+".yaml"])[c.plan.Product.Client()]
			pair, err := tls.X509KeyPair(own[relay.Keys.Cert], own[relay.Keys.Key])
			if err != nil {
				t.Fatalf("%s: %s: %v", name, agent.Name, err)
			}
			anchors := pki.ReadPEM(own[relay.Keys.CA]).Certificates
			if len(pair.Certificate) != 2 || len(anchors) != 1 || !slices.Equal(pair.Leaf.DNSNames, []string{agent.Name}) {
				t.Errorf("%s: %s sends %d certificates for %v, and trusts %d", name, agent.Name, len(pair.Certificate), pair.Leaf.DNSNames, len(anchors))
			}
			issuers[pair.Leaf.Issuer.String()] = true
			m := meshOf(t, fixtures(t)[name])
			for _, sent := range []int{2, 1} {
				client := m.agent(t)
				shown := pair
				shown.Certificate = pair.Certificate[:sent]
				show(client, shown)
				if _, err := handshake(m.server(t), client); (err == nil) != (sent == 2) {
					t.Errorf("%s: %s sends %d certificates: %v", name, agent.Name, sent, err)
				}
			}
		}
		if want := map[string]int{"brought": 1, "brought-intermediates": 2}[name]; len(issuers) != want {
			t.Errorf("%s: %d CAs issued its agents' certificates; want %d", name, len(issuers), want)
		}
		if c.plan.Product.Knows(pki.Signing) || c.lock.Newest(pki.Signing) != nil {
			t.Errorf("%s: it has a signing CA", name)
		}
	}
}

// TestChangedFileIsTheNextGeneration renews one agent's certificate: nothing else changes, and nothing is issued twice.
func TestChangedFileIsTheNextGeneration(t *testing.T) {
	s := fleetOf(t, "east", "west")
	first := s.compiledNow()
	s.bringClient(1, "east", func(*pki.Request) {})
	next := s.compiledNow()
	if len(next.Issued) != 1 || !slices.Equal(next.Issued[0].Clusters, []string{"east"}) || !strings.Contains(next.Issued[0].Reason, "a different certificate") {
		t.Fatalf("issued %v", next.Issued)
	}
	if east := next.Lock.Agent("east"); east.Generation != 2 || east.Source != lockfile.External {
		t.Errorf("east has generation %d, source %s", east.Generation, east.Source)
	}
	if west := next.Lock.Agent("west"); west.SHA256 != first.Lock.Agent("west").SHA256 || west.Generation != 1 {
		t.Errorf("west changed: %v", west)
	}
	for _, change := range slices.Concat(next.Changes.Added, next.Changes.Changed, next.Changes.Removed) {
		if !strings.Contains(fmt.Sprint(change), "east") {
			t.Errorf("%v changed", change)
		}
	}
	if again := s.compiledNow(); len(again.Issued) > 0 || !again.Changes.None() {
		t.Errorf("the next compile issues %v and changes %v", again.Issued, again.Changes)
	}
}

// TestBroughtKeysAreImportedOnce compiles without key files after they were imported, and in a clone without keys and files.
func TestBroughtKeysAreImportedOnce(t *testing.T) {
	s := fleetOf(t, "east", "west")
	first := s.compiledNow()
	dir := filepath.Dir(s.project.Topology)
	for _, name := range []string{"east", "west"} {
		if err := os.Remove(filepath.Join(dir, "pki1/clients", name+".key")); err != nil {
			t.Fatal(err)
		}
	}
	if r := s.compiledNow(); len(r.Issued) > 0 || len(r.Missing) > 0 {
		t.Errorf("without files of keys it issues %v, and lacks %v", r.Issued, r.Missing)
	}
	for _, gone := range []string{"keys", "pki1"} {
		if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
		if r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() {
			t.Errorf("a clone without %s: %v", gone, err)
		}
	}
	s.remotesOf(brought(1, ""), "east", "north", "west")
	if _, err := Compile(s.project, s.env(), Options{Locked: true}); err == nil || !strings.Contains(err.Error(), "north") {
		t.Errorf("a new remote in a clone without files: %v", err)
	}
	if len(first.Lock.Agents) != 2 {
		t.Errorf("%d agents", len(first.Lock.Agents))
	}
}

// TestBroughtCertificatesAreJudged provides a certificate with each fault: it is reported at its file, and nothing is imported.
func TestBroughtCertificatesAreJudged(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(s *testProject)
		want []string
	}{
		{"none", func(s *testProject) { s.remove("pki1/clients/east.crt") }, []string{"clients", "no certificate for the agent of east"}},
		{"for a cluster that is none", func(s *testProject) { s.bringClients(1, "estate") }, []string{"estate.crt: no cluster of the topology has this name"}},
		{"for a management cluster without an agent", func(s *testProject) { s.bringClients(1, "mgmt-cluster") }, []string{"mgmt-cluster.crt: the management cluster runs no agent"}},
		{"two", func(s *testProject) { s.write("pki1/clients/east.pem", s.file("pki1/clients/east.crt")) }, []string{"east.pem: a second certificate of east, beside east.crt"}},
		{"another cluster's name", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.DNSNames = []string{"west"} }, nil, nil)
		},
			[]string{"east.crt", "its DNS names (west) are not the cluster's name"}},
		{"a wildcard", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.DNSNames = []string{"*"} }, nil, nil)
		}, []string{"east.crt", "are not the cluster's name"}},
		{"a common name alone", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = nil, "east" }, nil, nil)
		}, []string{"east.crt", "are not the cluster's name"}},
		{"a CA", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, c.KeyUsage|x509.KeyUsageCertSign }, nil, nil)
		}, []string{"east.crt", "it is a CA; want a leaf"}},
		{"serverAuth alone", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, nil, nil)
		}, []string{"east.crt", "extended key usages without clientAuth"}},
		{"expired", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.NotAfter = fixtureTime.Add(-time.Hour) }, nil, nil)
		}, []string{"east.crt", "expired"}},
		{"not valid yet", func(s *testProject) {
			s.client("east", func(c *x509.Certificate) { c.NotBefore = fixtureTime.Add(time.Hour) }, nil, nil)
		}, []string{"east.crt", "valid"}},
		{"a weak key", func(s *testProject) {
			key, err := rsa.GenerateKey(rand.Reader, 1024)
			if err != nil {
				t.Fatal(err)
			}
			s.client("east", func(*x509.Certificate) {}, key, nil)
		}, []string{"east.crt", "1024"}},
		{"another's key", func(s *testProject) { s.write("pki1/clients/east.key", s.file("pki1/clients/west.key")) }, []string{"east.key: the private key does not belong to the certificate"}},
		{"no key", func(s *testProject) { s.remove("pki1/clients/east.key") }, []string{"east.crt: no private key in it", "pki1/clients/east.key"}},
		{"without what is between it and the root", func(s *testProject) {
			s.write("pki1/clients/east.crt", pki.MarshalCertificates(pki.ReadPEM(s.file("pki1/clients/east.crt")).Certificates[0]))
		}, []string{"east.crt: the chain breaks", "put the missing certificate into the file"}},
		{"of another PKI", func(s *testProject) {
			s.bring(2)
			s.bringClients(2, "east")
			for _, ends := range []string{".crt", ".key"} {
				s.write("pki1/clients/east"+ends, s.file("pki2/clients/east"+ends))
			}
		}, []string{"east.crt: the chain breaks"}},
		{"no certificate in its file", func(s *testProject) { s.write("pki1/clients/east.crt", []byte("east\n")) }, []string{"east.crt: "}},
		{"a file in the folder's place", func(s *testProject) {
			s.write("topology.yaml", bytes.Replace(s.file("topology.yaml"), []byte("pki1/clients"), []byte("pki1/ca.pem"), 1))
		}, []string{"clients: ", "want a folder"}},
		{"a folder that is not there", func(s *testProject) {
			s.write("topology.yaml", bytes.Replace(s.file("topology.yaml"), []byte("pki1/clients"), []byte("pki1/agents"), 1))
		}, []string{"clients: no such folder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fleetOf(t, "east", "west")
			c.make(s)
			s.refusedWith(c.name, append(c.want, "topology.yaml:")...)
			if _, err := os.Stat(s.project.Lock); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a lockfile is there: %v", err)
			}
		})
	}
}

// client writes a certificate for a cluster, modified by the test and signed by the CA of pki1; key and issuer replace the defaults unless
// nil.
func (s *testProject) client(cluster string, change func(*x509.Certificate), key crypto.Signer, by *pki.Issuer) {
	s.Helper()
	if by == nil {
		by = s.issuerOf(1)
	}
	if key == nil {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			s.Fatal(err)
		}
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "relay agent"}, DNSNames: []string{cluster},
		NotBefore: fixtureTime.Add(-2 * time.Hour), NotAfter: fixtureTime.Add(90 * day), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, SubjectKeyId: []byte{7},
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.Key)
	if err != nil {
		s.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		s.Fatal(err)
	}
	text, err := pki.MarshalKey(key)
	if err != nil {
		s.Fatal(err)
	}
	s.write("pki1/clients/"+cluster+".crt", pki.MarshalCertificates(made, by.Certificate))
	s.write("pki1/clients/"+cluster+".key", text)
}

func (s *testProject) file(name string) []byte {
	s.Helper()
	return read(s, filepath.Join(filepath.Dir(s.project.Topology), name))
}

func (s *testProject) remove(name string) {
	s.Helper()
	if err := os.Remove(filepath.Join(filepath.Dir(s.project.Topology), name)); err != nil {
		s.Fatal(err)
	}
}
