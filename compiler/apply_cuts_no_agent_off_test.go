package compiler

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// turned is a state of a rotation: the resulting contents of clusters, and the lockfile.
type turned struct {
	stage
	lock *lockfile.File
}

// circle compiles a complete rotation and, from each of its phases, a step back. The first six states are the rotation.
func circle(t *testing.T, before, during func(string) string) []turned {
	t.Helper()
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	var all []turned
	at := func(name, block string) {
		s.compile(block)
		c := &compile{project: s.project, env: s.env(), options: Options{Locked: true}}
		_, l, err := c.complete()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, turned{stage{name, meshOf(t, s.project)}, l})
	}
	lock := filepath.Join(filepath.Dir(s.project.Topology), "topology.lock.yaml")
	at("before", before(""))
	forward := []string{"distribute", "issue", "drain", "retire, agentsReissued: true"}
	var back []func()
	for i, phase := range forward {
		name, _, _ := strings.Cut(phase, ",")
		at(name, during(phase))
		to := before("")
		if i > 0 {
			to = during(forward[i-1])
		}
		saved := read(t, lock)
		back = append(back, func() {
			if err := os.WriteFile(lock, saved, 0o600); err != nil {
				t.Fatal(err)
			}
			at("back from "+name, to)
		})
	}
	at("after", during(""))
	for _, way := range back {
		way()
	}
	return all
}

// holding returns a cluster of a mesh, optionally with an agent's certificate.
func (m mesh) holding(management bool, agent *tls.Certificate) readiness.Cluster {
	c := readiness.Cluster{Name: m.cluster, Agent: true}
	data := m.remote
	if management {
		c, data = readiness.Cluster{Name: "mgmt-cluster", Management: true}, m.management
	}
	for name, values := range data {
		c.Secrets = append(c.Secrets, verify.Secret{Name: name, Data: values, ManagedBy: "relayform"})
	}
	if agent != nil {
		var chain []byte
		for _, der := range agent.Certificate {
			chain = append(chain, pemOf(der)...)
		}
		c.Secrets = append(c.Secrets, verify.Secret{Name: relay.ClientSecret, Data: map[string][]byte{relay.Keys.Cert: chain}})
	}
	return c
}

// looked checks a run as Look does: clusters that it does not apply are queried only if necessary.
func looked(l *lockfile.File, management, remote readiness.Cluster) []verify.Finding {
	var in, out []readiness.Cluster
	for _, c := range []readiness.Cluster{management, remote} {
		if c.Applied {
			in = append(in, c)
		} else {
			out = append(out, c)
		}
	}
	judge := func(clusters []readiness.Cluster) *readiness.Mesh {
		return readiness.New(l, verify.NamesOf(relay), nil, fixtureTime, clusters)
	}
	if m, agents := judge(in).Wider(); m || agents {
		in = append(in, out...)
	}
	return judge(in).Apply()
}

func codes(findings []verify.Finding) []diag.Code {
	var all []diag.Code
	for _, f := range findings {
		if f.Severity == verify.Error {
			all = append(all, f.Code)
		}
	}
	return all
}

// TestNoApplyCutsAnAgentOff tries every state of clusters in a rotation, at most one phase apart, with every adjacent state, forward and
// back. If an agent is connected now by a real handshake and the handshake fails after the apply, the apply must be refused; nothing else
// may be refused, except for a signing CA whose root is removed: what it signed may be anywhere.
func TestNoApplyCutsAnAgentOff(t *testing.T) {
	corp := func(n int) func(string) string { return func(phase string) string { return foreignPKI(n, phase) } }
	for name, c := range map[string]struct{ before, during func(string) string }{
		"one of relayform's to the next": {own, own}, "one external PKI to the next": {corp(1), corp(2)},
		"self-signed to external": {own, corp(1)}, "external to self-signed": {corp(1), own},
	} {
		t.Run(name, func(t *testing.T) {
			all := circle(t, c.before, c.during)
			runs, refusals := 0, 0
			connects := connecting(t)
			for i, now := range all[:6] {
				if !sampled(i) {
					continue
				}
				for _, there := range all[max(i-1, 0):min(i+2, 6)] {
					for _, signer := range []int{0, i} {
						agent := certified{all[signer].name, all[signer].signed(t, there.cluster)}
						if !connects(now, there, agent) {
							continue // not connected, so not cut off
						}
						for _, next := range all {
							for _, run := range []string{"all", "mgmt-cluster", "remote"} {
								management, remote := now.holding(true, nil), there.holding(false, &agent.Certificate)
								management.Applied, remote.Applied = run != "remote", run != "mgmt-cluster"
								cut := management.Applied && !connects(next, there, agent)
								if server := next; remote.Applied {
									if !management.Applied {
										server = now
									}
									cut = cut || !connects(server, next, agent)
								}
								found := codes(looked(next.lock, management, remote))
								runs++
								if len(found) > 0 {
									refusals++
								}
								what := fmt.Sprintf("management at %s, remote at %s, agent signed at %s, %s to %s", now.name, there.name, all[signer].name, run, next.name)
								leaves := management.Applied && signerLeaves(t, now, next)
								if (cut || leaves) != (len(found) > 0) || slices.Contains(found, verify.AgentCutOff) && !cut {
									t.Errorf("%s: %v; the agent is cut off: %t; the signing CA's root leaves: %t", what, found, cut, leaves)
								}
							}
						}
					}
				}
			}
			if t.Logf("%d runs, %d refused", runs, refusals); runs < 100 || refusals == 0 {
				t.Error("too few to say anything")
			}
		})
	}
}

// certified is an agent's certificate, and the state whose signing CA signed it.
type certified struct {
	by string
	tls.Certificate
}

// connecting returns a function that reports whether an agent with a certificate can connect to the relay server. It tries one handshake
// for each combination of states.
func connecting(t *testing.T) func(server, remote turned, agent certified) bool {
	known := map[[3]string]bool{}
	return func(server, remote turned, agent certified) bool {
		t.Helper()
		of := [3]string{server.name, remote.name, agent.by}
		if ok, is := known[of]; is {
			return ok
		}
		config := remote.agent(t)
		show(config, agent.Certificate)
		_, err := handshake(server.server(t), config)
		known[of] = err == nil
		return err == nil
	}
}

// signerLeaves reports whether a management cluster's signing CA chains to a root that is being removed from it or, where the phase drain
// requires the next one, to the old root.
func signerLeaves(t *testing.T, now, next turned) bool {
	t.Helper()
	signing := pki.ReadPEM(now.management[relay.Secret(pki.Signing)][relay.Keys.Cert]).Certificates
	stands := func(roots []lockfile.Certificate) bool {
		return slices.ContainsFunc(roots, func(r lockfile.Certificate) bool {
			_, err := pki.Chains(pki.Signing, signing, r.Chain[:1])
			return err == nil
		})
	}
	roots := next.lock.All(pki.Root)
	if !stands(roots) {
		return true
	}
	return next.lock.Phase() == lockfile.Drain && !stands(roots[len(roots)-1:])
}
