package deploy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"relayform/compiler"
	"relayform/compiler/kubectl"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

// TestADeletionThatFailsStopsThere has the second of three deletions fail: the deleted objects are reported, the rest is kept, and the
// cluster counts as failed.
func TestADeletionThatFailsStopsThere(t *testing.T) {
	lists := secretLine("keep")
	for i := range 2*batchSize + 1 {
		lists += secretLine(fmt.Sprintf("old-%d", i))
	}
	for _, o := range []Options{{Prune: true}, {Prune: true, DryRun: true}} {
		k := cluster("", lists)
		answer, n := k.answer, 0
		k.answer = func(call string) (string, error) {
			if strings.Contains(call, " delete ") {
				if n++; n == 2 {
					return "", &kubectl.Error{Code: 1, Said: "forbidden"}
				}
			}
			return answer(call)
		}
		outcome := Run(t.Context(), k.run, [][]Job{{job("m")}}, o, silent)[0]
		if told := len(outcome.Deleted) + len(outcome.Doomed); n != 2 || told != batchSize || outcome.State != Failed || !strings.Contains(outcome.Err.Error(), "forbidden") {
			t.Errorf("%+v: %d deletions, %d told, state %d, %v", o, n, told, outcome.State, outcome.Err)
		}
	}
}

// TestNothingLeftIsNoDifference compares a cluster that has exactly what is compiled: a pipeline that asks for differences finds none.
func TestNothingLeftIsNoDifference(t *testing.T) {
	k := cluster("", secretLine("keep"))
	if o := Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Diff: true, Prune: true}, silent)[0]; o.State != Done || len(o.Doomed) > 0 {
		t.Errorf("state %d, %v", o.State, o.Doomed)
	}
	differs := &fake{answer: func(call string) (string, error) {
		if strings.Contains(call, " diff ") {
			return "+a\n", &kubectl.Error{Code: 1, Said: ""}
		}
		return k.answer(call)
	}}
	if o := Run(t.Context(), differs.run, [][]Job{{job("m")}}, Options{Diff: true, Prune: true}, silent)[0]; o.State != Different {
		t.Errorf("a difference beside: state %d", o.State)
	}
}

// TestTheLongestNameIsAName lists an object with the longest name that the API permits.
func TestTheLongestNameIsAName(t *testing.T) {
	long := strings.Repeat("a", 61) + strings.Repeat("."+strings.Repeat("a", 63), 3)
	if len(long) != 253 {
		t.Fatalf("%d characters", len(long))
	}
	k := cluster("", secretLine("keep")+secretLine(long))
	if o := Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Prune: true}, silent)[0]; o.State != Done || fmt.Sprint(o.Deleted) != "[secret/"+long+"]" {
		t.Errorf("%v, %v", o.Deleted, o.Err)
	}
}

// TestEveryAgentStaysRegistered prunes right after registering, in each fixture: the registration of an agent, including the management
// cluster's, is never a leftover.
func TestEveryAgentStaysRegistered(t *testing.T) {
	env := compiler.Env{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	for _, fixture := range []string{"reference", "agent", "platform", "platform-agent"} {
		project := project.New("../../fixtures/"+fixture+"/topology.yaml", "", "")
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
		var yaml string
		err = compiler.Render(project, env, []string{plan.Management.Name}, compiler.RenderOptions{Public: true, Register: true}, func(_ string, text []byte) error {
			yaml = string(text)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		register := stages[2][0]
		lists := ""
		for doc := range strings.SplitSeq("\n"+yaml, "\n---\n") {
			field := func(name string) string {
				_, rest, _ := strings.Cut("\n"+doc, "\n"+name+": ")
				value, _, _ := strings.Cut(rest, "\n")
				return value
			}
			lists += strings.Join([]string{field("apiVersion"), field("kind"), field("  namespace"), field("  name"), manifest.ManagedBy}, "\t") + "\n"
		}
		if n := strings.Count(lists, "KubernetesCluster"); n != len(plan.Agents()) || n != len(register.Makes) {
			t.Fatalf("%s: %d are registered, %d known:\n%s", fixture, n, len(register.Makes), yaml)
		}
		gone := strings.Replace(strings.SplitAfter(lists, "\n")[0], "\t"+plan.Agents()[0].Name+"\t", "\tgone\t", 1)
		k := &fake{answer: func(call string) (string, error) {
			switch {
			case strings.Contains(call, " api-resources "):
				return register.Prunable[0].String() + "\n", nil
			case strings.Contains(call, " get "):
				return lists + gone, nil
			}
			return "", nil
		}}
		o := Run(t.Context(), k.run, [][]Job{{register}}, Options{Prune: true}, silent)[0]
		if o.State != Done || len(o.Deleted) != 1 || o.Deleted[0].Name != "gone" {
			t.Errorf("%s: deleted %v, %v", fixture, o.Deleted, o.Err)
		}
	}
}

// TestARemoteIsToldFromAManagementCluster lists the Secrets that identify a management cluster: all that only it has, so that a wrong
// context does no harm.
func TestARemoteIsToldFromAManagementCluster(t *testing.T) {
	env := compiler.Env{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	for _, fixture := range []string{"reference", "platform"} {
		project := project.New("../../fixtures/"+fixture+"/topology.yaml", "", "")
		plan, err := compiler.Vet(project, env)
		if err != nil {
			t.Fatal(err)
		}
		made, err := compiler.ObjectsOf(project, env)(plan.Clusters())
		if err != nil {
			t.Fatal(err)
		}
		remote, foreign := map[string]bool{}, map[string]bool{}
		for _, o := range made[plan.Remotes[0].Name] {
			remote[o.Name] = true
		}
		for _, name := range managements(product.Profiles[0]) {
			foreign[name] = true
		}
		n := 0
		for _, o := range made[plan.Management.Name] {
			if !o.Is(secrets[0]) || remote[o.Name] {
				continue
			}
			if n++; !foreign[o.Name] {
				t.Errorf("%s: %s is not known for a management cluster's", fixture, o.Name)
			}
		}
		if n != len(foreign) {
			t.Errorf("%s: a management cluster alone has %d Secrets, and %q are named", fixture, n, managements(product.Profiles[0]))
		}
	}
}
