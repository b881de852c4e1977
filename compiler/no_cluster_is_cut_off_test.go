package compiler

import (
	"crypto/tls"
	"fmt"
	"relayform/compiler/pki"
	"strings"
	"testing"
)

// stage is the contents of every cluster in one phase of a change.
type stage struct {
	name string
	mesh
}

// change is a rotation or renewal, stage by stage.
type change struct {
	name   string
	stages []stage
	// reissued is the first stage at which no agent has a certificate from before the change: retiring a root waits for it.
	reissued int
}

// agentsGiven is the place, among the changes, of the rotation in which relayform issues the agents' certificates.
const agentsGiven = 4

// changes are functions that compile each stage of a change: rotations of every kind of PKI, and renewals.
func changes(t *testing.T) []func() change {
	t.Helper()
	phases := []string{"", "distribute", "issue", "drain", "retire, agentsReissued: true", ""}
	names := []string{"before", "distribute", "issue", "drain", "retire", "after"}
	rotation := func(name string, before func(string) string, during func(string) string) change {
		s := newTestProject(t)
		s.collecting = strings.Contains(name, "telemetry gateway")
		for n := range 2 {
			s.bring(n + 1)
			s.bringClients(n+1, "remote-cluster")
		}
		c := change{name: name, reissued: 4}
		for i, phase := range phases {
			block := during(phase)
			if i == 0 {
				block = before(phase)
			}
			s.compile(block)
			c.stages = append(c.stages, stage{names[i], meshOf(t, s.project)})
		}
		return c
	}
	renewal := func(block, what string, of ...string) change {
		s := newTestProject(t)
		s.compile(block)
		c := change{name: what + " alone, renewed", stages: []stage{{"before", meshOf(t, s.project)}}, reissued: 2}
		if c.stages[0].product.Has(pki.Agent) {
			c.name += ", agents given their certificates"
		}
		if _, err := Renew(s.project, s.env(), RenewOptions{What: what, Agents: of}); err != nil {
			t.Fatal(err)
		}
		c.stages = append(c.stages, stage{"after", meshOf(t, s.project)})
		return c
	}
	rotate := func(name string, before func(string) string, during func(string) string) func() change {
		return func() change { return rotation(name, before, during) }
	}
	renew := func(block, what string, of ...string) func() change {
		return func() change { return renewal(block, what, of...) }
	}
	corp := func(n int) func(string) string { return func(phase string) string { return foreignPKI(n, phase) } }
	clients := func(n int) func(string) string { return func(phase string) string { return brought(n, phase) } }
	return []func() change{
		rotate("root, from one of relayform's to the next", own, own),
		rotate("root, from self-signed to an external PKI", own, corp(1)),
		rotate("root, from one external PKI to the next", corp(1), corp(2)),
		rotate("root, from an external PKI to self-signed", corp(1), own),
		rotate("root, agents given their certificates", issued, issued),
		rotate("root, agents' certificates brought, from one external PKI to the next", clients(1), clients(2)),
		rotate("root, agents' certificates issued by relayform, then brought", issued, clients(1)),
		rotate("root, agents' certificates brought, then issued by relayform", clients(1), issued),
		rotate("root, agents given cert-manager's certificates", issuedBy(1), issuedBy(2)),
		rotate("root, with a signing CA of cert-manager's", signedBelow(1), signedBelow(2)),
		renew(own(""), "signing"),
		renew(own(""), "server"),
		renew(issued(""), "signing"),
		renew(issued(""), "agents", "remote-cluster"),
		rotate("root, with a telemetry gateway, from one of relayform's to the next", own, own),
		rotate("root, with a telemetry gateway, from self-signed to an external PKI", own, bringsTelemetry(corp(1))),
		rotate("root, with a telemetry gateway, from one external PKI to the next", bringsTelemetry(corp(1)), bringsTelemetry(corp(2))),
		rotate("root, with a telemetry gateway, from an external PKI to self-signed", bringsTelemetry(corp(1)), own),
	}
}

// relay is the relay server at a stage. What is read only at start may still be from the previous stage: the pool that verifies agents, and
// the signing CA.
func (c change) relay(t *testing.T, at, poolAt int) *tls.Config {
	t.Helper()
	config := c.stages[at].server(t)
	config.ClientCAs = pool(t, c.stages[poolAt].trusted())
	return config
}

// given tries every handshake of agents that were given their certificates: the one in their overlay; and the previous one, if the agent
// has not been restarted, and management is not ahead.
func (c change) given(t *testing.T, management, remote int, play func(what string, poolAt int, certificate *tls.Certificate)) {
	t.Helper()
	for _, started := range []int{management, max(management-1, 0)} { // restarted or not
		held := c.stages[remote].held(t)
		play("an agent with what it was given", started, &held)
		if management <= remote && remote > 0 {
			before := c.stages[remote-1].held(t)
			play("an agent that was not restarted yet", started, &before)
		}
	}
}

// cell tries every handshake of a management cluster and a remote at two stages. Agents are at first contact, have a certificate from
// before the change, or one from the current signing CA.
func (c change) cell(t *testing.T, management, remote int) (passed int, failed []string) {
	t.Helper()
	play := func(what string, poolAt int, certificate *tls.Certificate) {
		agent := c.stages[remote].agent(t)
		if certificate != nil {
			show(agent, *certificate)
		}
		if _, err := handshake(c.relay(t, management, poolAt), agent); err != nil {
			failed = append(failed, what+": "+strings.ReplaceAll(err.Error(), "\n", "; "))
			return
		}
		passed++
	}
	if c.stages[0].product.Has(pki.Agent) {
		c.given(t, management, remote, play)
		return passed, failed
	}
	if c.stages[0].gateway != "" {
		for _, started := range []int{management, max(management-1, 0)} { // restarted or not
			for _, trusts := range []int{remote, max(remote-1, 0)} { // likewise for the collector
				if started-trusts > 1 || trusts-started > 1 {
					continue // the next phase is compiled only after everything has been restarted
				}
				if _, err := handshake(c.stages[started].telemetry(t), c.stages[trusts].collector(t)); err != nil {
					failed = append(failed, "a collector: "+strings.ReplaceAll(err.Error(), "\n", "; "))
					continue
				}
				passed++
			}
		}
	}
	before := c.stages[0].signed(t, c.stages[0].cluster)
	for _, started := range []int{management, max(management-1, 0)} { // restarted or not
		reissued := c.stages[started].signed(t, c.stages[0].cluster)
		play("first contact", started, nil)
		if management < c.reissued {
			play("an agent from before", started, &before)
		}
		play("an agent reissued", started, &reissued)
	}
	return passed, failed
}

// TestNoClusterIsCutOff is the handshake matrix: in every change, a management cluster and a remote that are at most one phase apart can
// connect. The result is in golden/matrix.
func TestNoClusterIsCutOff(t *testing.T) {
	var b strings.Builder
	total := 0
	tried := map[int]change{}
	for n, compiled := range changes(t) {
		if !everyCase() && n%agentsGiven != 0 {
			continue
		}
		c := compiled()
		tried[n] = c
		fmt.Fprintf(&b, "%s\n%-22s", c.name, "management \\ remote")
		for _, s := range c.stages {
			fmt.Fprintf(&b, " %-10s", s.name)
		}
		for i, m := range c.stages {
			fmt.Fprintf(&b, "\n%-22s", m.name)
			for j := range c.stages {
				if i-j > 1 || j-i > 1 {
					fmt.Fprintf(&b, " %-10s", "-")
					continue
				}
				passed, failed := c.cell(t, i, j)
				for _, f := range failed {
					t.Errorf("%s: management at %s, remote at %s: %s", c.name, m.name, c.stages[j].name, f)
				}
				total += passed
				fmt.Fprintf(&b, " %-10s", fmt.Sprintf("%d/%d", passed, passed+len(failed)))
			}
		}
		b.WriteString("\n\n")
	}
	fmt.Fprintf(&b, "%d handshakes, and each of these is refused:\n", total)
	for _, line := range controls(t, tried[0], tried[agentsGiven]) {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	text := strings.ReplaceAll(b.String(), " \n", "\n")
	for strings.Contains(text, " \n") {
		text = strings.ReplaceAll(text, " \n", "\n")
	}
	t.Log("\n" + text)
	if !everyCase() {
		return // a matrix of some changes
	}
	golden(t, "../golden/matrix", map[string][]byte{"matrix.txt": []byte(text)})
}

// controls are handshakes that must fail: they show why the phases are needed. They take a rotation of relayform's own root, and one in
// which agents are given their certificates.
func controls(t *testing.T, c, g change) []string {
	t.Helper()
	var lines []string
	refused := func(what string, server, client *tls.Config) {
		t.Helper()
		if _, err := handshake(server, client); err == nil {
			t.Errorf("%s: the handshake passed", what)
		}
		lines = append(lines, what)
	}
	const before, distribute, issue, drain, retire, after = 0, 1, 2, 3, 4, 5
	agent := func(at int, signedAt int) *tls.Config {
		config := c.stages[at].agent(t)
		show(config, c.stages[signedAt].signed(t, c.stages[0].cluster))
		return config
	}
	refused("the root swapped in one step: first contact from a remote that was not applied yet", c.stages[after].server(t), c.stages[before].agent(t))
	refused("the root swapped in one step: a running agent of such a remote", c.stages[after].server(t), agent(before, before))
	refused("the root swapped in one step: a remote that was applied first", c.stages[before].server(t), agent(after, before))
	refused("a remote two phases behind, management at issue", c.stages[issue].server(t), agent(before, before))
	refused("a remote two phases ahead, management at distribute after it went back too far", c.stages[distribute].server(t), agent(retire, before))
	refused("an agent not reissued, management at retire", c.stages[retire].server(t), agent(retire, distribute))
	refused("an agent not reissued, management and remote after the rotation", c.stages[after].server(t), agent(after, before))
	holding := func(at int, given int) *tls.Config {
		config := g.stages[at].agent(t)
		show(config, g.stages[given].held(t))
		return config
	}
	refused("an agent given a certificate of the phase drain, management before the rotation", g.stages[before].server(t), holding(drain, drain))
	refused("an agent not restarted since issue, management at retire", g.stages[retire].server(t), holding(retire, issue))
	if _, err := handshake(c.stages[drain].server(t), agent(drain, before)); err != nil {
		t.Errorf("the same agent while it drains: %v", err)
	}
	return lines
}
