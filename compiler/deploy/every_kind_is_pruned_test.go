package deploy

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/project"
)

// TestEveryKindThatIsMadeIsPruned checks, for every fixture, that a prune would find every object in the namespace with relayform's label,
// once the topology no longer asks for it.
func TestEveryKindThatIsMadeIsPruned(t *testing.T) {
	topologies, err := filepath.Glob("../../fixtures/*/topology.yaml")
	if err != nil || len(topologies) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	env := compiler.Env{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	kinds := map[string]bool{}
	for _, path := range topologies {
		project := project.New(path, "", "")
		plan, err := compiler.Vet(project, env)
		if err != nil {
			t.Fatal(err)
		}
		stages, err := Jobs(plan, project, Choice{Register: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := Know(stages, plan, compiler.ObjectsOf(project, env)); err != nil {
			t.Fatal(err)
		}
		for _, jobs := range stages {
			for _, j := range jobs {
				for _, o := range j.Makes {
					kinds[o.Kind] = true
					if o.Namespace == j.Namespace && o.Labels[manifest.ManagedByLabel] == manifest.ManagedBy && !slices.ContainsFunc(j.Prunable, o.Is) {
						t.Errorf("%s: %s: %s would never be pruned", path, j, o.Identity)
					}
				}
				if remote := j.Cluster != plan.Management.Name; remote != (len(j.Foreign) > 0) {
					t.Errorf("%s: %s: Foreign is %q", path, j, j.Foreign)
				}
				if !j.Register && !slices.ContainsFunc(j.Makes, func(o overlay.Object) bool { return o.Is(secrets[0]) }) {
					t.Errorf("%s: %s makes no Secret", path, j)
				}
			}
		}
	}
	for _, kind := range []string{"Secret", "ExternalSecret", "SealedSecret", "Service", "Gateway", "VirtualService", "Route", "TLSRoute", "HTTPProxy", "IngressRouteTCP", "KubernetesCluster"} {
		if !kinds[kind] {
			t.Errorf("no fixture makes a %s", kind)
		}
	}
}

// TestAFormThatIsLeftIsPruned changes the ingress of a mesh: the previous form's objects are deleted from the management cluster. The
// remotes never had any, and are not queried.
func TestAFormThatIsLeftIsPruned(t *testing.T) {
	project := project.New("../../fixtures/reference/topology.yaml", "", "")
	plan, err := compiler.Vet(project, compiler.Env{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	stages, err := Jobs(plan, project, Choice{})
	if err != nil {
		t.Fatal(err)
	}
	for _, jobs := range stages {
		for i := range jobs {
			jobs[i].Namespace, jobs[i].Makes = "mesh", made("keep")
		}
	}
	k := &fake{answer: func(call string) (string, error) {
		switch {
		case strings.Contains(call, " api-resources "):
			return "gateways.networking.istio.io\nvirtualservices.networking.istio.io\n", nil
		case strings.Contains(call, " get ") && strings.Contains(call, "services"):
			return secretLine("keep") + "v1\tService\tmesh\tgloo-mesh-ingress\trelayform\nnetworking.istio.io/v1\tGateway\tmesh\tgloo-mesh-ingress\trelayform\n" +
				"networking.istio.io/v1\tVirtualService\tmesh\tgloo-mesh-ingress\trelayform\n", nil
		case strings.Contains(call, " get "):
			return secretLine("keep"), nil
		}
		return "", nil
	}}
	outcomes := Run(t.Context(), k.run, stages, Options{Prune: true, Parallel: 1}, silent)
	var got []string
	for _, call := range k.deletes() {
		_, what, _ := strings.Cut(call, " -- ")
		got = append(got, what)
	}
	want := []string{"services gloo-mesh-ingress", "gateways.networking.istio.io gloo-mesh-ingress", "virtualservices.networking.istio.io gloo-mesh-ingress"}
	if !slices.Equal(got, want) || len(outcomes) != 2 || len(outcomes[1].Deleted) > 0 {
		t.Errorf("deleted %q, want %q; %+v", got, want, outcomes)
	}
	for _, call := range k.calls {
		if strings.Contains(call, outcomes[1].Context) && (strings.Contains(call, "istio") || strings.Contains(call, "services")) {
			t.Errorf("a remote is asked: %s", call)
		}
	}
}
