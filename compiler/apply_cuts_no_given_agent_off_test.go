package compiler

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
)

// lookedGiven checks a run as Look does, in a mesh whose agents are given their certificates.
func lookedGiven(l *lockfile.File, management, remote readiness.Cluster) []verify.Finding {
	in, out := []readiness.Cluster{}, []readiness.Cluster{}
	for _, c := range []readiness.Cluster{management, remote} {
		if c.Applied {
			in = append(in, c)
		} else {
			out = append(out, c)
		}
	}
	judge := func(clusters []readiness.Cluster) *readiness.Mesh {
		return readiness.New(l, verify.NamesOf(relay.WithoutRelayCA()), nil, fixtureTime, clusters)
	}
	if m, agents := judge(in).Wider(); m || agents {
		in = append(in, out...)
	}
	return judge(in).Apply()
}

// TestNoApplyCutsAGivenAgentOff tries every state of clusters in a rotation, at most one phase apart, with every adjacent state: if an
// agent is connected now with the certificate in its cluster and a handshake fails during or after the change, the apply must be refused;
// nothing else may be refused.
func TestNoApplyCutsAGivenAgentOff(t *testing.T) {
	all := circle(t, issued, issued)
	known := map[[3]string]bool{}
	connects := func(server, remote, holder turned) bool {
		t.Helper()
		of := [3]string{server.name, remote.name, holder.name}
		if ok, is := known[of]; is {
			return ok
		}
		config := remote.agent(t)
		show(config, holder.held(t))
		_, err := handshake(server.server(t), config)
		known[of] = err == nil
		return err == nil
	}
	runs, refusals := 0, 0
	for i, now := range all[:6] {
		for _, there := range all[max(i-1, 0):min(i+2, 6)] {
			if !connects(now, there, there) {
				continue // not connected, so not cut off
			}
			for _, next := range all {
				for _, run := range []string{"all", "mgmt-cluster", "remote"} {
					management, remote := now.holding(true, nil), there.holding(false, nil)
					management.Applied, remote.Applied = run != "remote", run != "mgmt-cluster"
					cut := management.Applied && !connects(next, there, there)
					if server := next; remote.Applied {
						if !management.Applied {
							server = now
						}
						cut = cut || !connects(server, next, next)
					}
					found := lookedGiven(next.lock, management, remote)
					if runs++; len(found) > 0 {
						refusals++
					}
					if errors := codes(found); cut != (len(errors) > 0) || slices.Contains(errors, verify.AgentCutOff) && !cut {
						t.Errorf("management at %s, remote at %s, %s to %s: %v; the agent is cut off: %t", now.name, there.name, run, next.name, errors, cut)
					}
					for _, f := range found {
						if strings.Contains(f.Hint, "delete the Secret") {
							t.Errorf("the relay server signs nothing: %s", f.Hint)
						}
					}
				}
			}
		}
	}
	if t.Logf("%d runs, %d refused", runs, refusals); runs < 300 || refusals == 0 {
		t.Error("too few to say anything")
	}
}

// TestGivenAgentsAreReadyForAPhase checks remotes of each state against the phase retire: those with a certificate under the remaining root
// are ready. In the management cluster only the server's certificate counts, not the signing CA.
func TestGivenAgentsAreReadyForAPhase(t *testing.T) {
	const issue, drain = 2, 3
	all := circle(t, issued, issued)
	for i, m := range all[:6] {
		for k, r := range all[:6] {
			found := readiness.New(all[drain].lock, verify.NamesOf(relay.WithoutRelayCA()), nil, fixtureTime, []readiness.Cluster{m.holding(true, nil), r.holding(false, nil)}).Before(lockfile.Retire)
			var names []string
			for _, f := range found {
				names = append(names, f.Clusters...)
			}
			what := fmt.Sprintf("management at %s, remote at %s: %v", m.name, r.name, found)
			if got := !slices.Contains(names, "mgmt-cluster"); got != (i >= issue) {
				t.Errorf("management ready: %t: %s", got, what)
			}
			if got := !slices.Contains(names, r.cluster); got != (k >= drain) {
				t.Errorf("remote ready: %t: %s", got, what)
			}
		}
	}
}
