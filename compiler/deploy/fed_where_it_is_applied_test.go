package deploy

import (
	"context"
	"slices"
	"testing"
)

// TestWhatIsPrivateIsFedWhereItIsApplied gives a job its objects on standard input: only the kubectl that applies them gets them, not those
// that query the cluster.
func TestWhatIsPrivateIsFedWhereItIsApplied(t *testing.T) {
	for _, o := range []Options{{}, {DryRun: true}, {Diff: true}, {Prune: true}} {
		var fed, others [][]string
		plain := func(_ context.Context, args ...string) ([]byte, error) {
			others = append(others, args)
			return []byte("namespace/mesh\n"), nil
		}
		j := job("edge")
		j.Fed = func(_ context.Context, args ...string) ([]byte, error) {
			fed = append(fed, args)
			return []byte("secret/x unchanged\n"), nil
		}
		Run(t.Context(), plain, [][]Job{{j}}, o, func(Outcome) {})
		if len(fed) != 1 || !slices.Contains(fed[0], "-f") || slices.Contains(fed[0], "-k") || fed[0][0] != "--context=ctx-edge" {
			t.Errorf("%+v: fed to %q", o, fed)
		}
		for _, args := range others {
			if slices.Contains(args, "apply") || slices.Contains(args, "diff") {
				t.Errorf("%+v: applied without its objects: %q", o, args)
			}
		}
		if asks := o.DryRun || o.Diff || o.Prune; asks != (len(others) > 0) {
			t.Errorf("%+v: asked %q", o, others)
		}
	}
}
