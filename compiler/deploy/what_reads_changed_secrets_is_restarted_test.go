package deploy

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/kubectl"
	"relayform/compiler/lockfile"
)

// at returns a time in the cluster, in seconds.
func at(second int) string {
	return time.Date(2027, 1, 2, 0, 0, second, 0, time.UTC).Format(time.RFC3339)
}

// deployment returns a Deployment created at second 10, and restarted later unless 0.
func deployment(name string, restarted int) string {
	managed := `{"manager":"helm","time":"` + at(99) + `","fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{}}}}}`
	if restarted > 0 {
		managed += `,{"manager":"kubectl-rollout","time":"` + at(restarted) + `","fieldsV1":{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/restartedAt":{}}}}}}}`
	}
	return `{"kind":"Deployment","metadata":{"name":"` + name + `","creationTimestamp":"` + at(10) + `","managedFields":[` + managed + `]}}`
}

// secret returns a Secret whose root changed at a second, and that was labelled later.
func secret(name, root string, changed int) string {
	return `{"kind":"Secret","metadata":{"name":"` + name + `","creationTimestamp":"` + at(1) + `","managedFields":[
		{"time":"` + at(changed) + `","fieldsV1":{"f:data":{"f:ca.crt":{}}}},{"time":"` + at(98) + `","fieldsV1":{"f:metadata":{"f:labels":{}}}}]},
		"data":{"ca.crt":"` + base64.StdEncoding.EncodeToString([]byte(root)) + `"}}`
}

func list(objects ...string) string {
	return `{"kind":"List","items":[` + strings.Join(objects, ",") + `]}`
}

// mesh returns a fleet whose clusters run a workload that reads a root.
func mesh(remotes int) [][]Job {
	reads := []Reading{{"root", map[string]string{"ca.crt": lockfile.TokenDigest([]byte("new"))}}}
	stages := fleet(remotes)
	stages[0][0].Workloads = []Workload{{"deployment/server", reads}}
	for i := range stages[1] {
		stages[1][i].Remote, stages[1][i].Workloads = true, []Workload{{"deployment/agent", reads}}
	}
	return stages
}

// answering returns a kubectl that answers queries about a cluster, and prints a result for each overlay.
func answering(said string, has func(call string) string) *fake {
	return &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, "--show-managed-fields") {
			return has(call), nil
		}
		return said, nil
	}}
}

// rollouts returns the restart and wait commands, as cluster verb deployment.
func (f *fake) rollouts() []string {
	var all []string
	for _, call := range f.calls {
		if before, after, ok := strings.Cut(call, " rollout "); ok {
			cluster, _, _ := strings.Cut(strings.TrimPrefix(before, "--context=ctx-"), " ")
			all = append(all, cluster+" "+after)
		}
	}
	return all
}

// TestWhatReadsChangedSecretsIsRestarted checks a remote whose root and agent have several ages. Only kubectl's output and the age of the
// Secret's data count: neither other fields nor Helm make anything newer.
func TestWhatReadsChangedSecretsIsRestarted(t *testing.T) {
	for _, c := range []struct {
		name, said, has string
		server          bool // apply --server-side
		restarted       bool
	}{
		{"changed just now", "secret/root configured\n", list(deployment("agent", 0), secret("root", "new", 20)), false, true},
		{"changed just now, and its age is not told", "secret/root configured\n", list(deployment("agent", 0), `{"kind":"Secret","metadata":{"name":"root"},"data":{"ca.crt":"bmV3"}}`), false, true},
		{"made again", "secret/root created\n", list(deployment("agent", 30), secret("root", "new", 20)), false, true},
		{"changed by an earlier run, which was cut short", "secret/root unchanged\n", list(deployment("agent", 0), secret("root", "new", 20)), false, true},
		{"applied server-side, which says nothing", "secret/root serverside-applied\n", list(deployment("agent", 15), secret("root", "new", 20)), true, true},
		{"restarted since", "secret/root unchanged\n", list(deployment("agent", 21), secret("root", "new", 20)), false, false},
		{"restarted in the same second, by the same run", "secret/root unchanged\n", list(deployment("agent", 20), secret("root", "new", 20)), false, false},
		{"installed since", "secret/root unchanged\n", list(deployment("agent", 0), secret("root", "new", 9)), false, false},
		{"another Secret", "secret/root-of-another configured\nsecret/server configured\nconfigmap/root configured\n", list(deployment("agent", 0), secret("root", "new", 5)), false, false},
		{"not installed", "secret/root created\n", list(secret("root", "new", 20)), false, false},
		{"nothing there", "secret/root created\n", "", false, false},
	} {
		k := answering(c.said, func(string) string { return c.has })
		outcome := Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true, ServerSide: c.server}, silent)[0]
		var want []string
		if c.restarted {
			want = []string{"r000 restart deployment/agent"}
		}
		if got := k.rollouts(); !slices.Equal(got, want) || outcome.State != Done || (len(outcome.Restarts) > 0) != c.restarted {
			t.Errorf("%s: %q, state %d, %v", c.name, got, outcome.State, outcome.Err)
		}
		if absent := !strings.Contains(c.has, "Deployment"); absent != (len(outcome.Absent) > 0) {
			t.Errorf("%s: not there are %q", c.name, outcome.Absent)
		}
	}
}

// TestOneLookIsEnough counts the queries to a cluster: with restarts, one more than without.
func TestOneLookIsEnough(t *testing.T) {
	k := answering("secret/root unchanged\n", func(string) string { return list(deployment("agent", 30), secret("root", "new", 20)) })
	Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true}, silent)
	want := []string{
		"--context=ctx-r000 apply -k build/r000",
		"--context=ctx-r000 --namespace=mesh get --ignore-not-found --show-managed-fields --output=json deployments.apps/agent secrets/root",
	}
	if !slices.Equal(k.calls, want) {
		t.Errorf("got %q", k.calls)
	}
	k.calls = nil
	Run(t.Context(), k.run, mesh(1)[1:2], Options{}, silent)
	if len(k.calls) != 1 {
		t.Errorf("not asked for restarts, and yet %q", k.calls)
	}
}

// TestTheRelayServerRestartsFirst restarts a whole mesh, whose management cluster also runs an agent, and waits.
func TestTheRelayServerRestartsFirst(t *testing.T) {
	stages := mesh(1)
	stages[0][0].Workloads = append(stages[0][0].Workloads, Workload{"deployment/agent", stages[0][0].Workloads[0].Reads})
	k := answering("secret/root configured\n", func(string) string {
		return list(deployment("agent", 0), deployment("server", 0), secret("root", "new", 20))
	})
	if got := states(Run(t.Context(), k.run, stages[:2], Options{Restart: true, Wait: true, Timeout: time.Minute}, silent)); got != "DD" {
		t.Errorf("got %s", got)
	}
	want := []string{
		"m restart deployment/server", "m status deployment/server --timeout=1m0s", "m restart deployment/agent", "m status deployment/agent --timeout=1m0s",
		"r000 restart deployment/agent", "r000 status deployment/agent --timeout=1m0s",
	}
	if got := k.rollouts(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestNoAgentRestartsWithoutItsServer has the management cluster fail. Overlays are applied, but an agent that needs a restart waits for
// the run that repairs it: it could not reconnect. Everything else is done.
func TestNoAgentRestartsWithoutItsServer(t *testing.T) {
	for what, fails := range map[string]string{"its apply": "-k build/m", "its restart": "ctx-m --namespace=mesh rollout restart", "its rollout": "ctx-m --namespace=mesh rollout status"} {
		k := answering("", func(call string) string {
			if strings.Contains(call, "r001") {
				return list(deployment("agent", 30), secret("root", "new", 20))
			}
			return list(deployment("agent", 0), deployment("server", 0), secret("root", "new", 20))
		})
		answer := k.answer
		k.answer = func(call string) (string, error) {
			if strings.Contains(call, fails) {
				return "", &kubectl.Error{Code: 1, Said: "no"}
			}
			return answer(call)
		}
		outcomes := Run(t.Context(), k.run, mesh(2)[:2], Options{Restart: true, Wait: true}, silent)
		if got := states(outcomes); got != "FFD" {
			t.Fatalf("%s: got %s", what, got)
		}
		if err := outcomes[1].Err.Error(); !strings.Contains(err, "agent must still be restarted: the management cluster comes first") {
			t.Errorf("%s: got %s", what, err)
		}
		if slices.Contains(k.rollouts(), "r000 restart deployment/agent") {
			t.Errorf("%s: %q", what, k.rollouts())
		}
	}
}

// TestAFailedRolloutStopsTheNextWave counts a failed rollout as its cluster's failure.
func TestAFailedRolloutStopsTheNextWave(t *testing.T) {
	k := answering("secret/root configured\n", func(string) string { return list(deployment("agent", 0), secret("root", "new", 20)) })
	answer := k.answer
	k.answer = func(call string) (string, error) {
		if strings.Contains(call, "r000") && strings.Contains(call, "rollout status") {
			return "", &kubectl.Error{Code: 1, Said: "timed out waiting for the condition"}
		}
		return answer(call)
	}
	jobs := mesh(3)[1]
	outcomes := Run(t.Context(), k.run, [][]Job{jobs[:2], jobs[2:]}, Options{Restart: true, Wait: true, MaxFailures: 1}, silent)
	if got := states(outcomes); got != "FDW" || !strings.Contains(outcomes[0].Err.Error(), "timed out") || len(outcomes[0].Restarts) != 1 {
		t.Errorf("got %s, %v", got, outcomes[0].Err)
	}
}

// TestWaitAloneWaitsForWhatIsThere waits without restarting.
func TestWaitAloneWaitsForWhatIsThere(t *testing.T) {
	k := answering("secret/root configured\n", func(call string) string {
		if strings.Contains(call, "r001") {
			return ""
		}
		return list(deployment("agent", 0), secret("root", "new", 20))
	})
	outcomes := Run(t.Context(), k.run, mesh(2)[1:2], Options{Wait: true}, silent)
	if got := k.rollouts(); !slices.Equal(got, []string{"r000 status deployment/agent"}) || states(outcomes) != "DD" {
		t.Errorf("got %q, %s", got, states(outcomes))
	}
}

// TestADryRunSaysWhatItWouldRestart changes nothing, and reports the same as the real run; also for a SealedSecret, whose Secret follows
// later.
func TestADryRunSaysWhatItWouldRestart(t *testing.T) {
	for said, want := range map[string]int{
		"secret/root configured (server dry run)\n": 1, "secret/root unchanged (server dry run)\n": 0,
		"sealedsecret.bitnami.com/root configured (server dry run)\n": 1, "externalsecret.external-secrets.io/root created (server dry run)\n": 1,
	} {
		k := answering(said, func(string) string { return list(deployment("agent", 30), secret("root", "old", 20)) })
		answer := k.answer
		k.answer = func(call string) (string, error) {
			if strings.Contains(call, "get namespace") {
				return "namespace/mesh\n", nil
			}
			return answer(call)
		}
		outcome := Run(t.Context(), k.run, mesh(1)[1:2], Options{DryRun: true, Restart: true, Wait: true}, silent)[0]
		if len(k.rollouts()) != 0 || len(outcome.Restarts) != want || outcome.State != Done {
			t.Errorf("%q: %q, would restart %q, %v", said, k.rollouts(), outcome.Restarts, outcome.Err)
		}
	}
}

// TestNothingRestartsBeforeItsSecretIsThere applies an object from which an operator creates a Secret a moment later. A workload restarted
// earlier would read the old one; if it never comes, that is reported, and nothing restarts.
func TestNothingRestartsBeforeItsSecretIsThere(t *testing.T) {
	looks := 0
	k := answering("sealedsecret.bitnami.com/root configured\n", func(string) string {
		if looks++; looks < 3 {
			return list(deployment("agent", 15), secret("root", "old", 9))
		}
		return list(deployment("agent", 15), secret("root", "new", 20))
	})
	outcome := Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true, Timeout: time.Hour}, silent)[0]
	if looks != 3 || len(k.rollouts()) != 1 || outcome.State != Done {
		t.Errorf("%d looks, %q, %v", looks, k.rollouts(), outcome.Err)
	}
	k = answering("", func(string) string { return list(deployment("agent", 15), secret("root", "old", 20)) })
	outcome = Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true, Timeout: time.Millisecond}, silent)[0]
	if outcome.State != Failed || !strings.Contains(outcome.Err.Error(), "root does not hold what was applied") && !strings.Contains(outcome.Err.Error(), "no answer") || len(k.rollouts()) != 0 {
		t.Errorf("%q, %v", k.rollouts(), outcome.Err)
	}
	k = answering("", func(string) string { return list(secret("root", "old", 20)) })
	if got := states(Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true, Wait: true}, silent)); got != "D" {
		t.Errorf("nothing reads it, and yet %s", got)
	}
}

// TestWhatCannotBeReadIsNoRestart has the query fail, or print invalid JSON with a private value in it.
func TestWhatCannotBeReadIsNoRestart(t *testing.T) {
	for _, said := range []string{"", `{"data":{"token":"c2VjcmV0c2VjcmV0c2VjcmV0"`} {
		k := &fake{answer: func(call string) (string, error) {
			if strings.Contains(call, "--show-managed-fields") && said == "" {
				return "", errors.New("forbidden")
			}
			return said, nil
		}}
		outcome := Run(t.Context(), k.run, mesh(1)[1:2], Options{Restart: true}, silent)[0]
		if outcome.State != Failed || strings.Contains(outcome.Err.Error(), "c2Vjc") || len(k.rollouts()) != 0 {
			t.Errorf("%q: state %d, %v", said, outcome.State, fmt.Sprint(outcome.Err))
		}
	}
}
