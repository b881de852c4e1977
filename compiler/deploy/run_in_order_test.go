package deploy

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relayform/compiler/kubectl"
)

// fake is a kubectl that records its calls.
type fake struct {
	mutex  sync.Mutex
	calls  []string
	answer func(call string) (string, error)
}

func (f *fake) run(_ context.Context, args ...string) ([]byte, error) {
	call := strings.Join(args, " ")
	f.mutex.Lock()
	f.calls = append(f.calls, call)
	f.mutex.Unlock()
	if f.answer == nil {
		return []byte("secret/x unchanged\n"), nil
	}
	out, err := f.answer(call)
	return []byte(out), err
}

func job(name string) Job {
	return Job{Cluster: name, Context: "ctx-" + name, Overlay: "build/" + name, Namespace: "mesh", Prunable: secrets[:1:1], Makes: made("keep")}
}

// fleet returns a management cluster, some remotes, and the registration.
func fleet(remotes int) [][]Job {
	stages := [][]Job{{job("m")}, nil, {{Cluster: "m", Context: "ctx-m", Overlay: "build/m/register", Namespace: "mesh", Register: true}}}
	for i := range remotes {
		stages[1] = append(stages[1], job(fmt.Sprintf("r%03d", i)))
	}
	return stages
}

func states(outcomes []Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		b.WriteByte("WDdFI"[o.State])
	}
	return b.String()
}

func silent(Outcome) {}

func TestStagesRunInOrder(t *testing.T) {
	k := new(fake)
	told := 0
	outcomes := Run(t.Context(), k.run, fleet(100), Options{Parallel: 16}, func(Outcome) { told++ })
	if got := states(outcomes); got != strings.Repeat("D", 102) || told != 102 {
		t.Errorf("got %s, told of %d", got, told)
	}
	if first, last := k.calls[0], k.calls[101]; first != "--context=ctx-m apply -k build/m" || last != "--context=ctx-m apply -k build/m/register" {
		t.Errorf("want the management cluster first and its registration last, got %q and %q", first, last)
	}
	if !slices.IsSortedFunc(outcomes[1:101], func(a, b Outcome) int { return strings.Compare(a.Cluster, b.Cluster) }) {
		t.Error("the outcomes are not in the order of the jobs")
	}
}

func TestParallelIsALimitAndIsReached(t *testing.T) {
	const limit = 5
	var mutex sync.Mutex
	running, most := 0, 0
	all := make(chan struct{}) // closed when the maximum number is running
	k := func(ctx context.Context, args ...string) ([]byte, error) {
		mutex.Lock()
		running++
		if most = max(most, running); running == limit {
			select {
			case <-all:
			default:
				close(all)
			}
		}
		mutex.Unlock()
		<-all
		mutex.Lock()
		running--
		mutex.Unlock()
		return nil, nil
	}
	Run(t.Context(), k, [][]Job{fleet(50)[1]}, Options{Parallel: limit}, silent)
	if most != limit {
		t.Errorf("%d at a time, want %d", most, limit)
	}
}

func TestOneFailureStopsNoOther(t *testing.T) {
	k := &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, "ctx-r001") {
			return "", &kubectl.Error{Code: 1, Said: "connection refused"}
		}
		return "secret/x created\n", nil
	}}
	outcomes := Run(t.Context(), k.run, fleet(3), Options{Parallel: 2}, silent)
	if got := states(outcomes); got != "DDFDD" {
		t.Errorf("got %s, want DDFDD", got)
	}
	if err := outcomes[2].Err; err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("want kubectl's words, got %v", err)
	}
}

func TestRegistrationWaitsForItsCluster(t *testing.T) {
	k := &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, "-k build/m") {
			return "", &kubectl.Error{Code: 1, Said: "no"}
		}
		return "", nil
	}}
	if got := states(Run(t.Context(), k.run, fleet(1), Options{}, silent)); got != "FDW" {
		t.Errorf("got %s, want FDW", got)
	}
	k.answer = func(call string) (string, error) {
		if strings.Contains(call, "register") {
			return "", &kubectl.Error{Code: 1, Said: `no matches for kind "KubernetesCluster"`}
		}
		return "", nil
	}
	if err := Run(t.Context(), k.run, fleet(0), Options{}, silent)[1].Err; err == nil || !strings.Contains(err.Error(), "install it, then register") {
		t.Errorf("got %v, want what to do where the CRD is missing", err)
	}
}

func TestInterruptLeavesTheRestAlone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	k := func(ctx context.Context, args ...string) ([]byte, error) {
		if strings.Contains(args[0], "r002") {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, nil
	}
	if got := states(Run(ctx, k, fleet(5), Options{Parallel: 1}, silent)); got != "DDDIWWW" {
		t.Errorf("got %s, want DDDIWWW", got)
	}
}

func TestTimeoutIsOfOneCluster(t *testing.T) {
	k := func(ctx context.Context, args ...string) ([]byte, error) {
		if strings.Contains(args[0], "r000") {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, nil
	}
	outcomes := Run(t.Context(), k, [][]Job{fleet(2)[1]}, Options{Parallel: 1, Timeout: time.Millisecond}, silent)
	if got := states(outcomes); got != "FD" || !strings.Contains(outcomes[0].Err.Error(), "no answer within 1ms") {
		t.Errorf("got %s, %v", got, outcomes[0].Err)
	}
}

// TestManyAgentsAreRegisteredFromAFile registers more agents than a kustomization is for: from a file, and with enough time for all of
// them.
func TestManyAgentsAreRegisteredFromAFile(t *testing.T) {
	j := Job{Cluster: "m", Context: "ctx-m", Overlay: "build/m/register/clusters.yaml", Namespace: "mesh", Register: true, Plain: true, Objects: 10_000}
	for _, o := range []Options{{}, {DryRun: true}, {Diff: true}} {
		var call string
		var left time.Duration
		k := func(ctx context.Context, args ...string) ([]byte, error) {
			if until, ok := ctx.Deadline(); ok {
				left = time.Until(until)
			}
			call = strings.Join(args, " ")
			return []byte("namespace/mesh\n"), nil
		}
		o.Timeout = time.Hour
		outcomes := Run(t.Context(), k, [][]Job{{j}}, o, silent)
		if got := states(outcomes); got != "D" || !strings.Contains(call, " -f build/m/register/clusters.yaml") {
			t.Errorf("%+v: %s: %s", o, got, call)
		}
		if left < 20*time.Hour || left > 21*time.Hour {
			t.Errorf("%+v: %s are left, want an hour for each 500", o, left)
		}
	}
}

func TestDiffAndDryRun(t *testing.T) {
	k := &fake{answer: func(call string) (string, error) {
		switch {
		case strings.Contains(call, "get namespace") && strings.Contains(call, "ctx-m"):
			return "", nil // does not exist yet
		case strings.Contains(call, "get namespace"):
			return "namespace/mesh\n", nil
		case strings.Contains(call, "diff -k build/r000"):
			return "-a\n+b\n", &kubectl.Error{Code: 1, Said: ""}
		case strings.Contains(call, "diff -k build/r001"):
			return "", &kubectl.Error{Code: 2, Said: "oops"}
		case strings.Contains(call, "dry-run=client"):
			return "secret/x created (dry run)\n", nil
		}
		return "", nil
	}}
	outcomes := Run(t.Context(), k.run, fleet(3)[:2], Options{Diff: true, Parallel: 1}, silent)
	if got := states(outcomes); got != "ddFD" || string(outcomes[1].Diff) != "-a\n+b\n" || outcomes[0].Note == "" {
		t.Errorf("got %s, %q, %q", got, outcomes[1].Diff, outcomes[0].Note)
	}
	k.calls = nil
	outcomes = Run(t.Context(), k.run, fleet(1)[:2], Options{DryRun: true, ServerSide: true}, silent)
	if got := states(outcomes); got != "DD" || outcomes[0].Summary() != "1 created" {
		t.Errorf("got %s, %q", got, outcomes[0].Summary())
	}
	for _, call := range k.calls {
		if strings.Contains(call, "apply") && !strings.Contains(call, "--dry-run=") {
			t.Errorf("a dry run runs kubectl %s", call)
		}
	}
	if !slices.Contains(k.calls, "--context=ctx-r000 apply -k build/r000 --server-side --dry-run=server") {
		t.Errorf("the server is not asked: %q", k.calls)
	}
}

func TestNoSecretIsInAnError(t *testing.T) {
	token := "0fd0c768ed745860e99319f290dbd914d413cccc45c599b20f87d1b4acc07fa8"
	encodedToken := base64.StdEncoding.EncodeToString([]byte(token))
	key := base64.StdEncoding.EncodeToString([]byte("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"))
	for _, said := range []string{
		"error when applying patch:\n{\"data\":{\"token\":\"" + encodedToken + "\"}}\nto:\nResource: \"/v1, Resource=secrets\"",
		"error decoding from json: error found in #10 byte of ...|oken\":\"" + encodedToken[:30] + "|...",
		"Secret is invalid: data[tls.key]: Invalid value: \"" + key + "\"",
		"the object is &{map[data:map[token:" + token + "]]}",
	} {
		k := &fake{answer: func(string) (string, error) { return "", &kubectl.Error{Code: 1, Said: said} }}
		got := Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{}, silent)[0].Err.Error()
		for _, secret := range []string{token, encodedToken, key} {
			for i := 0; i+16 <= len(secret); i++ {
				if strings.Contains(got, secret[i:i+16]) {
					t.Fatalf("%q tells %q", got, secret[i:i+16])
				}
			}
		}
	}
	for _, words := range []string{
		`Error from server (NotFound): error when creating "build/mgmt-cluster": namespaces "gloo-mesh" not found`,
		`no matches for kind "KubernetesCluster" in version "multicluster.solo.io/v1alpha1"; customresourcedefinitions/kubernetesclusters`,
		"Unable to connect to the server: dial tcp 203.0.113.7:6443: connect: connection refused",
		"CustomResourceDefinitions are not served",
	} {
		if got := mask(words); got != words {
			t.Errorf("%q is shown as %q", words, got)
		}
	}
}
