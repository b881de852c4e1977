package deploy

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/kubectl"
)

// TestOptionsReachKubectl checks that each option changes the command as intended, and nothing else.
func TestOptionsReachKubectl(t *testing.T) {
	const apply, diff = "--context=ctx-m apply -k build/m", "--context=ctx-m diff -k build/m"
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, apply},
		{Options{ServerSide: true}, apply + " --server-side"},
		{Options{ServerSide: true, ForceConflicts: true}, apply + " --server-side --force-conflicts"},
		{Options{DryRun: true}, apply + " --dry-run=server"},
		{Options{DryRun: true, ServerSide: true, ForceConflicts: true}, apply + " --server-side --force-conflicts --dry-run=server"},
		{Options{Diff: true}, diff},
		{Options{Diff: true, ServerSide: true}, diff + " --server-side"},
		{Options{Diff: true, ServerSide: true, ForceConflicts: true}, diff + " --server-side --force-conflicts"},
	} {
		k := cluster("", "")
		o := Run(t.Context(), k.run, [][]Job{{job("m")}}, c.o, silent)[0]
		calls := slices.DeleteFunc(k.calls, func(call string) bool { return strings.Contains(call, "get namespace") })
		if !slices.Equal(calls, []string{c.want}) || o.State != Done {
			t.Errorf("%+v: %q, state %d", c.o, calls, o.State)
		}
	}
}

// TestANewNamespaceIsCheckedWithoutTheServer checks a cluster without the namespace: faults in what would be applied are still reported,
// and nothing is changed.
func TestANewNamespaceIsCheckedWithoutTheServer(t *testing.T) {
	for _, o := range []Options{{DryRun: true}, {Diff: true}, {Diff: true, Prune: true}, {DryRun: true, Prune: true}} {
		k := &fake{answer: func(call string) (string, error) {
			if strings.Contains(call, " apply ") {
				return "", &kubectl.Error{Code: 1, Said: "the overlay does not build"}
			}
			return "\n", nil // no name
		}}
		outcome := Run(t.Context(), k.run, [][]Job{{job("m")}}, o, silent)[0]
		if outcome.State != Failed || !strings.Contains(outcome.Err.Error(), "does not build") {
			t.Errorf("%+v: state %d, %v", o, outcome.State, outcome.Err)
		}
		if last := k.calls[len(k.calls)-1]; len(k.calls) != 2 || last != "--context=ctx-m apply -k build/m --dry-run=client" {
			t.Errorf("%+v: %q", o, k.calls)
		}
	}
}

// TestRegistrationMindsItsOwnCluster registers even if a remote has failed, and compares the registration even if the management cluster
// differs; it does not start if the latter was interrupted.
func TestRegistrationMindsItsOwnCluster(t *testing.T) {
	remoteFails := &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, "ctx-r000") {
			return "", &kubectl.Error{Code: 1, Said: "connection refused"}
		}
		return "", nil
	}}
	if got := states(Run(t.Context(), remoteFails.run, fleet(1), Options{}, silent)); got != "DFD" {
		t.Errorf("a remote fails: got %s, want DFD", got)
	}
	noKind := &fake{answer: func(string) (string, error) {
		return "", &kubectl.Error{Code: 1, Said: `no matches for kind "Gateway"`}
	}}
	if err := Run(t.Context(), noKind.run, [][]Job{{job("m")}}, Options{}, silent)[0].Err; err == nil || strings.Contains(err.Error(), "register") {
		t.Errorf("Istio is not there, and the server's chart is to blame: %v", err)
	}
	differs := &fake{answer: diffs("+a\n", &kubectl.Error{Code: 1, Said: ""})}
	if got := states(Run(t.Context(), differs.run, fleet(1), Options{Diff: true}, silent)); got != "ddd" {
		t.Errorf("everything differs: got %s, want ddd", got)
	}
	if !failed([]Outcome{{Job: job("m"), State: Interrupted}}, "m") || !failed([]Outcome{{Job: job("m"), State: Waiting}}, "m") || failed(nil, "m") {
		t.Error("an interrupted management cluster counts as applied")
	}
}

// TestAnAnswerInTimeCounts has kubectl finish as its timeout expires: its result counts.
func TestAnAnswerInTimeCounts(t *testing.T) {
	k := func(ctx context.Context, _ ...string) ([]byte, error) {
		<-ctx.Done()
		return []byte("secret/x created\n"), nil
	}
	o := Run(t.Context(), k, [][]Job{{job("m")}}, Options{Timeout: time.Millisecond}, silent)[0]
	if o.State != Done || o.Summary() != "1 created" {
		t.Errorf("state %d, %q, %v", o.State, o.Summary(), o.Err)
	}
}

// TestAClusterThatIsNotReachedIsNotNew asks an unreachable cluster for the namespace: that does not count as a missing namespace.
func TestAClusterThatIsNotReachedIsNotNew(t *testing.T) {
	for _, o := range []Options{{DryRun: true}, {Diff: true}} {
		k := &fake{answer: func(call string) (string, error) {
			if strings.Contains(call, " get namespace ") {
				return "", &kubectl.Error{Code: 1, Said: "connection refused"}
			}
			return "", nil
		}}
		if outcome := Run(t.Context(), k.run, [][]Job{{job("m")}}, o, silent)[0]; outcome.State != Failed || len(k.calls) != 1 {
			t.Errorf("%+v: state %d after %q", o, outcome.State, k.calls)
		}
	}
}
