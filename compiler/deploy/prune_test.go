package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPruneDeletesOnlyWhatIsLeftOver(t *testing.T) {
	k := &fake{answer: func(call string) (string, error) {
		switch {
		case strings.Contains(call, " apply "):
			return "namespace/mesh unchanged\nsecret/keep serverside-applied\n", nil
		case strings.Contains(call, "api-resources"):
			return "gateways.networking.istio.io\n", nil
		case strings.Contains(call, " get "):
			return "secret/keep\nsecret/old\ngateway.networking.istio.io/old\n", nil
		case strings.Contains(call, " delete "):
			return "secret \"old\" deleted\ngateway.networking.istio.io \"old\" deleted from mesh namespace\n", nil
		}
		return "", errors.New("unexpected: " + call)
	}}
	j := job("m")
	j.Prunable = append(j.Prunable, Kind{"gateways.networking.istio.io", "networking.istio.io"}, Kind{"virtualservices.networking.istio.io", "networking.istio.io"})
	outcomes := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true, DryRun: false}, silent)
	want := []string{
		"--context ctx-m apply -k build/m",
		"--context ctx-m api-resources --api-group networking.istio.io --output name",
		"--context ctx-m api-resources --api-group networking.istio.io --output name",
		"--context ctx-m --namespace mesh get secrets,gateways.networking.istio.io --selector app.kubernetes.io/managed-by=relayform --output name",
		"--context ctx-m --namespace mesh delete --wait=false secret/old gateway.networking.istio.io/old",
	}
	if !slices.Equal(k.calls, want) || outcomes[0].Summary() != "2 deleted, 1 serverside-applied, 1 unchanged" {
		t.Errorf("got %q\n%s, %v", k.calls, outcomes[0].Summary(), outcomes[0].Err)
	}
	k.answer = func(call string) (string, error) { return "", exit{1, "no"} }
	k.calls = nil
	Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)
	if len(k.calls) != 1 {
		t.Errorf("after a failed apply: %q", k.calls)
	}
}

// TestPruneDeletesManyInBatches leaves more over than one command deletes in its time.
func TestPruneDeletesManyInBatches(t *testing.T) {
	var names []string
	for i := range 2*batchSize + 1 {
		names = append(names, fmt.Sprintf("secret/old-%d", i))
	}
	k := &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, " get ") {
			return strings.Join(names, "\n"), nil
		}
		return "", nil
	}}
	Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Prune: true}, silent)
	var deleted []string
	for _, call := range k.calls[2:] {
		words := strings.Fields(call)
		if len(words) > batchSize+10 {
			t.Errorf("%d words in one command", len(words))
		}
		deleted = append(deleted, words[6:]...)
	}
	if len(k.calls) != 5 || !slices.Equal(deleted, names) {
		t.Errorf("%d commands, %d deleted, want %d", len(k.calls), len(deleted), len(names))
	}
}
