package compiler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
)

// TestClustersAreReadyForAPhase checks each pair of clusters for each phase, entered from the previous and from the next one, and with the
// phase compiled already. A cluster is ready if it trusts the root used from then on; the management cluster, if its certificate and
// signing CA chain to it; and for retire, each agent's certificate must, too.
func TestClustersAreReadyForAPhase(t *testing.T) {
	const before, distribute, issue, drain, retire = 0, 1, 2, 3, 4
	all := circle(t, own, own)
	for _, c := range []struct {
		phase              lockfile.Phase
		from               int
		management, remote []int // the states that are ready
		reissued           bool
	}{
		{lockfile.Distribute, before, []int{0, 1}, []int{0, 1, 2, 3}, false},
		{lockfile.Distribute, distribute, []int{0, 1}, []int{0, 1, 2, 3}, false},
		{lockfile.Distribute, issue, []int{0, 1, 2, 3}, []int{0, 1, 2, 3}, false},
		{lockfile.Issue, distribute, []int{1, 2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Issue, issue, []int{1, 2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Issue, drain, []int{1, 2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Drain, issue, []int{2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Drain, drain, []int{2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Drain, retire, []int{2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, false},
		{lockfile.Retire, drain, []int{2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, true},
		{lockfile.Retire, retire, []int{2, 3, 4, 5}, []int{1, 2, 3, 4, 5}, true},
	} {
		l := all[c.from].lock
		if err := readiness.Enters(l, c.phase); err != nil {
			t.Fatal(err)
		}
		for i, m := range all[:6] {
			for k, r := range all[:6] {
				for _, signer := range []int{before, issue} {
					agent := all[signer].signed(t, r.cluster)
					found := readiness.New(l, verify.NamesOf(relay), nil, fixtureTime, []readiness.Cluster{m.holding(true, nil), r.holding(false, &agent)}).Before(c.phase)
					var names []string
					for _, f := range found {
						names = append(names, f.Clusters...)
						if f.Code != verify.PhaseNotHeld || f.Severity != verify.Error || !strings.Contains(f.Message, "not ready for the phase "+string(c.phase)+": ") || f.Hint == "" {
							t.Errorf("%+v", f)
						}
					}
					what := fmt.Sprintf("%s from %s, management at %s, remote at %s, agent of %s", c.phase, all[c.from].name, m.name, r.name, all[signer].name)
					if got := !slices.Contains(names, "mgmt-cluster"); got != slices.Contains(c.management, i) {
						t.Errorf("%s: management ready: %t: %v", what, got, found)
					}
					if got := !slices.Contains(names, r.cluster); got != (slices.Contains(c.remote, k) && !(c.reissued && signer == before)) {
						t.Errorf("%s: remote ready: %t: %v", what, got, found)
					}
				}
			}
		}
	}
}

// TestPhasesOutOfReachAreNotAskedFor asks for phases that the topology cannot enter next.
func TestPhasesOutOfReachAreNotAskedFor(t *testing.T) {
	all := circle(t, own, own)
	for at, phases := range map[int]map[lockfile.Phase]string{
		0: {"issue": "no rotation is under way, and issue is not the first phase; want distribute", "retire": "not the first", "oops": "oops is not a phase of a rotation; want one of distribute, issue, drain, retire"},
		1: {"drain": "the lockfile is at the phase distribute, and cannot go from there to drain", "retire": "cannot go from there"},
		2: {"retire": "cannot go from there", "": " is not a phase"},
		3: {"distribute": "cannot go from there"},
		4: {"issue": "cannot go from there", "distribute": "cannot go from there"},
	} {
		for phase, want := range phases {
			if err := readiness.Enters(all[at].lock, phase); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("at %s, %s: %v, want %q", all[at].name, phase, err, want)
			}
		}
	}
}

// TestVerifyNamesWhoIsNotReady queries live clusters before the phase issue: one remote was left out when distribute was applied.
func TestVerifyNamesWhoIsNotReady(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	old := meshOf(t, s.project)
	s.compile(own("distribute"))
	now := meshOf(t, s.project)
	remote := old.remote
	env := s.env()
	env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
		if strings.HasSuffix(args[0], "mgmt-cluster") {
			return listed(now.management, nil), nil
		}
		return listed(remote, nil), nil
	}
	// Compiled but not applied yet: the clusters' previous contents are not a fault.
	management := now.management
	now.management = old.management
	if r, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "distribute"); err != nil || r.Count(verify.Error) > 0 {
		t.Errorf("%v, %v", err, r.Findings)
	}
	now.management = management
	for _, ready := range []bool{false, true} {
		r, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "issue")
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(codes(r.Findings), verify.PhaseNotHeld); got == ready || ready && r.Count(verify.Error) > 0 {
			t.Errorf("ready: %t, and %v", ready, r.Findings)
		}
		remote = now.remote
	}
	if _, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "drain"); err == nil || !strings.Contains(err.Error(), "cannot go from there to drain") {
		t.Errorf("got %v", err)
	}
	s.compile(own("issue"))
	if r, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "issue"); err != nil || r.Count(verify.Error) > 0 {
		t.Errorf("%v, %v", err, r.Findings)
	}
}

// TestWhatWasNotRestartedIsNotReady has an agent that started before the next root was added to its Secret, and then restarts it. One
// kubectl for each cluster detects that.
func TestWhatWasNotRestartedIsNotReady(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	now := meshOf(t, s.project)
	at := func(second int) string {
		return fixtureTime.Add(time.Duration(second) * time.Second).Format(time.RFC3339)
	}
	for name, c := range map[string]struct {
		started int // 0 for no Deployment
		ready   bool
	}{"not installed": {0, true}, "started before": {10, false}, "started since": {30, true}} {
		env := s.env()
		var mutex sync.Mutex
		calls := 0
		env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
			mutex.Lock()
			defer mutex.Unlock()
			if slices.Contains(args, "--selector=owner=helm,status=deployed") {
				return nil, nil // Helm installed no chart
			}
			if calls++; strings.HasSuffix(args[0], "mgmt-cluster") {
				return listed(now.management, nil), nil
			}
			if !slices.Contains(args, "--show-managed-fields") || !slices.Contains(args, "deployments.apps/"+relay.AgentDeployment) {
				t.Errorf("kubectl %q", args)
			}
			secrets := listed(now.remote, func(_ string, metadata map[string]any) {
				metadata["managedFields"] = []any{map[string]any{"time": at(20), "fieldsV1": map[string]any{"f:data": map[string]any{}}}}
			})
			if c.started == 0 {
				return secrets, nil
			}
			return fmt.Appendf(secrets, "\n---\n{kind: Deployment, metadata: {name: %s, creationTimestamp: %q}}\n", relay.AgentDeployment, at(c.started)), nil
		}
		r, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "issue")
		if err != nil || calls != 2 {
			t.Fatal(err, calls)
		}
		found := slices.IndexFunc(r.Findings, func(f verify.Finding) bool { return f.Object == "deployment "+relay.AgentDeployment })
		if (found < 0) != c.ready || (r.Count(verify.Error) == 0) != c.ready {
			t.Errorf("%s: %v", name, r.Findings)
		}
	}
}
