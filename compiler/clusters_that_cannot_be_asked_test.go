package compiler

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestClustersThatCannotBeAskedAreNamed queries clusters of which some do not answer. A report that silently omits them would suggest that
// all is well; without the management cluster there is nothing to check.
func TestClustersThatCannotBeAskedAreNamed(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "remote-cluster: {}", "east: {context: kind-east}\n  north: {}\n  west: {}", 1), "%s", own(""), 1)))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	holds := map[string]string{}
	err := Render(s.project, s.env(), nil, RenderOptions{}, func(cluster string, yaml []byte) error {
		holds[cluster] = string(yaml)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		silent   []string
		judged   string
		leftOut  string
		unjudged bool
	}{
		"all answer":             {nil, "mgmt-cluster east north west", "", false},
		"one does not":           {[]string{"north"}, "mgmt-cluster east west", "north could not be asked: no answer from north", false},
		"two do not":             {[]string{"kind-east", "west"}, "mgmt-cluster north", "east, west could not be asked: no answer from kind-east", false},
		"the management cluster": {[]string{"mgmt-cluster"}, "", "mgmt-cluster could not be asked", true},
		"none":                   {[]string{"mgmt-cluster", "kind-east", "north", "west"}, "", "mgmt-cluster, east and 2 others could not be asked", true},
	} {
		t.Run(name, func(t *testing.T) {
			env := s.env()
			var lock sync.Mutex
			asked := 0
			env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
				lock.Lock()
				if asked++; slices.Contains(args, "--selector=owner=helm,status=deployed") { // of a cluster that has answered
					asked--
				}
				lock.Unlock()
				at := strings.TrimPrefix(args[0], "--context=")
				if !slices.Contains(args, "get") || !slices.Contains(args, "--namespace=gloo-mesh") || !slices.Contains(args, "--ignore-not-found") {
					t.Errorf("kubectl %v", args)
				}
				if slices.Contains(c.silent, at) {
					return nil, errors.New("no answer from " + at)
				}
				return []byte(holds[strings.TrimPrefix(at, "kind-")]), nil
			}
			r, err := VerifyLive(context.Background(), s.project, env, fixtureTime, "")
			var unreachable *UnreachableError
			if (len(c.silent) > 0) != errors.As(err, &unreachable) || asked != 4 {
				t.Fatalf("asked %d clusters: %v", asked, err)
			}
			if err != nil && !strings.Contains(err.Error(), c.leftOut) {
				t.Errorf("got %v, want %q", err, c.leftOut)
			}
			if (r == nil) != c.unjudged {
				t.Fatalf("report %+v", r)
			}
			if r == nil {
				return
			}
			if got := strings.Join(r.Clusters, " "); got != c.judged || len(r.Findings) > 0 || !strings.Contains(strings.Join(r.LeftOut, "\n"), c.leftOut) {
				t.Errorf("judged %s, found %v, left out %v", got, r.Findings, r.LeftOut)
			}
		})
	}
}
