package deploy

import (
	"context"
	"slices"
	"testing"
)

// TestWavesComeInOrder has waves with numbers and names: 2 before 10, numbers before words, clusters without the label last.
func TestWavesComeInOrder(t *testing.T) {
	if got, want := inOrder([]string{"", "prod", "10", "2", "canary"}), []string{"2", "10", "canary", "prod", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFailuresKeepTheNextWaveFromBeginning fails clusters of each wave in turn: after the maximum number of failures, the following waves
// are not started, and reported as such; the rest of the same wave continues.
func TestFailuresKeepTheNextWaveFromBeginning(t *testing.T) {
	stages := [][]Job{{job("mgmt")}, {job("a"), job("b")}, {job("c")}, {job("d")}}
	for _, c := range []struct {
		fails   []string
		most    int
		waiting []string
	}{
		{nil, 1, nil},
		{[]string{"a"}, 1, []string{"c", "d"}},
		{[]string{"a"}, 2, nil},
		{[]string{"a", "c"}, 2, []string{"d"}},
		{[]string{"a", "b"}, 2, []string{"c", "d"}},
		{[]string{"mgmt"}, 1, []string{"a", "b", "c", "d"}},
		{[]string{"d"}, 1, nil},
		{[]string{"mgmt", "a", "b", "c"}, 0, nil},
	} {
		run := func(_ context.Context, args ...string) ([]byte, error) {
			for _, name := range c.fails {
				if slices.Contains(args, "--context=ctx-"+name) {
					return nil, context.DeadlineExceeded
				}
			}
			return []byte("secret/x created\n"), nil
		}
		var waiting []string
		told := 0
		outcomes := Run(t.Context(), run, stages, Options{MaxFailures: c.most, Parallel: 2}, func(Outcome) { told++ })
		for _, o := range outcomes {
			if o.State == Waiting {
				waiting = append(waiting, o.Cluster)
			} else if (o.State == Failed) != slices.Contains(c.fails, o.Cluster) {
				t.Errorf("%v fail: %s is in state %d", c.fails, o.Cluster, o.State)
			}
		}
		if !slices.Equal(waiting, c.waiting) || len(outcomes) != 5 || told != 5-len(waiting) {
			t.Errorf("%v fail, %d may: %q were not begun, want %q", c.fails, c.most, waiting, c.waiting)
		}
	}
}
