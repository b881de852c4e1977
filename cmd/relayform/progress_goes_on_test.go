package main

import (
	"bytes"
	"strings"
	"testing"

	"relayform/compiler/deploy"
)

// TestProgressGoesOnWithEachCluster checks that a terminal shows progress after each cluster, not only every second: the last line before
// the end has the final numbers.
func TestProgressGoesOnWithEachCluster(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, terminal: true, left: 3}
	for _, c := range []struct {
		state deploy.State
		want  string
	}{{deploy.Done, "1 done, 0 failed, 2 left"}, {deploy.Different, "2 done, 0 failed, 1 left"}, {deploy.Interrupted, "2 done, 1 failed, 0 left"}} {
		out.Reset()
		p.tell(deploy.Outcome{State: c.state})
		if !strings.Contains(out.String(), clear+c.want) || strings.Contains(out.String(), "\n") {
			t.Errorf("%v: %q, want %q", c.state, out.String(), c.want)
		}
	}
}

// TestEveryCommandSaysWhatItDoes reads the list that relayform --help prints: nobody finds a command that has no description.
func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	for _, c := range newRoot(nil, nil).Commands() {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.Name() == "" {
			t.Errorf("%s: %q", c.Use, c.Short)
		}
	}
}
