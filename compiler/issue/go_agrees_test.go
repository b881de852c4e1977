package issue

import (
	"crypto"
	cryptorand "crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema"
)

const randomTopology = `apiVersion: relayform/v1
kind: Topology
name: demo
management: {name: mgmt, authority: ` + authority + `, relayAddress: "203.0.113.7:31443", ingress: {istio: {}}}
remotes: {east: {}, west: {}}
pki:
  external: {ca: ca.pem, server: {cert: server.pem}, signing: {cert: signing.pem}}
`

func randomPlan(t *testing.T) *plan.Plan {
	t.Helper()
	topology, doc, err := schema.ParseTopology("topology.yaml", []byte(randomTopology))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	p, err := plan.Resolve(topology, doc, root, plan.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// goTakes verifies with crypto/x509, as agents and relay server do, that the server's chain ends at a root, and the chains of agents'
// certificates issued by the signing CA.
func goTakes(t *testing.T, anchors, server, signing []*x509.Certificate, key crypto.Signer) error {
	t.Helper()
	pool := func(certs []*x509.Certificate) *x509.CertPool {
		p := x509.NewCertPool()
		for _, c := range certs {
			p.AddCert(c)
		}
		return p
	}
	_, err := server[0].Verify(x509.VerifyOptions{
		Roots: pool(anchors), Intermediates: pool(server[1:]), CurrentTime: noon, DNSName: authority, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return fmt.Errorf("the server: %w", err)
	}
	for _, name := range []string{"east", "west"} {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "agent"}, DNSNames: []string{name}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}
		der, err := x509.CreateCertificate(cryptorand.Reader, template, signing[0], key.Public(), key)
		if err != nil {
			return err
		}
		agent, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		if _, err = agent.Verify(x509.VerifyOptions{Roots: pool(anchors), Intermediates: pool(signing), CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			return fmt.Errorf("the agent of %s: %w", name, err)
		}
	}
	return nil
}

// imported returns the findings about a pile, and the lockfile that importing it creates.
func (p pile) imported(topology *plan.Plan) (*lockfile.File, []verify.Finding, error) {
	a := &external{plan: topology, world: World{Now: noon}}
	b := &bundle{ca: p.ca, anchors: pki.Anchors(p.ca), chains: map[pki.Role]pki.Chain{}, left: map[string][]*x509.Certificate{}}
	a.lead(b, []*found{
		{role: pki.Signing, at: []string{"signing", "cert"}, leaf: p.signing[0], certs: p.signing},
		{role: pki.Server, at: []string{"server", "cert"}, leaf: p.server[0], certs: p.server},
	})
	l := &lockfile.File{Topology: "demo"}
	a.hold(l, b)
	return l.With(b.entries, nil), a.findings, a.faults.Err()
}

// excused reports whether a finding is an error for something that crypto/x509 accepts.
func excused(findings []verify.Finding) bool {
	return slices.ContainsFunc(findings, func(f verify.Finding) bool {
		_, ok := verify.FindBeyond(f.Code)
		return ok && f.Severity == verify.Error
	})
}

// piles is how many random piles are checked. Each has a server's chain, and a signing CA's with the certificates of two agents.
const piles = 700

// disputed are further seeds: those with which Go and verify once disagreed.
var disputed = []uint64{3996}

// loads writes a lockfile and reads it again.
func loads(t *testing.T, seed uint64, l *lockfile.File) {
	t.Helper()
	text, err := l.With(nil, &lockfile.Token{Generation: 1, SHA256: lockfile.TokenDigest(nil)}).Marshal()
	if err == nil {
		_, err = lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
	}
	if err != nil {
		t.Errorf("seed %d: imported, and does not load again: %v", seed, err)
	}
}

// TestGoAgrees creates piles of certificates from seeds, thousands of chains. Go accepts everything that is imported, as it is in the
// Secrets; what Go accepts is imported, except for what a table says is refused in addition; and verify says the same about Secrets with
// the same certificates.
func TestGoAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	piles := piles
	if os.Getenv("RELAYFORM_LONG") == "" {
		piles /= 4
	}
	f, topology := newForge(t), randomPlan(t)
	counts := map[string]int{}
	for seed := range uint64(piles + len(disputed)) {
		if seed >= uint64(piles) {
			seed = disputed[seed-uint64(piles)]
		}
		p := f.pile(seed)
		taken := goTakes(t, p.ca, p.server, p.signing, p.signingKey)
		l, findings, refused := p.imported(topology)
		counts[p.agree(t, seed, "import", taken, findings, refused)]++
		findings, refused = p.verified(t, topology)
		p.agree(t, seed, "verify", taken, findings, refused)
		if refused == nil && l != nil && l.Newest(pki.Server) != nil {
			var anchors []*x509.Certificate
			for _, r := range l.All(pki.Root) {
				anchors = append(anchors, r.Chain[0])
			}
			loads(t, seed, l)
			if err := goTakes(t, anchors, l.Newest(pki.Server).Chain, l.Newest(pki.Signing).Chain, p.signingKey); err != nil {
				t.Errorf("seed %d: imported, and Go refuses %v", seed, err)
			}
		}
	}
	t.Log(counts)
	for outcome, least := range map[string]int{"taken": piles / 4, "refused by both": piles / 20, "refused beyond Go": piles / 200} {
		if counts[outcome] < least {
			t.Errorf("%s: %d of %d; the piles prove little", outcome, counts[outcome], piles)
		}
	}
}

// agree compares Go's verdict with relayform's.
func (p pile) agree(t *testing.T, seed uint64, who string, taken error, findings []verify.Finding, refused error) string {
	t.Helper()
	switch {
	case refused == nil && taken == nil:
		return "taken"
	case refused == nil:
		t.Errorf("%s, seed %d: there is no error, and Go refuses %v", who, seed, taken)
	case taken != nil:
		return "refused by both"
	case excused(findings):
		return "refused beyond Go"
	default:
		t.Errorf("%s, seed %d: Go takes it, and it is refused: %v", who, seed, refused)
	}
	return "disputed"
}

// verified returns verify's findings about clusters that contain the pile unchanged.
func (p pile) verified(t *testing.T, topology *plan.Plan) ([]verify.Finding, error) {
	t.Helper()
	l := &lockfile.File{Topology: topology.Name}
	for _, c := range p.ca {
		l.Certificates = append(l.Certificates, lockfile.NewCertificate(pki.Root, 1, lockfile.External, 0, c))
	}
	l.Certificates = append(l.Certificates, lockfile.NewCertificate(pki.Server, 1, lockfile.External, 0, p.server...), lockfile.NewCertificate(pki.Signing, 1, lockfile.External, 0, p.signing...))
	report, err := verify.Judge(material(topology, l, nil), noon, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Findings {
		if x.Severity == verify.Error {
			err = errors.Join(err, fmt.Errorf("%s: %s", x.Code, x.Message))
		}
	}
	return report.Findings, err
}
