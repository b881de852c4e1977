package compiler

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// issued returns a PKI block with which relayform issues agents' certificates. Nobody has to state who has which.
func issued(rotation string) string {
	return strings.Replace(own(strings.TrimSuffix(rotation, ", agentsReissued: true")), "keyAlgorithm: ecdsa", "keyAlgorithm: ecdsa, agents: issued", 1)
}

// issuing are the fixtures in which relayform issues agents' certificates, one for each way of delivering them.
var issuing = []string{"issued", "issued-enterprise", "issued-sops", "issued-sealed", "issued-external"}

// remotesOf writes a topology with different remotes, and a PKI block.
func (s *testProject) remotesOf(pkiBlock string, remotes ...string) {
	s.Helper()
	text := strings.Replace(fmt.Sprintf(testTopology, pkiBlock), "  remote-cluster: {}", "  "+strings.Join(remotes, ": {}\n  ")+": {}", 1)
	s.write("topology.yaml", []byte(text))
}

// compiledNow compiles the current topology.
func (s *testProject) compiledNow() *Result {
	s.Helper()
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// TestNoClusterGetsTheSigningKey looks for it in everything that is rendered and in every component, and checks that each agent's key is
// only in its own cluster's folder.
func TestNoClusterGetsTheSigningKey(t *testing.T) {
	for _, name := range issuing {
		c := compileFixture(t, fixtures(t)[name])
		signing, err := c.store.Private(lockfile.KeyFile(c.lock.Newest(pki.Signing).SPKI))
		if err != nil {
			t.Fatal(err)
		}
		if c.plan.Product.Has(pki.Signing) {
			t.Errorf("%s: the product has a Secret of the signing CA", name)
		}
		texts := c.rendered(t, true)
		for where, text := range texts {
			for _, s := range c.received(t, text) {
				for key, value := range s {
					if bytes.Equal(bytes.TrimSpace(value), bytes.TrimSpace(signing)) {
						t.Errorf("%s: %s holds the signing CA's key as %s", name, where, key)
					}
				}
			}
		}
		for _, f := range delivery.Of(c.plan, c.lock).Files {
			if strings.Contains(f.Value, c.lock.Newest(pki.Signing).SPKI) {
				t.Errorf("%s: a component brings the signing CA's key", name)
			}
		}
		for _, agent := range c.plan.Agents() {
			own := c.received(t, texts[agent.Name+".yaml"])[c.plan.Product.Client()]
			pair, err := tls.X509KeyPair(own[relay.Keys.Cert], own[relay.Keys.Key])
			if err != nil {
				t.Fatalf("%s: %s: %v", name, agent.Name, err)
			}
			if !slices.Equal(pair.Leaf.DNSNames, []string{agent.Name}) || len(pair.Certificate) != 2 {
				t.Errorf("%s: %s was given a certificate for %v, with %d certificates", name, agent.Name, pair.Leaf.DNSNames, len(pair.Certificate))
			}
			for other := range c.plan.Each {
				text := texts[other.Name+".yaml"]
				if theirs := c.received(t, text)[c.plan.Product.Client()]; other.Name != agent.Name && bytes.Equal(theirs[relay.Keys.Key], own[relay.Keys.Key]) {
					t.Errorf("%s: %s has the key of %s", name, other.Name, agent.Name)
				}
			}
		}
	}
}

// TestGivenStrangersAreRefused is the negative test of the handshake with certificates given to agents.
func TestGivenStrangersAreRefused(t *testing.T) {
	cases := fixtures(t)
	m, other, signed := meshOf(t, cases["issued"]), meshOf(t, cases["issued-enterprise"]), meshOf(t, cases["reference"])
	refused := func(what, want string, certificate tls.Certificate) {
		t.Helper()
		agent, server := m.agent(t), m.server(t)
		agent.ServerName = m.authority
		show(agent, certificate)
		if _, err := handshake(server, agent); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", what, err, want)
		}
	}
	bare := m.held(t)
	bare.Certificate = bare.Certificate[:1]
	refused("without the signing CA behind it", "unknown authority", bare)
	refused("an agent of another mesh", "unknown authority", other.held(t))
	refused("what another mesh's relay server signed", "unknown authority", signed.signed(t, m.cluster))
}

// TestValuesSwitchTheRelayCAOff compares the values with what the vendor's charts need without a relay CA.
func TestValuesSwitchTheRelayCAOff(t *testing.T) {
	cases := fixtures(t)
	values := func(fixture, cluster string) string {
		c := compileFixture(t, cases[fixture])
		return string(c.tree.Find(cluster + "/values.yaml"))
	}
	for _, want := range []string{"disableCa: true", "disableTokenGeneration: true", "disableCaCertGeneration: true", "tokenSecret:\n      key: null\n      name: null\n      namespace: null"} {
		if text := values("issued", "mgmt-cluster"); !strings.Contains(text, want) {
			t.Errorf("the server's values lack %q:\n%s", want, text)
		}
	}
	if text := values("issued", "mgmt-cluster"); strings.Contains(text, "signingTlsSecret") {
		t.Errorf("the server's values name a signing Secret:\n%s", text)
	}
	if text := values("issued", "edge-01"); !strings.Contains(text, "clientTlsSecret:\n      name: relay-client-tls-secret") || !strings.Contains(text, "namespace: null") {
		t.Errorf("the agent's values:\n%s", text)
	}
	if text := values("issued-enterprise", "mgmt-cluster"); !strings.Contains(text, "disableRelayCa: true") || strings.Contains(text, "signingTlsSecret") {
		t.Errorf("the server's values of 1.x:\n%s", text)
	}
}

// TestAddedRemoteIsOneLine adds a remote: one line of the lockfile is new, and no other certificate changes. Two branches that add
// different remotes merge line by line.
func TestAddedRemoteIsOneLine(t *testing.T) {
	s := newTestProject(t)
	s.remotesOf(issued(""), "edge-1", "edge-5", "edge-9")
	s.compiledNow()
	before := strings.Split(s.all()["topology.lock.yaml"], "\n")
	s.remotesOf(issued(""), "edge-1", "edge-3", "edge-5", "edge-9")
	r := s.compiledNow()
	after := strings.Split(s.all()["topology.lock.yaml"], "\n")
	added := slices.DeleteFunc(slices.Clone(after), func(line string) bool { return slices.Contains(before, line) })
	if len(added) != 1 || len(after) != len(before)+1 || !strings.HasPrefix(added[0], `- {"agent":"edge-3",`) {
		t.Errorf("new lines: %q", added)
	}
	if len(r.Issued) != 1 || r.Issued[0].What() != "agent of edge-3" {
		t.Errorf("issued %v", r.Issued)
	}
	for _, name := range slices.Concat(r.Changes.Added, r.Changes.Changed) {
		if !strings.HasPrefix(name, "edge-3/") && !strings.HasPrefix(name, "mgmt-cluster/register/") && !slices.Contains([]string{"RUNBOOK.md", "clusters.txt"}, name) {
			t.Errorf("%s changed", name)
		}
	}
	s.remotesOf(issued(""), "edge-1", "edge-3", "edge-9") // a removed remote is removed from the lockfile
	s.compiledNow()
	if text := s.all()["topology.lock.yaml"]; strings.Contains(text, "edge-5") || !strings.Contains(text, "edge-9") {
		t.Errorf("the lockfile still has a remote that left:\n%s", text)
	}
	if again := s.compiledNow(); len(again.Issued) > 0 || !again.Changes.None() {
		t.Errorf("the next compile changes something: %v %v", again.Issued, again.Changes)
	}
}

// TestRenewedAgentsAreThoseNamed renews agents by name, then those that are due, then all with their signing CA.
func TestRenewedAgentsAreThoseNamed(t *testing.T) {
	s := newTestProject(t)
	s.remotesOf(issued(""), "edge-1", "edge-2", "edge-3")
	first := s.compiledNow().Lock
	renew := func(o RenewOptions) (*Result, []string) {
		t.Helper()
		r, err := Renew(s.project, s.env(), o)
		if err != nil {
			t.Fatal(err)
		}
		var changed []string
		for _, a := range r.Lock.AgentsInForce() {
			if was := first.Agent(a.Cluster); was.SHA256 != a.SHA256 {
				changed = append(changed, fmt.Sprintf("%s %d", a.Cluster, a.Generation))
			}
		}
		first = r.Lock
		return r, changed
	}
	want := func(what string, have []string, want ...string) {
		t.Helper()
		if !slices.Equal(have, want) {
			t.Errorf("%s: renewed %v, want %v", what, have, want)
		}
	}
	r, changed := renew(RenewOptions{What: "agents", Agents: []string{"edge-2"}})
	want("by name", changed, "edge-2 2")
	if steps := r.Steps(); len(steps) != 1 || !slices.Equal(steps[0].Apply, []string{"edge-2"}) || !slices.Equal(steps[0].Restarts[0].Clusters, []string{"edge-2"}) {
		t.Errorf("steps %+v", steps)
	}
	for _, name := range r.Changes.Changed {
		if name != "edge-2/client/secrets.yaml" {
			t.Errorf("%s changed", name)
		}
	}
	_, changed = renew(RenewOptions{What: "agents", Within: 30 * day})
	want("none is due", changed)
	s.now = s.now.Add(300 * day)
	_, changed = renew(RenewOptions{What: "agents", Within: 30 * day})
	want("all are due", changed, "edge-1 2", "edge-2 3", "edge-3 2")
	spki := first.Agent("edge-1").SPKI
	_, changed = renew(RenewOptions{What: "agents", Agents: []string{"edge-1"}, SameKey: true})
	want("with the same key", changed, "edge-1 3")
	if first.Agent("edge-1").SPKI != spki {
		t.Error("the key is another")
	}
	_, changed = renew(RenewOptions{What: "signing"})
	want("with their signing CA", changed, "edge-1 4", "edge-2 4", "edge-3 3")
	for _, o := range []struct {
		options RenewOptions
		want    string
	}{
		{RenewOptions{What: "agents", Agents: []string{"edge-4"}}, "no such cluster"},
		{RenewOptions{What: "agents", Agents: []string{"mgmt-cluster"}}, "it runs no agent"},
	} {
		if _, err := Renew(s.project, s.env(), o.options); err == nil || !strings.Contains(err.Error(), o.want) {
			t.Errorf("%v: got %v, want %q", o.options.Agents, err, o.want)
		}
	}
	s.compile(own(""))
	if _, err := Renew(s.project, s.env(), RenewOptions{What: "agents"}); err == nil || !strings.Contains(err.Error(), "the relay server signs") {
		t.Errorf("where the relay server signs: %v", err)
	}
}

// TestGivenAgentsVerify verifies both fixtures with their keys: every agent connects with its certificate.
func TestGivenAgentsVerify(t *testing.T) {
	for _, name := range issuing {
		project := fixtures(t)[name]
		report, err := Verify(project, Env{NewKey: pki.GenerateKey}, fixtureTime)
		if err != nil {
			t.Fatal(err)
		}
		if report.Count(verify.Error) > 0 {
			t.Errorf("%s: %+v", name, report.Findings)
		}
		var connected []string
		for _, c := range report.Connections {
			if c.FirstContact.Done || !c.MutualTLS.OK {
				t.Errorf("%s: %+v", name, c)
			}
			connected = append(connected, c.Clusters...)
		}
		c := compileFixture(t, project)
		if slices.Sort(connected); len(connected) != len(c.plan.Agents()) {
			t.Errorf("%s: %v connected", name, connected)
		}
		for _, a := range c.lock.AgentsInForce() {
			roots := pki.Pool([]*x509.Certificate{c.lock.Newest(pki.Root).Chain[0]})
			if _, err := a.Chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: pki.Pool(c.lock.Presented(a)[1:]), CurrentTime: fixtureTime, DNSName: a.Cluster, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
				t.Errorf("%s: %s: %v", name, a, err)
			}
		}
	}
}
