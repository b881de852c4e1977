package policy

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cuelang.org/go/cue"

	"relayform/compiler/plan"
	"relayform/schema"
)

// TestInputIsWhatItsDefinitionSays checks the input for each fixture against input.cue, which is closed; and the fields that a policy may
// name against the input's.
func TestInputIsWhatItsDefinitionSays(t *testing.T) {
	context := schema.NewContext()
	definition := context.CompileString(Shape).LookupPath(cue.ParsePath("#Input"))
	if err := definition.Err(); err != nil {
		t.Fatal(err)
	}
	topologies, err := filepath.Glob("../../fixtures/*/topology.yaml")
	if err != nil || len(topologies) < 30 {
		t.Fatal(topologies, err)
	}
	for _, path := range topologies {
		p := resolve(t, path)
		text, err := json.Marshal(Of(p))
		if err != nil {
			t.Fatal(err)
		}
		var in Input
		if err := json.Unmarshal(text, &in); err != nil {
			t.Fatal(err)
		}
		v := definition.Unify(context.Encode(map[string]any{"topology": in.Topology, "plan": in.Plan}))
		if err := v.Validate(cue.Concrete(true)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	compare(t, "plan", definition.LookupPath(cue.ParsePath("plan")), input().fields["plan"])
}

func resolve(t *testing.T, path string) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	topology, doc, err := schema.ParseTopology(path, text)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
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

// compare compares the fields of a definition with those of a shape.
func compare(t *testing.T, at string, v cue.Value, s *shape) {
	t.Helper()
	if s.form == table || s.form == list {
		elem := v.LookupPath(cue.MakePath(cue.AnyString))
		if s.form == list {
			elem = v.LookupPath(cue.MakePath(cue.AnyIndex))
		}
		compare(t, at+"[]", elem, s.elem)
		return
	}
	if s.form != block {
		if v.IncompleteKind()&^s.kind != 0 {
			t.Errorf("%s: input.cue has %v, the shape %v", at, v.IncompleteKind(), s.kind)
		}
		return
	}
	fields, err := v.Fields(cue.Optional(true))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	left := maps.Clone(s.fields)
	for fields.Next() {
		name := fields.Selector().Unquoted()
		child := s.fields[name]
		delete(left, name)
		if child == nil {
			t.Errorf("%s.%s: in input.cue alone", at, name)
			continue
		}
		compare(t, at+"."+name, fields.Value(), child)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s.%s: not in input.cue", at, name)
	}
}

// TestPoliciesNameEveryField compares the schema's fields with those that a policy may name.
func TestPoliciesNameEveryField(t *testing.T) {
	var walk func(s *shape, at string, visit func(string))
	walk = func(s *shape, at string, visit func(string)) {
		join := func(name string) string {
			if at == "" {
				return name
			}
			return at + "." + name
		}
		for _, name := range slices.Sorted(maps.Keys(s.fields)) {
			visit(join(name))
			walk(s.fields[name], join(name), visit)
		}
		if s.elem != nil {
			walk(s.elem, join("*"), visit)
		}
	}
	var have []string
	walk(input().fields["topology"], "", func(path string) { have = append(have, path) })
	want := slices.Sorted(slices.Values(schema.Fields()))
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("policies may name\n%q\nthe language has\n%q", have, want)
	}
}
