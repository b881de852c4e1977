package compiler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/deploy"
	"relayform/compiler/emit"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/compiler/reach"
	"relayform/compiler/scaffold"
	"relayform/compiler/shell"
	"relayform/compiler/verify"
	"relayform/schema"
	"relayform/schema/diag"
)

// option is one option of a choice in the schema.
type option struct {
	schema.Choice
	name string
}

func (o option) String() string { return o.Field + "." + o.name }

// TestEveryOptionIsKnown tries each option of each choice in the schema everywhere that must support it: an option that is only in the
// schema fails here, with what is missing.
func TestEveryOptionIsKnown(t *testing.T) {
	choices := schema.Choices()
	for _, field := range []string{"product", "management.ingress", "pki", "secrets"} {
		if !slices.ContainsFunc(choices, func(c schema.Choice) bool { return c.Field == field }) {
			t.Errorf("the language has no choice %s", field)
		}
	}
	cases, pruned := fixtures(t), map[string]bool{}
	const telemetry = "management.telemetry.ingress" // it has the same forms as the relay: see TestATelemetryGatewayIsReachedAsTheRelayIs
	for _, c := range choices {
		if c.Field == telemetry {
			continue
		}
		for _, name := range c.Options {
			o := option{c, name}
			t.Run(o.String(), func(t *testing.T) {
				t.Run("init", o.isInInit)
				t.Run("explain", o.isExplained)
				t.Run("schema", o.isInJSONSchema)
				t.Run("vet", o.resolves)
				chosen := 0
				for _, fixture := range slices.Sorted(maps.Keys(cases)) {
					if !o.isIn(t, cases[fixture]) {
						continue
					}
					c := compileFixture(t, cases[fixture])
					if !pruned[fixture] { // what a form adds depends on its other fields
						pruned[fixture] = true
						t.Run("prune", func(t *testing.T) { isPruned(t, c) })
					}
					if chosen++; chosen > 1 {
						continue
					}
					t.Run("render", func(t *testing.T) { isRendered(t, c) })
					t.Run("runbook", func(t *testing.T) { o.isInRunbook(t, c) })
					t.Run("address", func(t *testing.T) { isFound(t, c) })
					t.Run("verify", func(t *testing.T) { isVerified(t, c) })
					t.Run("certs", func(t *testing.T) { o.isRenewed(t, c) })
				}
				if chosen == 0 {
					t.Errorf("no fixture chooses it: write fixtures/NAME/topology.yaml, and run make golden")
				}
			})
		}
	}
}

// isIn reports whether a topology chooses the option, explicitly or by default.
func (o option) isIn(t *testing.T, p project.Project) bool {
	var v any
	if err := yaml.Unmarshal(read(t, p.Topology), &v); err != nil {
		t.Fatal(err)
	}
	for key := range strings.SplitSeq(o.Field, ".") {
		block, _ := v.(map[string]any)
		v = block[key]
	}
	if block, ok := v.(map[string]any); ok {
		return block[o.name] != nil
	}
	if word, ok := v.(string); ok && o.Field == "product" { // under either of its names
		return profileOf(word).Name == profileOf(o.name).Name
	}
	return v == o.name || v == nil && !o.Required && o.name == o.Options[0]
}

func profileOf(name string) product.Profile {
	p, _ := product.Find(name)
	return p
}

// isInInit checks that the topology from init includes the option: a required choice lists all options, an optional one all except its
// default.
func (o option) isInInit(t *testing.T) {
	a := scaffold.Answers{
		Name: "demo", Product: product.Names()[0], Namespace: "mesh", Algorithm: "rsa", Schema: "s.json", Ingress: "istio",
		Management: scaffold.Cluster{Name: "mgmt", Context: "mgmt"},
	}
	said := o.name + ":"
	switch o.Field {
	case "product":
		a.Product, said = o.name, "# The product, named for the versions of its charts:"
	case "management.ingress":
		a.Ingress = o.name
	}
	text := a.Topology()
	topology, _, err := schema.ParseTopology("topology.yaml", text)
	switch {
	case err != nil:
		t.Errorf("init writes what vet refuses: %v", err)
	case (o.Required || o.name != o.Options[0]) && (!strings.Contains(string(text), said) || !strings.Contains(string(text), o.name)):
		t.Errorf("the topology that init writes does not name it:\n%s", text)
	case o.Field == "management.ingress" && schema.Chosen(topology.Management.Ingress) != o.name:
		t.Errorf("init --ingress %s chooses another:\n%s", o.name, text)
	}
}

// isExplained makes an invalid choice: the error names the option, and explain has a page for it.
func (o option) isExplained(t *testing.T) {
	_, _, err := schema.ParseTopology("topology.yaml", o.document(t, map[string]any{}, "none"))
	var faults diag.List
	if !errors.As(err, &faults) {
		t.Fatalf("no fault: %v", err)
	}
	if !strings.Contains(faults[0].Message+faults[0].Hint, o.name) {
		t.Errorf("%s: %s does not name it", faults[0].Message, faults[0].Hint)
	}
	if _, ok := diag.Inputs().Of(faults[0].Code); !ok {
		t.Errorf("explain has no page on %s", faults[0].Code)
	}
}

// document returns a topology with a choice: a block, or a word.
func (o option) document(t *testing.T, block map[string]any, word string) []byte {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(fmt.Appendf(nil, testTopology, own("")), &doc); err != nil {
		t.Fatal(err)
	}
	at, path := doc, strings.Split(o.Field, ".")
	for _, key := range path[:len(path)-1] {
		at = at[key].(map[string]any)
	}
	if at[path[len(path)-1]] = any(block); o.Field == "product" {
		at[path[len(path)-1]] = word
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// isInJSONSchema checks that the option is in the JSON Schema, with its description.
func (o option) isInJSONSchema(t *testing.T) {
	var at struct {
		Properties  map[string]json.RawMessage
		Enum        []string
		Description string
	}
	text := json.RawMessage(schema.JSONSchema())
	for _, key := range append(strings.Split(o.Field, "."), o.name) {
		at.Properties, at.Enum = nil, nil
		if err := json.Unmarshal(text, &at); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(at.Enum, o.name) {
			return
		}
		if text = at.Properties[key]; text == nil {
			t.Fatalf("%s has no %s", o, key)
		}
	}
	if err := json.Unmarshal(text, &at); err != nil || at.Description == "" {
		t.Errorf("no description, %v", err)
	}
}

// resolves resolves a topology with the option and nothing in it: it may need more, but must be known.
func (o option) resolves(t *testing.T) {
	_, err := newTestProject(t).project.Plan(o.document(t, map[string]any{o.name: map[string]any{}}, o.name))
	var faults diag.List
	if err != nil && !errors.As(err, &faults) {
		t.Error(err)
	}
}

// isRendered builds every overlay, with private values.
func isRendered(t *testing.T, c *compiled) {
	for name, text := range c.rendered(t, true) {
		if len(text) == 0 {
			t.Errorf("%s: nothing", name)
		}
	}
}

// isInRunbook checks that there is a command for each step; the one for the address is the ingress's own.
func (o option) isInRunbook(t *testing.T, c *compiled) {
	book := string(c.tree.Find(emit.RunbookFile))
	if command := c.plan.Ingress.Where.Command(shell.Word(c.plan.Management.Context)); !strings.Contains(book, "```sh\n"+command+"\n```") {
		t.Errorf("it does not ask for the address: %s", command)
	}
	if needs := c.plan.Ingress.Needs; needs != "" && !strings.Contains(book, needs) {
		t.Errorf("it does not say what is needed: %s", needs)
	}
	if o.Field == "product" && (c.plan.Product.Name != profileOf(o.name).Name || !strings.Contains(book, c.plan.Product.ServerChart.Name)) {
		t.Error("it installs another product")
	}
}

// isPruned checks that each object that relayform creates on the management cluster, except the namespace, is of a prunable kind: otherwise
// it would stay when a different option is chosen.
func isPruned(t *testing.T, c *compiled) {
	stages, err := deploy.Jobs(c.plan, c.project, deploy.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.SplitSeq(string(c.rendered(t, false)[c.plan.Management.Name+".yaml"]), "\n---\n") {
		var o struct {
			APIVersion, Kind string
			Metadata         struct{ Labels map[string]string }
		}
		if err := yaml.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		i := manifest.Identity{Group: manifest.Group(o.APIVersion), Kind: o.Kind}
		ours := o.Metadata.Labels[manifest.ManagedByLabel] == manifest.ManagedBy
		if ours && o.Kind != "Namespace" && !slices.ContainsFunc(stages[0][0].Prunable, i.Is) {
			t.Errorf("a prune does not look for %s; name it in the form's Kinds", i)
		}
	}
}

// isFound queries an empty cluster: the way to find the address is known if that is the only problem.
func isFound(t *testing.T, c *compiled) {
	nothing := func(context.Context, ...string) ([]byte, error) { return nil, nil }
	_, err := reach.Cluster{Kubectl: nothing}.Find(t.Context(), c.plan.Ingress.Where)
	var pending reach.Pending
	if !errors.As(err, &pending) {
		t.Errorf("%T: %v", c.plan.Ingress.Where, err)
	}
}

// isVerified verifies what the fixture's clusters would contain, with the keys and handshakes.
func isVerified(t *testing.T, c *compiled) {
	env := c.env
	env.NewKey = pki.GenerateKey
	report, err := Verify(c.project, env, fixtureTime)
	if err == nil && len(c.plan.Product.Issued()) > 0 { // only clusters have them
		if report.Count(verify.Error) > 0 || len(report.LeftOut) != 1 {
			t.Errorf("without clusters: %d errors, left out %v", report.Count(verify.Error), report.LeftOut)
		}
		report, err = verify.Judge(c.heldByClusters(t), fixtureTime, env.NewKey)
	}
	if err != nil {
		t.Fatal(err)
	}
	if report.Count(verify.Error) > 0 || len(report.Connections) == 0 || !report.Connections[0].MutualTLS.OK {
		t.Errorf("%d errors, connections %+v", report.Count(verify.Error), report.Connections)
	}
}

// isRenewed checks that each certificate says what renews it, for the topology's PKI source.
func (o option) isRenewed(t *testing.T, c *compiled) {
	report, err := Certificates(c.project, c.env, fixtureTime)
	if err != nil {
		t.Fatal(err)
	}
	for _, certificate := range report.Certificates {
		if certificate.RenewedBy == "" && certificate.State != "set aside" {
			t.Errorf("nothing renews the %s", certificate.Role)
		}
	}
	if o.Field == "pki" && strings.Join(c.plan.Source(), ".") != o.String() {
		t.Errorf("its source is %s", strings.Join(c.plan.Source(), "."))
	}
}
