package deploy

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

func TestClustersAreChosen(t *testing.T) {
	p := &plan.Plan{
		Product: product.Profiles[0], Namespace: "mesh", Management: plan.Cluster{Name: "mgmt", Context: "m"},
		Remotes: []plan.Cluster{
			{Name: "a", Context: "ca", Labels: map[string]string{"region": "eu", "tier": "1"}},
			{Name: "b", Context: "cb", Labels: map[string]string{"region": "us"}},
			{Name: "c", Context: "cc"},
		},
	}
	project := project.Project{Build: "out"}
	for _, c := range []struct {
		choice Choice
		want   string
	}{
		{Choice{}, "mgmt | a b c"},
		{Choice{Register: true}, "mgmt | a b c | mgmt (register)"},
		{Choice{Clusters: []string{"c", "mgmt"}}, "mgmt | c"},
		{Choice{Clusters: []string{"a"}, Register: true}, " | a | mgmt (register)"},
		{Choice{Selector: "region=eu"}, " | a"},
		{Choice{Selector: "region==us"}, " | b"},
		{Choice{Selector: "region!=eu"}, "mgmt | b c"},
		{Choice{Selector: "region, !tier"}, " | b"},
		{Choice{Selector: "region=asia", Register: true}, " |  | mgmt (register)"},
		{Choice{Selector: "tier=1, region = eu"}, " | a"},
		{Choice{Selector: "!region"}, "mgmt | c"},
		{Choice{Selector: "tier!=1,region"}, " | b"},
		{Choice{Selector: "region", Clusters: []string{"b", "c"}}, " | b"},
	} {
		stages, err := Jobs(p, project, c.choice)
		var got []string
		for _, jobs := range stages {
			var names []string
			for _, j := range jobs {
				names = append(names, j.String())
			}
			got = append(got, strings.Join(names, " "))
		}
		if text := strings.Join(got, " | "); err != nil || text != c.want {
			t.Errorf("%+v: got %q, %v; want %q", c.choice, text, err, c.want)
		}
	}
	for _, c := range []struct {
		choice Choice
		says   string
	}{
		{Choice{Clusters: []string{"mgnt"}}, "did you mean mgmt?"},
		{Choice{Selector: "region=asia"}, "no cluster has these labels"},
		{Choice{Selector: "region in (eu)"}, "want key=value"},
		{Choice{Selector: "=eu"}, "want key=value"},
		{Choice{Selector: "region="}, "no cluster has these labels"},
		{Choice{Selector: "region=eu,"}, "want key=value"},
		{Choice{Selector: "region=a=b"}, "want key=value"},
		{Choice{Selector: "region(eu"}, "want key=value"},
		{Choice{Selector: "!!region"}, "want key=value"},
		{Choice{Clusters: []string{"a"}, Selector: "region=us"}, "no cluster has these labels"},
	} {
		if _, err := Jobs(p, project, c.choice); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error on %q", c.choice, err, c.says)
		}
	}
	stages, _ := Jobs(p, project, Choice{Register: true})
	if r := stages[2][0]; r.Overlay != "out/mgmt/register" || r.Prunable[0].String() != "kubernetesclusters.multicluster.solo.io" {
		t.Errorf("got %+v", r)
	}
	for i := range 500 {
		p.Remotes = append(p.Remotes, plan.Cluster{Name: fmt.Sprintf("d%03d", i)})
	}
	stages, _ = Jobs(p, project, Choice{Register: true})
	if r := stages[2][0]; r.Overlay != "out/mgmt/register/clusters.yaml" || !r.Plain || r.Objects != 503 {
		t.Errorf("503 agents: got %+v", r)
	}
}

// TestNothingIsRegisteredWithoutAgents has a mesh without remotes.
func TestNothingIsRegisteredWithoutAgents(t *testing.T) {
	p := &plan.Plan{Product: product.Profiles[0], Management: plan.Cluster{Name: "mgmt"}}
	if _, err := Jobs(p, project.Project{Build: "out"}, Choice{Register: true}); err == nil || !strings.Contains(err.Error(), "the topology has no agents to register") {
		t.Errorf("got %v", err)
	}
	p.Management.Agent = true
	if stages, err := Jobs(p, project.Project{Build: "out"}, Choice{Register: true}); err != nil || len(stages) != 3 {
		t.Errorf("with an agent of the management cluster's own: %v", err)
	}
}
