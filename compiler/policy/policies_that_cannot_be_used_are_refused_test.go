package policy

import (
	"context"
	"strings"
	"testing"

	"relayform/schema/diag"
)

// TestPoliciesThatCannotBeUsedAreRefused checks that policies that could never be violated, or never be evaluated, are refused at their
// position: also if the given topology does not reach that part.
func TestPoliciesThatCannotBeUsedAreRefused(t *testing.T) {
	p := planOf(t, mesh)
	for _, c := range []struct{ policy, want string }{
		{`plan: namspace: "x"`, "mesh.cue:1:7: plan.namspace: no such field, so nothing could break this; did you mean namespace?"},
		{`plan: namspace?: "x"`, "mesh.cue:1:7: plan.namspace: no such field"},
		{`if plan.pki == "external" {plan: namspace: "x"}`, "mesh.cue:1:34: plan.namspace: no such field"},
		{`for k in ["nam"] {plan: (k): "x"}`, "mesh.cue:1:25: plan.nam: no such field"},
		{"#R: namspace: \"x\"\nplan: #R", "mesh.cue:1:5: plan.namspace: no such field"},
		{`topology: remotes: [string]: lables: {}`, "mesh.cue:1:30: topology.remotes.[…].lables: no such field"},
		{`plan: clusterList: [...{nam: "x"}]`, "mesh.cue:1:25: plan.clusterList[…].nam: no such field"},
		{`plan: name: first: "x"`, "mesh.cue:1:13: plan.name.first: plan.name is a text and has no fields"},
		{`plan: [string]: "x"`, "mesh.cue:1:7: plan: a pattern instead of a field's name"},
		{`validity: 3`, "mesh.cue:1:1: validity: no such field; want one of plan, topology"},
		{`if plan.pkii == "external" {plan: name: "x"}`, "mesh.cue:1:9: the input has no pkii here; did you mean pki?"},
		{`for n, c in plan.clusters if c.lables.env == "x" {plan: name: "x"}`, "mesh.cue:1:32: the input has no lables here; did you mean labels?"},
		{`for n, c in plan.clusters if n.env == "x" {plan: name: "x"}`, "mesh.cue:1:32: no env here"},
		{`plan: name: first`, "mesh.cue:1:13: plan.name: no such name: first"},
		{"package policy", "mesh.cue:1:1: the policy constrains nothing"},
		{"plan: {}", "mesh.cue:1:1: the policy constrains nothing"},
		{"plan: {", "mesh.cue:1:8: this is not CUE"},
		{`plan: name: 5`, "mesh.cue:1:7: plan.name: want a text, as plan.name is one; got a number"},
		{`plan: validity: server: "398d"`, "mesh.cue:1:17: plan.validity.server: want a block of fields"},
		{`plan: name: "a" & "b"`, "mesh.cue:1:19: plan.name: no value satisfies what this policy asks of plan.name"},
		{`plan: name: =~"("`, "mesh.cue:1:15: this is not a regular expression: missing closing )"},
		{`plan: name: topology.charts.version`, "mesh.cue:1:22: plan.name: this cannot be evaluated: it needs a value that this topology does not have"},
		{`if topology.charts.version == "2" {plan: name: "x"}`, "mesh.cue:1:13: this cannot be evaluated"},
		{"#R: {name: _, context: name}\nplan: clusters: [string]: #R", "mesh.cue:1:15: plan.clusters.east.context: this constrains nothing"},
		{"import \"tool/exec\"\nplan: name: \"x\"", `mesh.cue:1:8: a policy does not import "tool/exec"`},
		{"import \"example.com/x\"\nplan: name: x.y", `mesh.cue:1:8: a policy does not import "example.com/x"`},
		{`plan: name: _ @embed(file=x.json)`, "mesh.cue:1:15: a policy has no attribute @embed"},
		{"@extern(embed)\nplan: name: \"x\"", "mesh.cue:1:1: a policy has no attribute @extern"},
		{`plan: name: "x" @want("x")`, `did you mean wanted?`},
		{`plan: {@wanted("x"), name: "x"}`, "mesh.cue:1:8: @wanted belongs behind a field"},
		{`try {plan: name: "x"}`, "mesh.cue:1:1: a policy cannot be written with this form of CUE"},
		{"plan: name: \"é\" & namé", "mesh.cue:1:19: plan.name: no such name: namé"},
	} {
		lines, codes := told(t, p, c.policy)
		if len(lines) != 1 || codes[0] != diag.BadPolicy || !strings.Contains(lines[0], c.want) {
			t.Errorf("%s:\n%q %v\nwant\n%q", c.policy, lines, codes, c.want)
		}
	}
}

// TestPoliciesHaveLimits checks that what exceeds the limits on size and nesting is refused before it is parsed.
func TestPoliciesHaveLimits(t *testing.T) {
	p := planOf(t, mesh)
	for _, c := range []struct {
		policy string
		over   bool
	}{
		{`plan: name: "demo" //` + strings.Repeat("x", MaxFile-len(`plan: name: "demo" //`)), false},
		{strings.Repeat("x", MaxFile+1), true},
		{"plan: name: " + strings.Repeat("(", MaxDepth) + `"demo"` + strings.Repeat(")", MaxDepth), false},
		{"plan: name: " + strings.Repeat("(", MaxDepth+1) + `"demo"` + strings.Repeat(")", MaxDepth+1), true},
	} {
		if lines, codes := told(t, p, c.policy); (len(codes) == 1 && codes[0] == diag.LimitExceeded) != c.over || len(codes) > 1 {
			t.Errorf("%.40s: %q", c.policy, lines)
		}
	}
}

// TestRunThatEndsIsTold checks the message for each way in which a policy's process can end.
func TestRunThatEndsIsTold(t *testing.T) {
	p := planOf(t, mesh)
	for ended, want := range map[error]string{ErrTime: "20 seconds of a processor", ErrMemory: "1 GiB of memory"} {
		err := Check(p, []File{{"mesh.cue", []byte("plan: name: \"demo\"")}}, func(_ context.Context, _ []byte) ([]byte, error) { return nil, ended })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", ended, err)
		}
	}
}
