package policy

import (
	"errors"
	"os"
	"testing"

	"relayform/compiler/plan"
	"relayform/schema"
	"relayform/schema/diag"
)

// mesh is a plan for the tests. Its parts are identified by their lines.
const mesh = `apiVersion: relayform/v1
kind: Topology
name: demo
management:
  name: mgmt
  ingress: {istio: {}}
remotes:
  east:
    context: kind-east
    labels: {env: prod, team: payments}
  west: {}
pki:
  selfSigned:
    validity:
      server: 9600h
`

func planOf(t testing.TB, text string) *plan.Plan {
	t.Helper()
	topology, doc, err := schema.ParseTopology("topology.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	p, err := plan.Resolve(topology, doc, root, plan.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told returns the faults of a policy, one line each, and their codes.
func told(t testing.TB, p *plan.Plan, policy string) (lines []string, codes []diag.Code) {
	t.Helper()
	err := Check(p, []File{{"mesh.cue", []byte(policy)}}, nil)
	var faults diag.List
	if err != nil && !errors.As(err, &faults) {
		t.Fatal(err)
	}
	for _, f := range faults {
		lines, codes = append(lines, f.Error()), append(codes, f.Code)
	}
	return lines, codes
}
