package policy

import (
	"slices"
	"testing"

	"relayform/schema/diag"
)

// TestPoliciesAreToldInTheirOwnWords violates policies of every form: each must be reported at the topology's line, with the policy's
// message and position; satisfied ones must not.
func TestPoliciesAreToldInTheirOwnWords(t *testing.T) {
	p := planOf(t, mesh)
	for _, c := range []struct {
		name, policy string
		want         []string
	}{
		{"holds", `plan: {name: "demo", store: "local", validity: server: {hours: 9600, days: 400}}`, nil},
		{"bound", "\nplan: validity: server: days: <=398 @wanted(\"at most 398 days\")", []string{"topology.yaml:15:15: pki.selfSigned.validity.server: want at most 398 days, got 400 (mesh.cue:2)"}},
		{"two bounds of a field, each with its words", "plan: name: =~\"^a\" @wanted(\"an a\")\nplan: name: =~\"^b\" @wanted(\"a b\")",
			[]string{"topology.yaml:3:7: name: want a b, got demo (mesh.cue:2)", "topology.yaml:3:7: name: want an a, got demo (mesh.cue:1)"}},
		{"words of the block around", `plan: validity: {server: days: <=398, root: days: <=1} @wanted("less")`,
			[]string{"topology.yaml:14:5: pki.selfSigned.validity.root: want less, got 3650 (mesh.cue:1)", "topology.yaml:15:15: pki.selfSigned.validity.server: want less, got 400 (mesh.cue:1)"}},
		{"without words", `plan: name: "mesh"`, []string{"topology.yaml:3:7: name: a policy does not allow this: plan.name is demo (mesh.cue:1)"}},
		{"not set, without words", `topology: charts: version: =~"^2"`, []string{"topology.yaml:1:1: charts.version: a policy requires topology.charts.version, which is not set (mesh.cue:1)"}},
		{"a default, at the block that it is of", `plan: clusters: east: clusterDomain: "mesh.local" @wanted("mesh.local")`,
			[]string{"topology.yaml:8:3: remotes.east.clusterDomain: want mesh.local, got cluster.local (mesh.cue:1)"}},
		{"a label that some have", `for name, c in plan.clusters if c.labels.env == "prod" {plan: clusters: (name): context: =~"^prod-" @wanted("prod-")}`,
			[]string{"topology.yaml:9:14: remotes.east.context: want prod-, got kind-east (mesh.cue:1)"}},
		{"a label that some have not", `for name, c in plan.clusters if c.labels.env != "prod" {plan: clusters: (name): role: "management" @wanted("the label env")}`,
			[]string{"topology.yaml:11:3: remotes.west: want the label env, got remote (mesh.cue:1)"}},
		{"whether a label is there", `for name, c in plan.clusters if c.labels.env != _|_ {plan: clusters: (name): context: name @wanted("its name")}`,
			[]string{"topology.yaml:9:14: remotes.east.context: want its name, got kind-east (mesh.cue:1)"}},
		{"a label by another name", `for name, c in plan.clusters let l = c.labels if l["env"] == "prod" {plan: pki: "external" @wanted("an external PKI")}`,
			[]string{"topology.yaml:13:3: pki.selfSigned: want an external PKI, got selfSigned (mesh.cue:1)"}},
		{"a label that is required", `plan: clusters: [=~"st$"]: labels: team!: string @wanted("a team")`,
			[]string{"topology.yaml:11:3: remotes.west.labels.team: want a team; it is not set (mesh.cue:1)"}},
		{"a pattern with a name for its key", `plan: clusters: [name=string]: context: "kind-\(name)" @wanted("kind-NAME")`,
			[]string{"topology.yaml:4:1: management.context: want kind-NAME, got mgmt (mesh.cue:1)", "topology.yaml:11:3: remotes.west.context: want kind-NAME, got west (mesh.cue:1)"}},
		{"a field beside it, which means the input", `plan: clusters: [string]: {name: _, context: name @wanted("its name")}`,
			[]string{"topology.yaml:9:14: remotes.east.context: want its name, got kind-east (mesh.cue:1)"}},
		{"a definition", "#Short: =~\"^.{1,3}$\"\nplan: name: #Short @wanted(\"three letters\")", []string{"topology.yaml:3:7: name: want three letters, got demo (mesh.cue:2)"}},
		{"a choice of blocks", `plan: {pki: "external"} | {store: "sops"}`, []string{"topology.yaml:1:1: a policy does not allow plan as it is (mesh.cue:1)"}},
		{"a count", "import \"struct\"\nplan: clusters: struct.MaxFields(2) @wanted(\"two clusters\")", []string{"topology.yaml:7:1: remotes: want two clusters, got 3 entries (mesh.cue:2)"}},
		{"a list", "import \"list\"\nplan: dnsNames: list.MaxItems(0) @wanted(\"no names\")",
			[]string{"topology.yaml:4:1: management.authority: want no names, got enterprise-networking.gloo-mesh, enterprise-networking, enterprise-networking.gl… (mesh.cue:2)"}},
		{"what is forbidden", `if plan.pki == "selfSigned" {plan: pki: _|_ @wanted("another PKI")}`, []string{"topology.yaml:13:3: pki.selfSigned: want another PKI, got selfSigned (mesh.cue:1)"}},
		{"clusters that differ", `for c in plan.clusterList {plan: namespace: c.name @wanted("one namespace")}`, []string{"topology.yaml:1:1: namespace: want one namespace, got gloo-mesh (mesh.cue:1)"}},
		{"what is not set", `topology: charts: version: =~"^2" @wanted("a version")`, []string{"topology.yaml:1:1: charts.version: want a version; it is not set (mesh.cue:1)"}},
		{"what is not set, and need not be", `topology: charts?: version?: =~"^2" @wanted("a version")`, nil},
		{"an integer", `plan: validity: server: days: int & <=398 @wanted("days")`, []string{"topology.yaml:15:15: pki.selfSigned.validity.server: want days, got 400 (mesh.cue:1)"}},
		{"words over lines", `plan: name: "x" @wanted("a\n\tb")`, []string{"topology.yaml:3:7: name: want a b, got demo (mesh.cue:1)"}},
	} {
		lines, codes := told(t, p, c.policy)
		if !slices.Equal(lines, c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, lines, c.want)
		}
		if slices.ContainsFunc(codes, func(code diag.Code) bool { return code != diag.Policy }) {
			t.Errorf("%s: %v", c.name, codes)
		}
	}
}

// TestDaysHaveFractions checks a validity of 398 days and an hour: it is more than 398 days.
func TestDaysHaveFractions(t *testing.T) {
	p := planOf(t, "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: m, ingress: {istio: {}}}\npki: {selfSigned: {validity: {server: 9553h}}}\n")
	if lines, _ := told(t, p, "plan: validity: server: days: <=398"); len(lines) != 1 {
		t.Error(lines)
	}
}
