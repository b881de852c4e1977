package compiler

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/emit"
	"relayform/schema/diag"
)

// TestEachPhaseSaysWhatToDo rotates a mesh whose management cluster also runs an agent, forward and back, and checks its runbook: what is
// applied and restarted where, which phase is next, and how to roll back. A cluster left out would be cut off by the next phase.
func TestEachPhaseSaysWhatToDo(t *testing.T) {
	const (
		applyManagement   = "kubectl --context hub apply -k build/mgmt-cluster"
		restartServer     = "kubectl --context hub --namespace gloo-mesh rollout restart deployment/enterprise-networking"
		restartHubAgent   = "kubectl --context hub --namespace gloo-mesh rollout restart deployment/enterprise-agent"
		applyRemote       = "kubectl --context 'eu#1' apply -k build/remote-cluster"
		restartAgent      = "kubectl --context 'eu#1' --namespace gloo-mesh rollout restart deployment/enterprise-agent"
		forgetHub, forget = "kubectl --context hub --namespace gloo-mesh delete secret relay-client-tls-secret", "kubectl --context 'eu#1' --namespace gloo-mesh delete secret relay-client-tls-secret"
		askHub, ask       = "kubectl --context hub --namespace gloo-mesh get secret relay-client-tls-secret --output jsonpath='{.data.tls\\.crt}'", "kubectl --context 'eu#1' --namespace gloo-mesh get secret relay-client-tls-secret --output jsonpath='{.data.tls\\.crt}'"
		verify            = "relayform verify --live topology.yaml"
		next              = "Then: set `pki.selfSigned.rotation.phase: "
		until             = "2027-12-01" // the relay server's certificates for agents are valid for a year
	)
	every := []string{applyManagement, restartServer, restartHubAgent, applyRemote, restartAgent, forgetHub, forget, askHub, ask, next + "distribute`", next + "issue`", next + "drain`", next + "retire`", until}
	everywhere := []string{applyManagement, restartServer, restartHubAgent, applyRemote, restartAgent}
	s := newTestProject(t)
	for _, c := range []struct {
		phase, name, changes string
		want, words          []string
	}{
		{"", "", "", nil, nil},
		{"distribute", "distribute", "the new root joins every bundle | every cluster | relay server and agents", append([]string{next + "issue`"}, everywhere...),
			[]string{"Check that every cluster trusts both roots", "remove `rotation` from the topology and compile: nothing was issued under the new root yet"}},
		{"issue", "issue", "server and signing CA come from the new root | the management cluster | relay server", []string{applyManagement, restartServer, next + "drain`"},
			[]string{"Check that the server and the signing CA chain to the new root", "To go back: set `phase: distribute`"}},
		{"distribute", "distribute", "", append([]string{next + "issue`", until}, everywhere...),
			[]string{"agents may hold certificates under the next root until " + until, "`agentsReissued: true`"}},
		{"issue", "issue", "", []string{applyManagement, restartServer, next + "drain`"}, nil},
		{"drain", "drain", "agents get certificates under the new root | nowhere | agents", []string{forgetHub, restartHubAgent, forget, restartAgent, askHub, ask, next + "retire`", until},
			[]string{"keep them until " + until, "Before " + until + " the compile refuses `phase: retire`", "To see the issuer of an agent's certificate, which should be `", "To go back: set `phase: issue`"}},
		{"retire, agentsReissued: true", "retire", "the old root leaves every bundle | every cluster | relay server and agents", everywhere,
			[]string{"Check that no cluster trusts the old root any more", "remove `rotation` from the topology, compile and commit", "To go back: set `phase: drain`"}},
		{"", "", "", nil, nil},
	} {
		text := strings.Replace(fmt.Sprintf(testTopology, own(c.phase)), "  name: mgmt-cluster\n", "  name: mgmt-cluster\n  agent: true\n  context: hub\n", 1)
		s.write("topology.yaml", []byte(strings.Replace(text, "remote-cluster: {}", "remote-cluster: {context: eu#1}", 1)))
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(s.all()["build/RUNBOOK.md"], "\n## 1. ")
		_, now, rotating := strings.Cut(before, "\n## Now: the root is being rotated, phase "+c.name+"\n")
		if rotating != (c.name != "") {
			t.Errorf("%q: the runbook begins\n%s", c.phase, before)
		}
		if c.name == "" {
			continue
		}
		now = strings.ReplaceAll(now, "relayform verify --live\n", verify+"\n")
		lines := map[string]bool{}
		for line := range strings.Lines(now) {
			lines[strings.TrimSuffix(line, "\n")] = true
		}
		for _, command := range every {
			wanted := false
			for _, w := range c.want {
				wanted = wanted || w == command
			}
			there := lines[command]
			if !strings.HasPrefix(command, "kubectl") || strings.Contains(command, " get secret ") {
				there = strings.Contains(now, command)
			}
			if there != wanted {
				t.Errorf("%s: %q is there: %v\n%s", c.phase, command, there, now)
			}
		}
		for _, w := range append(c.words, "| "+c.name+" (now) | "+c.changes, "finish this one everywhere before you compile the next", "\n"+verify+"\n") {
			if !strings.Contains(now, w) {
				t.Errorf("%s: %q is missing:\n%s", c.phase, w, now)
			}
		}
		if strings.Count(now, "(now)") != 1 || strings.Count(now, "\n| ") != 5 {
			t.Errorf("%s: the table of phases:\n%s", c.phase, now)
		}
	}
}

// TestRunbookLoopsOverManyRemotes has the maximum number of remotes with their own commands, and one more: the loop reads a list, which
// must then exist, and contain every remote with its context.
func TestRunbookLoopsOverManyRemotes(t *testing.T) {
	for _, n := range []int{1, emit.RunbookRemotes, emit.RunbookRemotes + 1} {
		s := newTestProject(t)
		text, _, _ := strings.Cut(testTopology, "remotes:")
		text += "remotes:\n"
		for i := range n {
			text += fmt.Sprintf("  edge-%02d: {context: at-%02d}\n", i, i)
		}
		s.write("topology.yaml", []byte(text+"pki: {"+own("")+"}\n"))
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatal(err)
		}
		files := s.all()
		list, listed := files["build/"+emit.RemotesFile]
		book := files["build/RUNBOOK.md"]
		loops := strings.Count(book, "grep -v '^#' build/"+emit.RemotesFile+" | while read -r cluster context; do {\n")
		if many := n > emit.RunbookRemotes; listed != many || (loops == 3) != many || (loops == 0) == many {
			t.Errorf("%d remotes: a list: %v, %d loops over it", n, listed, loops)
		}
		for i := range n {
			line, apply := fmt.Sprintf("edge-%02d at-%02d\n", i, i), fmt.Sprintf("kubectl --context at-%02d apply -k build/edge-%02d\n", i, i)
			if strings.Contains(list, line) != listed || strings.Contains(book, apply) == listed {
				t.Errorf("%d remotes: remote %d is not told, or told twice", n, i)
			}
		}
		if listed && (strings.Count(list, "\n") != n+1 || !strings.HasPrefix(list, "# ")) {
			t.Errorf("%d remotes: the list is\n%s", n, list)
		}
	}
}

// TestMeshWithoutAgentsCompiles has no remotes yet: it compiles, nothing is run or registered for them, and asking for the registration
// explains why there is none.
func TestMeshWithoutAgentsCompiles(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", []byte("apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: mgmt, ingress: {istio: {}}}\nremotes: {}\npki: {"+own("")+"}\n"))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	files := s.all()
	for name := range files {
		if strings.HasPrefix(name, "build/bases") || strings.HasSuffix(name, emit.RemotesFile) || strings.Contains(name, "/register") {
			t.Errorf("%s is there for no remote", name)
		}
	}
	if strings.Contains(files["build/RUNBOOK.md"], "build/mgmt/register") || !strings.Contains(files["build/RUNBOOK.md"], "## 5. Register the clusters\n\nThe topology has no agents.\n") {
		t.Error("the runbook registers what is not there")
	}
	if order, _, err := s.visited(RenderOptions{}); err != nil || len(order) != 1 {
		t.Errorf("rendered %v: %v", order, err)
	}
	if _, _, err := s.visited(RenderOptions{Register: true}, "mgmt"); err == nil || err.Error() != "mgmt: no register overlay, as the topology has no agents" {
		t.Errorf("the registration: %v", err)
	}
	r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
	if err != nil || !r.Changes.None() {
		t.Errorf("something is left to do: %v", err)
	}
	if n := strings.Count(files["build/RUNBOOK.md"], "The topology has no remotes.\n"); n != 3 {
		t.Errorf("it is said %d times", n)
	}
}

// TestManyFaultsAreToldInPart has many faulty patches, and one with many changes: some are reported, and how many more there are.
func TestManyFaultsAreToldInPart(t *testing.T) {
	s := newCustoms(t)
	s.write("bad.yaml", []byte("- {op: replace, path: /type, value: own}\n"))
	patches := strings.Repeat("    - {path: bad.yaml, target: {kind: Secret, name: relay-root-tls-secret}}\n", maxBlamed+2)
	s.write("topology.yaml", []byte("apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: mgmt, ingress: {istio: {}}}\nremotes:\n  edge:\n    patches:\n"+patches+"pki: {"+own("")+"}\n"))
	faults := s.faults()
	if len(faults) != 10 {
		t.Errorf("%d faults are told, want 10", len(faults))
	}
	for i, f := range faults {
		if f.Path != fmt.Sprintf("remotes.edge.patches[%d].path", i) || f.Message != "the patch changes type of Secret relay-root-tls-secret; relayform is responsible for it" || f.Hint != "remove it from the patch" || f.Code != diag.BadPatch {
			t.Errorf("fault %d: %s: %s; %s", i, f.Path, f.Message, f.Hint)
		}
	}
	for _, c := range []struct{ kustomization, want, hint string }{
		{"namePrefix: own-", "the component removes or renames Secret relay-identity-token-secret, removes or renames Secret relay-root-tls-secret; relayform is responsible for them", ""},
		{"commonLabels: {app.kubernetes.io/managed-by: me}\nlabels: [{pairs: {istio-injection: enabled}}]",
			"the component changes metadata.labels.app.kubernetes.io/managed-by of Namespace gloo-mesh, changes metadata.labels.istio-injection of Namespace gloo-mesh, changes metadata.labels.app.kubernetes.io/managed-by of Secret relay-identity-token-secret, and 1 more; relayform is responsible for them",
			"remove it from the component"},
		{"namespace: own", "relayform is responsible for them", "remove it from the component; the topology sets it in namespace"},
		{"patches: [{patch: '- {op: replace, path: /data/ca.crt, value: eA==}', target: {kind: Secret, name: relay-root-tls-secret}}]",
			"the component changes data.ca.crt of Secret relay-root-tls-secret; relayform is responsible for it", "remove it from the component; the topology sets it in pki"},
		{`patches: [{patch: "- {op: replace, path: /data/ca.crt, value: eA==}\n- {op: replace, path: /metadata/namespace, value: own}", target: {kind: Secret, name: relay-root-tls-secret}}]`,
			"the component changes metadata.namespace of Secret relay-root-tls-secret; relayform is responsible for it", "remove it from the component; the topology sets it in namespace"},
		{`patches: [{patch: "- {op: replace, path: /data/ca.crt, value: eA==}\n- {op: replace, path: /type, value: own}", target: {kind: Secret, name: relay-root-tls-secret}}]`,
			"the component changes type of Secret relay-root-tls-secret, changes data.ca.crt of Secret relay-root-tls-secret; relayform is responsible for them", "remove it from the component; the topology sets it in pki"},
	} {
		customization{at: "edge", files: map[string]string{"k": c.kustomization}}.write(s)
		faults := s.faults()
		if len(faults) != 1 || !strings.Contains(faults[0].Message, c.want) || c.hint != "" && faults[0].Hint != c.hint || faults[0].Code != diag.BadComponent {
			t.Errorf("%s: got %v", c.kustomization, faults)
		}
	}
}

// faults returns the faults of a compile that issues nothing.
func (s *testProject) faults() diag.List {
	_, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
	faults, _ := err.(diag.List)
	return faults
}
