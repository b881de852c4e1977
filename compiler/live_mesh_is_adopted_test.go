package compiler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/adopt"
	"relayform/compiler/kubectl"
)

// clusterAPI simulates kubectl and the clusters of a fixture, with file names as contexts.
type clusterAPI struct {
	testing.TB
	dir     string
	silent  string // a context that does not answer
	lacks   []string
	lock    sync.Mutex
	asked   map[string][]string // queries, by context
	strange []string            // queries that are not allowed
}

func (c *clusterAPI) run(_ context.Context, args ...string) ([]byte, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if slices.Equal(args, []string{"config", "view", "--output", "json"}) {
		var config struct {
			Contexts []map[string]any `json:"contexts"`
		}
		entries, err := os.ReadDir(c.dir)
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".yaml")
			config.Contexts = append(config.Contexts, map[string]any{"name": name, "context": map[string]string{"cluster": name}})
		}
		if err != nil {
			return nil, err
		}
		return json.Marshal(config)
	}
	name, isContext := strings.CutPrefix(args[0], "--context=")
	at := slices.Index(args, "get")
	// Before its verb, kubectl accepts only the options of all its verbs; it looks for anything else among plugins.
	plugin := slices.ContainsFunc(args[:max(at, 0)], func(a string) bool {
		return !strings.HasPrefix(a, "--context=") && !strings.HasPrefix(a, "--namespace=") && !strings.HasPrefix(a, "--request-timeout=")
	})
	if !isContext || at < 0 || plugin || slices.Contains(args, "--watch") {
		c.strange = append(c.strange, strings.Join(args, " "))
		return nil, errors.New("no")
	}
	what := args[at+1]
	c.asked[name] = append(c.asked[name], strings.Join(args[1:], " "))
	if name == c.silent {
		return nil, errors.New("no answer from " + name)
	}
	if slices.Contains(c.lacks, what) {
		return nil, &kubectl.Error{Said: `error: the server doesn't have a resource type "` + what + `"`, Code: 1}
	}
	text, err := os.ReadFile(filepath.Join(c.dir, name+".yaml"))
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []map[string]any `json:"items"`
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	list.Items = slices.DeleteFunc(list.Items, func(o map[string]any) bool {
		version, _ := o["apiVersion"].(string)
		group, _, _ := strings.Cut(version, "/")
		resource := strings.ToLower(fmt.Sprint(o["kind"])) + "s"
		if group != "v1" {
			resource += "." + group
		}
		return !slices.Contains(strings.Split(what, ","), resource)
	})
	return json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": list.Items})
}

// TestLiveMeshIsAdopted queries the clusters of a kubeconfig, read-only: each once, except for the relay server's. The result is the same
// as with manifests of these clusters.
func TestLiveMeshIsAdopted(t *testing.T) {
	for _, name := range []string{"chart-1.x", "platform"} {
		dir := "../fixtures/adopt/" + name
		from := newTestProject(t)
		want, err := from.adopted(dir, adopt.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		s := newTestProject(t)
		c := &clusterAPI{TB: t, dir: dir, lacks: []string{"kubernetesclusters.admin.gloo.solo.io", "gateways.networking.istio.io", "virtualservices.networking.istio.io"}, asked: map[string][]string{}}
		if name == "platform" {
			c.lacks[0] = "kubernetesclusters.multicluster.solo.io"
		}
		env := s.env()
		env.Kubectl = c.run
		got, err := Adopt(t.Context(), s.project, env, Adoption{Live: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := string(got.Text)
		for _, cluster := range got.Mesh.Clusters() {
			text = strings.ReplaceAll(text, "in context "+cluster.Context, "in "+name+"/"+cluster.Context+".yaml")
		}
		if text != string(want.Text) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, text, want.Text)
		}
		if lock, other := read(t, s.project.Lock), read(t, from.project.Lock); string(lock) != string(other) {
			t.Errorf("%s: another lockfile:\n%s", name, lock)
		}
		for cluster, asked := range c.asked {
			most := 1
			if cluster == got.Mesh.Management.Context {
				most = 5
			}
			if len(asked) != most || asked[0] != "--request-timeout=20s --namespace=gloo-mesh get secrets,services --output json" {
				t.Errorf("%s: %s was asked %q", name, cluster, asked)
			}
		}
		if len(c.strange) > 0 || len(c.asked) != len(got.Mesh.Remotes)+1 {
			t.Errorf("%s: %d clusters were asked; beside that %q", name, len(c.asked), c.strange)
		}
	}
}

// TestSilentClustersKeepAMeshFromBeingAdopted has one cluster that does not answer: leaving it out silently would drop it from the mesh.
func TestSilentClustersKeepAMeshFromBeingAdopted(t *testing.T) {
	s := newTestProject(t)
	c := &clusterAPI{TB: t, dir: "../fixtures/adopt/chart-1.x", silent: "eks-edge-2", asked: map[string][]string{}}
	env := s.env()
	env.Kubectl = c.run
	_, err := Adopt(t.Context(), s.project, env, Adoption{Live: true})
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "eks-edge-2 could not be asked: no answer from eks-edge-2; name only the contexts of the mesh, each with --context NAME") {
		t.Errorf("got %v", err)
	}
	_, err = Adopt(t.Context(), s.project, env, Adoption{Live: true, Context: []string{"eks-mgmt", "eks-edge-1"}})
	var refused adopt.Refusal
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "edge-2 is registered, but the input has nothing from it") {
		t.Errorf("got %v", err)
	}
	c.lacks = []string{"secrets,services"}
	if _, err = Adopt(t.Context(), s.project, env, Adoption{Live: true, Context: []string{"eks-mgmt"}, Answers: adopt.Answers{Namespace: "relay"}}); err == nil || !strings.Contains(strings.Join(c.asked["eks-mgmt"], "\n"), "--namespace=relay get secrets,services") {
		t.Errorf("another namespace is not asked for: %q, %v", c.asked["eks-mgmt"], err)
	}
	if _, err := os.Lstat(s.project.Keys); err == nil {
		t.Error("something was written")
	}
}
