package compiler

import (
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/keystore"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/compiler/seal"
	"relayform/fixtures/receive"
)

// testProject is a topology in its own folder, whose PKI a test changes.
type testProject struct {
	testing.TB
	project project.Project
	now     time.Time
	ring    seal.Ring    // if the keys are encrypted
	opens   receive.Keys // if git contains private values, encrypted for clusters

	collecting bool // the topology has a telemetry gateway
}

// relayRoles are the roles of the certificates in every such mesh.
var relayRoles = []pki.Role{pki.Root, pki.Signing, pki.Server}

const testTopology = `apiVersion: relayform/v1
kind: Topology
name: demo
management:
  name: mgmt-cluster
  relayAddress: 203.0.113.7:31443
  ingress: {istio: {}}
remotes:
  remote-cluster: {}
pki:
  %s
`

// PKI blocks of a project.
const (
	ownPKI      = "selfSigned: {keyAlgorithm: ecdsa%s}"
	externalPKI = "external: {ca: pki%[2]d/ca.pem, server: {cert: pki%[2]d/server.pem, key: pki%[2]d/server.key}, signing: {cert: pki%[2]d/signing.pem, key: pki%[2]d/signing.key}%[1]s}"
)

func own(rotation string) string { return fmt.Sprintf(ownPKI, at(rotation)) }

func foreignPKI(n int, rotation string) string { return fmt.Sprintf(externalPKI, at(rotation), n) }

func at(rotation string) string {
	if rotation == "" {
		return ""
	}
	return ", rotation: {phase: " + rotation + "}"
}

func newTestProject(t testing.TB) *testProject {
	t.Helper()
	return &testProject{TB: t, project: project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", ""), now: fixtureTime}
}

func (s *testProject) env() Env {
	return Env{Now: s.now, Who: "a test", Disk: unflushed, Identities: s.ring.Identities, NewKey: func(a pki.Algorithm) (crypto.Signer, error) { return pki.GenerateKey(a) }}
}

// unflushed is a disk without fsync: no test loses power.
func unflushed(op, _ string, change func() error) error {
	if op == "sync" {
		return nil
	}
	return change()
}

// try compiles the project with a PKI block.
func (s *testProject) try(pkiBlock string, o Options) (*Result, error) {
	s.Helper()
	topology := testTopology
	if s.collecting {
		topology = withTelemetry(topology)
	}
	s.write("topology.yaml", fmt.Appendf(nil, topology, pkiBlock))
	return Compile(s.project, s.env(), o)
}

func (s *testProject) compile(pkiBlock string) *Result {
	s.Helper()
	r, err := s.try(pkiBlock, Options{})
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *testProject) write(name string, data []byte) {
	s.Helper()
	path := filepath.Join(filepath.Dir(s.project.Topology), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.Fatal(err)
	}
}

// bring writes the files of an external PKI, in folder pki<n>.
func (s *testProject) bring(n int) {
	s.Helper()
	s.bringAs(n, fmt.Sprintf("corp %d", n))
}

// bringAs is bring with the organisation in the subjects.
func (s *testProject) bringAs(n int, organisation string) {
	s.Helper()
	facts := pki.Facts{ECDSA: true, DNSNames: []string{"enterprise-networking.gloo-mesh"}, Telemetry: []string{"gloo-telemetry-gateway.gloo-mesh"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour}
	var root *pki.Issuer
	for _, r := range pki.Requests(facts) {
		key, err := pki.GenerateKey(r.Algorithm)
		if err != nil {
			s.Fatal(err)
		}
		c, err := pki.Issue(r, organisation, 1, key, root, fixtureTime)
		if err != nil {
			s.Fatal(err)
		}
		name := fmt.Sprintf("pki%d/%s", n, r.Role)
		if r.Role == pki.Root {
			root, name = &pki.Issuer{Certificate: c, Key: key}, fmt.Sprintf("pki%d/ca", n)
		}
		s.write(name+".pem", pki.MarshalCertificates(c))
		text, err := pki.MarshalKey(key)
		if err != nil {
			s.Fatal(err)
		}
		s.write(name+".key", text)
	}
}

// openAsClusters prepares the project for a store in git.
func (s *testProject) openAsClusters() {
	s.Helper()
	var err error
	if s.opens, err = clusterFixtures.All(); err != nil {
		s.Fatal(err)
	}
	if err := clusterFixtures.Bring(filepath.Dir(s.project.Topology)); err != nil {
		s.Fatal(err)
	}
}

// all returns every file in the project, by name.
func (s *testProject) all() map[string]string {
	s.Helper()
	dir := filepath.Dir(s.project.Topology)
	files := map[string]string{}
	for _, name := range filesIn(s.TB.(*testing.T), os.DirFS(dir)) {
		files[name] = string(read(s, filepath.Join(dir, name)))
	}
	return files
}

// seal gives the project the recipient and the identity of the fixture encrypted.
func (s *testProject) seal(t *testing.T) {
	t.Helper()
	s.ring.Recipients = strings.Fields(string(read(t, "../fixtures/encrypted/keys/recipients.txt")))
	s.ring.Identities = read(t, "../fixtures/encrypted/identity.txt")
}

// keysAreHere checks that the key of every certificate in the lockfile exists.
func (s *testProject) keysAreHere(what string) {
	s.Helper()
	l, err := s.project.ReadLock(demo)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	store, err := keystore.OpenStore(s.project.Keys, "demo", s.ring, nil)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	for _, c := range l.Every() {
		if _, err := store.Key(c.SPKI); err != nil {
			s.Errorf("%s: %s %d: %v", what, c.Role, c.Generation, err)
		}
	}
}

// clusterFixtures contains keys and certificates of clusters.
const clusterFixtures = receive.Fixture("../fixtures")

// relay is the product in most tests.
var relay = product.Profiles[0]

// demo is the part of a plan that its lockfile needs.
var demo = &plan.Plan{Name: "demo", Product: relay}
