package compiler

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
)

// certManagers are the fixtures with cert-manager, one for each way of delivering other private values.
var certManagers = []string{"cert-manager-vault", "cert-manager-aws-pca", "cert-manager-signing", "cert-manager-sops", "cert-manager-flux", "cert-manager-argocd", "cert-manager-rotation"}

// TestIssuedCertificatesVerify has a stand-in issue each cluster's Certificates. Every agent connects with its own; without clusters,
// verify says what it cannot see, and finds no fault.
func TestIssuedCertificatesVerify(t *testing.T) {
	for _, name := range certManagers {
		c := compileFixture(t, fixtures(t)[name])
		report, err := Verify(c.project, c.env, fixtureTime)
		if err != nil || report.Count(verify.Error) > 0 || !slices.ContainsFunc(report.LeftOut, func(s string) bool { return strings.Contains(s, "verify --live") }) {
			t.Errorf("%s: without clusters: %v, %+v", name, err, report)
		}
		report, err = verify.Judge(c.heldByClusters(t), fixtureTime, c.env.NewKey)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if f.Severity == verify.Error || name != "cert-manager-rotation" && f.Code == verify.IssuerTells {
				t.Errorf("%s: %s", name, f.Text())
			}
		}
		if len(report.Connections) == 0 || slices.ContainsFunc(report.Connections, func(x verify.Connection) bool { return !x.MutualTLS.OK }) {
			t.Errorf("%s: connections %+v", name, report.Connections)
		}
	}
}

// TestNobodyBesideCertManagerWritesItsSecrets looks for a Secret, or an object from which an operator creates one, with the name of a
// Certificate's Secret; for such a key in the key store; and for Certificates in clusters that need none.
func TestNobodyBesideCertManagerWritesItsSecrets(t *testing.T) {
	for _, name := range certManagers {
		c := compileFixture(t, fixtures(t)[name])
		for cluster := range c.plan.Each {
			text := c.rendered(t, true)[cluster.Name+".yaml"]
			var want, have []string
			for _, r := range c.plan.Product.Roles {
				if r.Issued && (r.Own && cluster.Agent || !r.Own && cluster.Name == c.plan.Management.Name) {
					want = append(want, r.Secret)
				}
			}
			for _, x := range certificatesIn(t, text) {
				have = append(have, x.Metadata.Name)
				if n := strings.Count(string(text), "\n  name: "+x.Spec.SecretName+"\n"); n != 1 || x.Metadata.Name != x.Spec.SecretName {
					t.Errorf("%s: %s has %d objects named %s, want its Certificate alone", name, cluster.Name, n, x.Spec.SecretName)
				}
				if x.Spec.PrivateKey.RotationPolicy != "Always" || len(x.Spec.CommonName) > 64 || x.Spec.CommonName == "" {
					t.Errorf("%s: %s: %+v", name, cluster.Name, x.Spec)
				}
			}
			slices.Sort(want)
			slices.Sort(have)
			if !slices.Equal(have, want) {
				t.Errorf("%s: %s asks for %v, want %v", name, cluster.Name, have, want)
			}
		}
		for _, f := range delivery.Of(c.plan, c.lock).Files {
			if slices.Contains(c.plan.Product.Issued(), f.Secret) {
				t.Errorf("%s: a component brings %s of %s", name, f.Key, f.Secret)
			}
		}
		if c.lock.Newest(pki.Server) != nil || c.lock.Newest(pki.Signing) != nil || len(c.lock.Agents) > 0 {
			t.Errorf("%s: the lockfile has more than anchors", name)
		}
	}
}

// TestIssuersThatStrayAreTold has the issuer of an agent, and then the relay server's, chain to a root other than the topology's.
func TestIssuersThatStrayAreTold(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	s.compile(issuedBy(1)(""))
	for secret, block := range map[string]string{
		relay.ClientSecret:       strings.Replace(issuedBy(1)(""), "agentIssuer: {name: mesh-1}", "agentIssuer: {name: mesh-2}", 1),
		relay.Secret(pki.Server): strings.Replace(issuedBy(1)(""), "{ca: pki1/ca.pem, issuer: {name: mesh-1}", "{ca: pki1/ca.pem, issuer: {name: mesh-2}", 1),
	} {
		s.compile(block)
		report, err := verify.Judge(s.inMemory().heldByClusters(t), fixtureTime, pki.GenerateKey)
		if err != nil {
			t.Fatal(err)
		}
		strays := slices.IndexFunc(report.Findings, func(f verify.Finding) bool { return f.Code == verify.IssuerStrays })
		if report.Count(verify.Error) != 1 || strays < 0 || report.Findings[strays].Object != secret+" "+relay.Keys.Cert || !report.Until().IsZero() {
			t.Errorf("%s: %+v", secret, report.Findings)
		}
	}
}

// inMemory compiles the current project in memory.
func (s *testProject) inMemory() *compiled {
	s.Helper()
	return compileFixture(s, s.project)
}

// TestSourcesChangeUnderOneRoot switches to cert-manager from an external PKI under the same root, and back: the lockfile drops what
// cert-manager issues, and agents trust the same roots. During a rotation this is refused.
func TestSourcesChangeUnderOneRoot(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	first := s.compile(foreignPKI(1, "")).Lock
	r := s.compile(issuedBy(1)(""))
	if r.Lock.Newest(pki.Root).SHA256 != first.Newest(pki.Root).SHA256 || r.Lock.Newest(pki.Root).Generation != 1 || len(r.Lock.Certificates) != 1 {
		t.Errorf("the lockfile has %d certificates, the first %s", len(r.Lock.Certificates), r.Lock.Certificates[0].Subject)
	}
	s.refused(issuedBy(1)("distribute"), "holds the old root")
	s.refused(foreignPKI(2, "distribute"), "certificates move between cert-manager and relayform in one step")
	s.refused(own("distribute"), "certificates move between cert-manager and relayform in one step")
	s.refused(issuedBy(2)(""), "asks for a different root from the one in the lockfile")
	if back := s.compile(foreignPKI(1, "")).Lock; back.Newest(pki.Server) == nil || back.Newest(pki.Signing) == nil {
		t.Error("the external PKI's certificates are not there again")
	}
	s.refused(issuedBy(2)("distribute"), "certificates move between cert-manager and relayform in one step")
}

// refused compiles a different PKI block, which must fail with this message and change nothing.
func (s *testProject) refused(block, want string) {
	s.Helper()
	before := s.all()
	if _, err := s.try(block, Options{}); err == nil || !strings.Contains(err.Error(), want) {
		s.Errorf("%s: %v, want %q", block, err, want)
	}
	s.write("topology.yaml", []byte(before["topology.yaml"]))
	if after := s.all(); len(after) != len(before) {
		s.Errorf("%s: it is refused, and changes files", block)
	}
}

// TestApplyLooksWhomIssuersNextAreTrustedBy checks an apply of the management cluster in the phase issue with a remote that does not have
// the next root yet, and an outdated management cluster with an agent in drain.
func TestApplyLooksWhomIssuersNextAreTrustedBy(t *testing.T) {
	states := map[string]turned{}
	for _, x := range circle(t, issuedBy(1), issuedBy(2)) {
		states[x.name] = x
	}
	names := verify.NamesOf(relay.WithoutRelayCA().IssuedInClusters())
	for _, c := range []struct {
		management, remote, next string
		applied                  string
		cut                      bool
	}{
		{"distribute", "before", "issue", "management", true},
		{"distribute", "distribute", "issue", "management", false},
		{"before", "distribute", "drain", "remote", true},
		{"issue", "issue", "drain", "remote", false},
		{"drain", "drain", "retire", "management", false},
		{"issue", "issue", "retire", "management", true},
	} {
		m, r := states[c.management].holding(true, nil), states[c.remote].holding(false, nil)
		m.Applied, r.Applied = c.applied == "management", c.applied == "remote"
		found := codes(readiness.New(states[c.next].lock, names, nil, fixtureTime, []readiness.Cluster{m, r}).Apply())
		if slices.Contains(found, verify.AgentCutOff) != c.cut {
			t.Errorf("management at %s, remote at %s, %s to %s: %v", c.management, c.remote, c.applied, c.next, found)
		}
	}
}

// TestNobodyRenewsForCertManager asks relayform to renew what cert-manager renews: the error says so, and nothing changes.
func TestNobodyRenewsForCertManager(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	for block, whats := range map[string][]string{issuedBy(1)(""): {"server", "agents"}, signedBelow(1)(""): {"server", "signing"}} {
		s.compile(block)
		for _, what := range whats {
			if _, err := Renew(s.project, s.env(), RenewOptions{What: what}); err == nil || !strings.Contains(err.Error(), what+": cert-manager issues and renews this in the clusters") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// TestDialKnowsIssuedServersByTheirRoot dials a server with a certificate from an issuer, and a foreign one.
func TestDialKnowsIssuedServersByTheirRoot(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.compile(issuedBy(1)(""))
	other := newTestProject(t)
	other.bring(2)
	other.compile(issuedBy(2)(""))
	for p, want := range map[*testProject]bool{s: true, other: false} {
		config := meshOf(t, p.project).server(t)
		near, far := net.Pipe()
		go func() { _ = tls.Server(far, config).Handshake() }()
		seen, err := verify.Dial(t.Context(), near, "203.0.113.7:31443", "enterprise-networking.gloo-mesh", fixtureTime)
		near.Close()
		report := &verify.Report{At: fixtureTime}
		report.Saw(seen, err, "mgmt-cluster", nil, []*x509.Certificate{issuerOf(t, s.project.Dir(), "mesh-1").root})
		if seen.Passthrough != want || (report.Count(verify.Error) == 0) != want {
			t.Errorf("want %t: passed through %t: %+v", want, seen.Passthrough, report.Findings)
		}
	}
}

// TestRetireWaitsAsLongAsCertificatesLast refuses to remove the old root before certificates issued under it have expired, or the topology
// states that they are replaced.
func TestRetireWaitsAsLongAsCertificatesLast(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	lasting := func(block string) string {
		return strings.Replace(block, "keyAlgorithm: ecdsa", "keyAlgorithm: ecdsa, duration: 48h", 1)
	}
	s.compile(lasting(issuedBy(1)("")))
	for _, phase := range []string{"distribute", "issue", "drain"} {
		s.compile(lasting(issuedBy(2)(phase)))
	}
	s.now = fixtureTime.Add(47 * time.Hour)
	s.refused(lasting(issuedBy(2)("retire")), "agents may hold certificates under the old root until")
	s.now = fixtureTime.Add(49 * time.Hour)
	if l := s.compile(lasting(issuedBy(2)("retire"))).Lock; l.Phase() != lockfile.Retire {
		t.Errorf("the lockfile is at %s", l.Phase())
	}
	if l := s.compile(issuedBy(2)("")).Lock; len(l.Certificates) != 1 { // with a different duration
		t.Errorf("%d certificates after the rotation", len(l.Certificates))
	}
}
