package compiler

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// TestEachAgentHasItsAuthority dials as each agent in a fixture with its own authority does: with the name in its Helm values, which the
// ingress routes to the relay server. Go and OpenSSL accept the server's certificate for it, and for no other name.
func TestEachAgentHasItsAuthority(t *testing.T) {
	cases := fixtures(t)
	for name, stranger := range map[string]string{"authority-for-each-remote": "a.b.edge.example.com", "external-names": "relay.core.example.com"} {
		t.Run(name, func(t *testing.T) {
			m := meshOf(t, cases[name])
			c := compileFixture(t, cases[name])
			ingress, own := string(c.tree.Find(c.plan.Management.Name+"/public/ingress.yaml")), map[string]bool{}
			for _, remote := range c.plan.Remotes {
				var values verify.Values
				if err := yaml.Unmarshal(c.tree.Find(remote.Name+"/values.yaml"), &values.Tree); err != nil {
					t.Fatal(err)
				}
				authority, _ := values.Value(m.product.Agent.Authority).(string)
				if authority != remote.Authority {
					t.Errorf("%s: its values have the authority %q, want %q", remote.Name, authority, remote.Authority)
				}
				if !strings.Contains(ingress, "- "+authority+"\n") {
					t.Errorf("%s: nothing leads %s to the relay server:\n%s", remote.Name, authority, ingress)
				}
				agent := m.agent(t)
				agent.ServerName = authority
				show(agent, m.signed(t, remote.Name))
				if names, err := handshake(m.server(t), agent); err != nil || names[0] != remote.Name {
					t.Errorf("%s by %s: %v, %v", remote.Name, authority, names, err)
				}
				m.openSSLTakes(t, authority, true)
				own[authority] = true
			}
			if len(own) < 2 {
				t.Errorf("the authorities are %v; want several", own)
			}
			agent := m.agent(t)
			agent.ServerName = stranger
			if _, err := handshake(m.server(t), agent); err == nil || !strings.Contains(err.Error(), "not "+stranger) {
				t.Errorf("as %s: %v", stranger, err)
			}
			m.openSSLTakes(t, stranger, false)
		})
	}
}

// openSSLTakes checks whether OpenSSL accepts the server's certificate for a name.
func (m mesh) openSSLTakes(t *testing.T, name string, want bool) {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		return
	}
	s, dir := m.management[relay.Secret(pki.Server)], t.TempDir()
	for file, text := range map[string][]byte{"server.pem": s[relay.Keys.Cert], "ca.pem": m.remote[relay.Secret(pki.Root)][relay.Keys.CA]} {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-attime", fmt.Sprint(fixtureTime.Unix()),
		"-CAfile", filepath.Join(dir, "ca.pem"), "-untrusted", filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.pem")).CombinedOutput()
	if (err == nil) != want {
		t.Errorf("openssl for %s: %s", name, out)
	}
}

// named returns the tests' topology with more names.
func named(management, remote, pkiBlock string) []byte {
	text := strings.Replace(testTopology, "%s", pkiBlock, 1)
	text = strings.Replace(text, "  ingress:", management+"  ingress:", 1)
	return []byte(strings.Replace(text, "remote-cluster: {}", "remote-cluster: {"+remote+"}", 1))
}

// TestMoreNamesReissueTheServerAlone adds and removes names. Those already in the certificate, and an authority that a wildcard in it
// covers, need nothing.
func TestMoreNamesReissueTheServerAlone(t *testing.T) {
	s := newTestProject(t)
	usual := product.Profiles[0].DNSNames("enterprise-networking.gloo-mesh", "gloo-mesh", "cluster.local")
	for i, step := range []struct {
		management, remote string
		more               []string // names in addition to the default
		issued             string
	}{
		{"", "", nil, "root signing server token"},
		{"  dnsNames: [relay.example.com, \"*.example.com\"]\n", "", []string{"*.example.com", "relay.example.com"}, "server"},
		{"  dnsNames: [\"*.example.com\", relay.example.com]\n", "", []string{"*.example.com", "relay.example.com"}, ""}, // a different order
		{"  dnsNames: [\"*.example.com\", relay.example.com, enterprise-networking]\n", "", []string{"*.example.com", "relay.example.com"}, ""},
		{"  dnsNames: [\"*.example.com\", relay.example.com]\n", "authority: east.example.com", []string{"*.example.com", "relay.example.com"}, ""},
		{"  dnsNames: [\"*.example.com\"]\n", "authority: a.east.example.com", []string{"*.example.com", "a.east.example.com"}, "server"},
		{"", "authority: enterprise-networking.gloo-mesh.svc", nil, "server"},
		{"", "", nil, ""},
	} {
		s.write("topology.yaml", named(step.management, step.remote, own("")))
		r, err := Compile(s.project, s.env(), Options{})
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		var issued []string
		for _, d := range r.Issued {
			issued = append(issued, string(d.Role))
		}
		if strings.Join(issued, " ") != step.issued {
			t.Errorf("step %d issues %v, want %s", i, r.Issued, step.issued)
		}
		if have := r.Lock.Newest(pki.Server).SANs; !slices.Equal(have, slices.Concat(usual, step.more)) {
			t.Errorf("step %d: the server's names are %v, want %v after the usual", i, have, step.more)
		}
	}
}

// TestBroughtServersHaveTheNames asks for names that an external PKI's certificate lacks: it is refused at the field, whether the
// certificate is to be imported or was imported before, and also while relayform's own root is distributed and the old server certificate
// is still in use.
func TestBroughtServersHaveTheNames(t *testing.T) {
	for _, imported := range []bool{false, true} {
		for _, c := range []struct{ management, remote, want string }{
			{"  dnsNames: [relay.example.org]\n", "", "topology.yaml:7:3: management.dnsNames: "},
			{"  dnsNames: [\"*.example.org\"]\n", "", "topology.yaml:7:3: management.dnsNames: "},
			{"", "authority: east.example.org", "topology.yaml:9:31: remotes.remote-cluster.authority: "},
		} {
			s := newTestProject(t)
			s.bring(1)
			if imported {
				s.compile(foreignPKI(1, ""))
			}
			s.write("topology.yaml", named(c.management, c.remote, foreignPKI(1, "")))
			if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "pki.external.server") {
				t.Errorf("imported before: %v: %v, want %s", imported, err, c.want)
			}
		}
	}
	s := newTestProject(t)
	s.bring(1)
	s.compile(foreignPKI(1, ""))
	s.compile(own("distribute"))
	s.write("topology.yaml", named("", "authority: east.example.org", own("distribute")))
	if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), "topology.yaml:9:31: remotes.remote-cluster.authority: the server certificate of the old PKI") {
		t.Errorf("while the old server serves: %v", err)
	}
	s.write("topology.yaml", named("", "authority: east.example.org", own("issue")))
	if r, err := Compile(s.project, s.env(), Options{}); err != nil || r.Lock.Newest(pki.Server).Source != lockfile.SelfSigned || r.Lock.Newest(pki.Server).Chain[0].VerifyHostname("east.example.org") != nil {
		t.Errorf("with the server of the next root: %v", err)
	}
}

// TestManyAuthoritiesStayWithinLimits compiles a fleet with the maximum number of authorities, and more clusters that share them.
func TestManyAuthoritiesStayWithinLimits(t *testing.T) {
	s := newTestProject(t)
	var remotes strings.Builder
	for i := range 500 {
		fmt.Fprintf(&remotes, "  edge-%03d: {authority: edge-%02d.example.com}\n", i, i%63)
	}
	text := strings.Replace(strings.Replace(testTopology, "%s", own(""), 1), "  remote-cluster: {}\n", remotes.String(), 1)
	for n, form := range []string{"istio: {}", "gatewayAPI: {className: eg}", "openshift: {}", "contour: {}", "traefik: {service: {name: traefik, namespace: traefik}}", "glooEdge: {port: 9900}"} {
		if !sampled(n) {
			continue
		}
		s.write("topology.yaml", []byte(strings.Replace(text, "istio: {}", form, 1)))
		r, err := Compile(s.project, s.env(), Options{})
		if err != nil || len(r.Plan.Authorities) != 64 {
			t.Fatalf("%s: %v", form, err)
		}
		report, err := Verify(s.project, s.env(), s.env().Now)
		if err != nil || len(report.Findings) > 0 || len(report.Connections) != 63 {
			t.Errorf("%s: %d connections, %v: %v", form, len(report.Connections), report.Findings, err)
		}
	}
}
