package compiler

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/ingress"
	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema"
	"relayform/schema/diag"
)

// withTelemetry adds a telemetry gateway to a test's topology.
func withTelemetry(topology string) string {
	topology = strings.Replace(topology, "management:\n", "product: gloo-platform\nmanagement:\n  authority: enterprise-networking.gloo-mesh\n", 1)
	return strings.Replace(topology, "  ingress: {istio: {}}\n", "  ingress: {istio: {}}\n  telemetry: {address: 'telemetry.example.com:4317', ingress: {loadBalancer: {}}}\n", 1)
}

// bringsTelemetry returns the block of an external PKI with the telemetry gateway's certificate.
func bringsTelemetry(external func(phase string) string) func(string) string {
	return func(phase string) string {
		block := external(phase)
		folder := block[strings.Index(block, "pki"):strings.Index(block, "/")]
		return strings.Replace(block, ", signing:", fmt.Sprintf(", telemetry: {cert: %[1]s/telemetry.pem, key: %[1]s/telemetry.key}, signing:", folder), 1)
	}
}

// telemetry returns the TLS configuration of the telemetry gateway.
func (m mesh) telemetry(t testing.TB) *tls.Config {
	t.Helper()
	s := m.management[m.product.Secret(pki.Telemetry)]
	pair, err := tls.X509KeyPair(s[relay.Keys.Cert], s[relay.Keys.Key])
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, Time: func() time.Time { return fixtureTime }}
}

// collector returns the TLS configuration of the remote's collector.
func (m mesh) collector(t testing.TB) *tls.Config {
	t.Helper()
	return &tls.Config{ServerName: m.gateway, RootCAs: pool(t, m.remote[m.product.Secret(pki.Root)][relay.Keys.CA]), Time: func() time.Time { return fixtureTime }}
}

// TestATelemetryGatewayIsReachedAsTheRelayIs resolves each fixture's ingress for the relay, and for a telemetry gateway with the same
// Service: the objects are the same except for their names, and so is everything else. No form supports only one of the two.
func TestATelemetryGatewayIsReachedAsTheRelayIs(t *testing.T) {
	target := ingress.Target{
		Service: "service", Port: product.Port{Name: "port", Number: 4444}, Pods: map[string]string{"app": "pods"},
		Namespace: "gloo-mesh", ClusterDomain: "cluster.local", Hosts: []string{"name.gloo-mesh"},
	}
	tried := map[string]bool{}
	for name, project := range fixtures(t) {
		topology, _, err := schema.ParseTopology("topology.yaml", read(t, project.Topology))
		if err != nil {
			t.Fatal(err)
		}
		resolve := func(to ingress.Target) string {
			chosen, err := ingress.Resolve(topology.Management.Ingress, to, func(path []string, fault *diag.Fault, _ ...string) { t.Errorf("%s: %v: %v", name, path, fault) })
			if err != nil {
				t.Fatal(err)
			}
			tried[chosen.Name] = true
			text, err := json.Marshal(chosen.Objects)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%s %+v %s %s", text, chosen.Service, chosen.Needs, chosen.Where.Command("context"))
		}
		relays, gateways := resolve(ingress.ToRelay(target)), resolve(ingress.ToTelemetry(target))
		if strings.ReplaceAll(gateways, ingress.TelemetryName, ingress.ObjectName) != relays {
			t.Errorf("%s: the relay\n%s\nthe telemetry gateway\n%s", name, relays, gateways)
		}
	}
	for _, form := range ingress.Names() {
		if !tried[form] {
			t.Errorf("no fixture has %s", form)
		}
	}
	of := map[string][]string{}
	for _, c := range schema.Choices() {
		of[c.Field] = c.Options
	}
	if forms := of["management.telemetry.ingress"]; len(forms) == 0 || !slices.Equal(forms, of["management.ingress"]) {
		t.Errorf("the forms are %v", forms)
	}
}

// TestTelemetryComesAndGoes adds a telemetry gateway to a running mesh, and removes it: its certificate is issued, and no other; then
// everything is as before, and gc finds its key.
func TestTelemetryComesAndGoes(t *testing.T) {
	s := newTestProject(t)
	without := strings.Replace(strings.Replace(withTelemetry(testTopology), "%s", own(""), 1), "  telemetry:", "  # telemetry:", 1)
	s.write("topology.yaml", []byte(without))
	s.compiledNow()
	before := s.all()
	s.write("topology.yaml", []byte(strings.Replace(without, "# telemetry:", "telemetry:", 1)))
	if _, err := Compile(s.project, s.env(), Options{Locked: true}); err == nil || !strings.Contains(err.Error(), "telemetry: would be issued: not in the lockfile yet") {
		t.Errorf("locked: %v", err)
	}
	r := s.compiledNow()
	if len(r.Issued) != 1 || r.Issued[0].Role != pki.Telemetry {
		t.Errorf("issued %v", r.Issued)
	}
	s.write("topology.yaml", []byte(without))
	if r := s.compiledNow(); len(r.Issued) != 0 {
		t.Errorf("taken away: issued %v", r.Issued)
	}
	after := s.all()
	for name := range after {
		if _, was := before[name]; !was && !strings.HasPrefix(name, "keys/") {
			t.Errorf("%s stays", name)
		}
	}
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s differs", name)
		}
	}
	certs, err := Certificates(s.project, s.env(), fixtureTime)
	if err != nil || len(certs.Orphans) == 0 {
		t.Errorf("its key is no orphan: %+v, %v", certs, err)
	}
}

// TestTelemetryInARotation adds a telemetry gateway in each phase, and removes it in the next; rolls the rotation back; and replaces the
// root in one step after removing it. The lockfile always loads, and the result verifies.
func TestTelemetryInARotation(t *testing.T) {
	compile := func(s *testProject, phase string, telemetry bool) {
		t.Helper()
		text := strings.Replace(withTelemetry(testTopology), "%s", own(phase), 1)
		if !telemetry {
			text = strings.Replace(text, "  telemetry:", "  # telemetry:", 1)
		}
		s.write("topology.yaml", []byte(text))
		s.compiledNow()
		report, err := Verify(s.project, s.env(), s.now)
		if err != nil {
			t.Fatalf("phase %q: %v", phase, err)
		}
		if n := report.Count(verify.Error); n > 0 || report.Connections[0].Telemetry.OK != telemetry {
			t.Errorf("phase %q, telemetry %t: %+v, %+v", phase, telemetry, report.Findings, report.Connections)
		}
	}
	phases := []string{"", "distribute", "issue", "drain", "retire, agentsReissued: true", ""}
	for asked := range phases {
		if !sampled(asked + 1) {
			continue
		}
		s := newTestProject(t)
		for i, phase := range phases {
			compile(s, phase, i == asked)
		}
		back := newTestProject(t)
		for i, phase := range phases[:4] {
			compile(back, phase, i >= asked)
		}
		for _, phase := range []string{"issue", "distribute"} {
			compile(back, phase, true)
		}
	}
}

// TestNobodyIssuesForATelemetryGatewayUnderARootThatLeaves adds one while an external PKI's root is distributed, or relayform's is replaced
// with one: nobody has the key to issue its certificate.
func TestNobodyIssuesForATelemetryGatewayUnderARootThatLeaves(t *testing.T) {
	for name, of := range map[string]struct{ before, during func(string) string }{
		"to an external PKI":   {own, bringsTelemetry(func(phase string) string { return foreignPKI(1, phase) })},
		"from an external PKI": {func(phase string) string { return foreignPKI(1, phase) }, own},
	} {
		s := newTestProject(t)
		s.bring(1)
		without := strings.Replace(withTelemetry(testTopology), "  telemetry:", "  # telemetry:", 1)
		bare := func(block string) string {
			return strings.Replace(block, ", telemetry: {cert: pki1/telemetry.pem, key: pki1/telemetry.key}", "", 1)
		}
		s.write("topology.yaml", fmt.Appendf(nil, without, of.before("")))
		s.compiledNow()
		s.write("topology.yaml", fmt.Appendf(nil, without, bare(of.during("distribute"))))
		s.compiledNow()
		s.write("topology.yaml", fmt.Appendf(nil, withTelemetry(testTopology), of.during("distribute")))
		if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), "management.telemetry: its certificate would have to chain to the root that leaves") {
			t.Errorf("%s: %v", name, err)
		}
		s.write("topology.yaml", fmt.Appendf(nil, withTelemetry(testTopology), of.during("issue")))
		s.compiledNow()
	}
}

// TestRenewedTelemetryIsTheGatewaysAlone renews it by name: no other certificate changes, its gateway restarts, and its collectors do not.
func TestRenewedTelemetryIsTheGatewaysAlone(t *testing.T) {
	s := newTestProject(t)
	s.collecting = true
	before := s.compile(own("")).Lock
	r, err := Renew(s.project, s.env(), RenewOptions{What: "telemetry"})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range pki.Roles {
		if was, is := before.Newest(role), r.Lock.Newest(role); reflect.DeepEqual(was, is) != (role != pki.Telemetry) {
			t.Errorf("%s: generation %d, then %d", role, was.Generation, is.Generation)
		}
	}
	if steps := r.Steps(); len(steps) != 1 || len(steps[0].Restarts) != 1 || steps[0].Restarts[0].Resource() != "deployment/gloo-telemetry-gateway" || !slices.Equal(steps[0].Apply, []string{"mgmt-cluster"}) {
		t.Errorf("%+v", r.Steps())
	}
	if _, err := Renew(s.project, s.env(), RenewOptions{What: issue.AllDue, Within: 500 * 24 * time.Hour}); err != nil {
		t.Error(err)
	}
	without := newTestProject(t)
	without.compile(own(""))
	if _, err := Renew(without.project, without.env(), RenewOptions{What: "telemetry"}); err == nil || !strings.Contains(err.Error(), "no telemetry gateway") {
		t.Errorf("where there is none: %v", err)
	}
}

// TestCollectorsAndTheirGatewayRestartWithTheRoot lists the workloads that must read a new root.
func TestCollectorsAndTheirGatewayRestartWithTheRoot(t *testing.T) {
	s := newTestProject(t)
	s.collecting = true
	r := s.compile(own("")) // the first compile issues the root
	for _, step := range r.Steps() {
		var all []string
		for _, w := range step.Restarts {
			all = append(all, w.Resource())
		}
		want := []string{"deployment/gloo-mesh-mgmt-server", "deployment/gloo-telemetry-gateway", "deployment/gloo-mesh-agent", "daemonset/gloo-telemetry-collector-agent"}
		if step.Role == pki.Root && !slices.Equal(all, want) {
			t.Errorf("%v", all)
		}
	}
}

// TestBothAddressesAreDialled dials the relay and the telemetry gateway, each by its own name; then the gateway's address points to the
// relay server.
func TestBothAddressesAreDialled(t *testing.T) {
	s := newTestProject(t)
	s.collecting = true
	s.compile(own(""))
	m := meshOf(t, s.project)
	relayServer, gateway := m.server(t), m.telemetry(t)
	relayServer.NextProtos, gateway.NextProtos = []string{"h2"}, []string{"h2"}
	for name, c := range map[string]struct {
		behind *tls.Config // behind the gateway's address
		passes bool
		errors int
	}{"the gateway": {gateway, true, 0}, "the relay server": {relayServer, true, 1}} {
		env, asked := s.env(), []string{}
		env.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			near, far := net.Pipe()
			serves := map[string]*tls.Config{"203.0.113.7:31443": relayServer, "telemetry.example.com:4317": c.behind}[address]
			asked = append(asked, address)
			go func() {
				_ = tls.Server(far, serves).Handshake()
				far.Close()
			}()
			return near, nil
		}
		r, err := VerifyDial(t.Context(), s.project, env, "", fixtureTime)
		if err != nil {
			t.Fatal(err)
		}
		if len(asked) != 2 || r.Dialled == nil || !r.Dialled.Passthrough || r.DialledGateway == nil || r.DialledGateway.Name != "gloo-telemetry-gateway.gloo-mesh" || r.DialledGateway.Passthrough != c.passes {
			t.Errorf("%s: asked %q: %+v, %+v", name, asked, r.Dialled, r.DialledGateway)
		}
		if n := r.Count(verify.Error); n != c.errors {
			t.Errorf("%s: %+v", name, r.Findings)
		}
		r, err = VerifyDial(t.Context(), s.project, env, "203.0.113.7:31443", fixtureTime)
		if err != nil || r.DialledGateway != nil {
			t.Errorf("%s: an address that is named alone: %+v, %v", name, r, err)
		}
	}
}
