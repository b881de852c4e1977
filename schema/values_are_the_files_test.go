package schema

import (
	"encoding/json"
	"fmt"
	"testing"

	"relayform/schema/source"
)

// TestValuesAreTheFiles compares the Go values of every accepted fixture with its text: what is written is set, and everything else that is
// set is a default of the language.
func TestValuesAreTheFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	count := 0
	eachFixture(t, func(path string, text []byte, isLock bool) {
		s, value, err := compiled().topology, any(nil), error(nil)
		if isLock {
			s = compiled().lock
			value, _, err = ParseLock(path, text)
		} else {
			value, _, err = ParseTopology(path, text)
		}
		if err != nil {
			return // refused rightly: see TestVerdictIsCUEs
		}
		file, _ := source.Parse(path, text)
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var set any
		if err := json.Unmarshal(written, &set); err != nil {
			t.Fatal(err)
		}
		count++
		same(t, path, s(), file.Root, set)
	})
	if count < 20 {
		t.Errorf("%d files were held against their values", count)
	}
}

// same compares a node with the value set from it.
func same(t *testing.T, at string, s *shape, n *source.Node, set any) {
	t.Helper()
	switch s.form {
	case structForm:
		fields, _ := set.(map[string]any)
		for i := range s.fields {
			f := &s.fields[i]
			got, ok := fields[f.name]
			if k := n.Key(f.name); k != nil {
				same(t, at+"."+f.name, f.shape(), k.Value, got)
			} else if ok && f.fallback.IsValid() {
				if fmt.Sprint(got) != fmt.Sprint(f.fallback.Interface()) {
					t.Errorf("%s.%s: got %v, want the default %v", at, f.name, got, f.fallback)
				}
			} else if ok && f.always {
				same(t, at+"."+f.name, f.shape(), &source.Node{Kind: source.Map}, got)
			} else if ok || f.fallback.IsValid() && !f.fallback.IsZero() {
				t.Errorf("%s.%s: got %v; it is not in the file", at, f.name, got)
			}
		}
	case eitherForm:
		sides, _ := set.(map[string]any)
		if n.Kind == source.Scalar {
			same(t, at, s.text, n, sides["Folder"])
			return
		}
		for _, k := range n.Keys {
			each, _ := sides["Each"].(map[string]any)
			same(t, at+"."+k.Name, s.elem, k.Value, each[k.Name])
		}
	case mapForm:
		entries, _ := set.(map[string]any)
		if len(entries) != len(n.Keys) {
			t.Errorf("%s: %d entries, want %d", at, len(entries), len(n.Keys))
		}
		for _, k := range n.Keys {
			same(t, at+"."+k.Name, s.elem, k.Value, entries[k.Name])
		}
	case listForm:
		entries, _ := set.([]any)
		if len(entries) != len(n.Items) {
			t.Fatalf("%s: %d entries, want %d", at, len(entries), len(n.Items))
		}
		for i, item := range n.Items {
			same(t, fmt.Sprintf("%s[%d]", at, i), s.elem, item, entries[i])
		}
	default:
		got := fmt.Sprint(set)
		if set == nil { // omitted from the JSON because it is empty
			got = map[string]string{"!!bool": "false"}[n.Tag]
		}
		if got != n.Value {
			t.Errorf("%s: got %s, want %s", at, got, n.Value)
		}
	}
}
