package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cuelang.org/go/cue"
)

// TestJSONSchemaTakesWhatVetTakes compares the JSON Schema's constraints on every text, which editors check, with the language's
// constraints, which vet checks.
func TestJSONSchemaTakesWhatVetTakes(t *testing.T) {
	long := strings.Repeat("a", 63)
	texts := []string{
		"", "a", "A", "1", "-", "a-b", "a.b", "a_b", "a b", "a/b", "/a", "a/", "a/b/c", "a@b", "ä", "a\n", ".", "a..b",
		long, long + "a", "x/" + long, "x/" + long + "a", strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 126) + "a/b", strings.Repeat("a.", 127) + "a", strings.Repeat("a.", 127) + "a/b", strings.Repeat("ä", 1024), strings.Repeat("ä", 1025),
		"1h", "0h", "9552h", "398d", "2y", "0d", "12345678h", "host:443", "[2001:db8::7]:443", "age1abc", "rsa", "ecdsa", "issue", "gloo-platform", "relayform/v1", "Topology", "networking.istio.io/v1",
	}
	l, taken, refused := compiled(), 0, 0
	l.topology().scalars(func(s *shape) {
		if s.kind != cue.StringKind {
			return
		}
		schema := s.jsonSchema()
		for _, text := range texts {
			want := l.takes(s, text)
			if got := satisfies(schema, text); got != want {
				t.Errorf("%s: %q: JSON Schema takes it: %t; the language: %t", s.at, text, got, want)
			}
			if want {
				taken++
			} else {
				refused++
			}
		}
	})
	if taken < 100 || refused < 100 {
		t.Errorf("%d texts taken, %d refused; want many of both", taken, refused)
	}
}

// scalars visits the shape of every single value at or below s, including keys.
func (s *shape) scalars(visit func(*shape)) {
	if s.form == scalarForm {
		visit(s)
	}
	for _, f := range s.fields {
		f.shape().scalars(visit)
	}
	for _, below := range []*shape{s.key, s.elem, s.text} {
		if below != nil {
			below.scalars(visit)
		}
	}
}

// satisfies checks a text with the keywords that JSONSchema writes (JSON Schema Validation 6).
func satisfies(schema map[string]any, text string) bool {
	if options, ok := schema["enum"].([]string); ok && !slices.Contains(options, text) {
		return false
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(text) {
		return false
	}
	if most, ok := schema["maxLength"].(int64); ok && int64(utf8.RuneCountInString(text)) > most {
		return false
	}
	all, _ := schema["allOf"].([]map[string]any)
	return !slices.ContainsFunc(all, func(part map[string]any) bool { return !satisfies(part, text) })
}

// TestDescriptionsEndOnce checks that every description that editors show ends with a single period.
func TestDescriptionsEndOnce(t *testing.T) {
	found := regexp.MustCompile(`"description": "(.*)"`).FindAllStringSubmatch(JSONSchema(), -1)
	if len(found) < 50 {
		t.Fatalf("only %d descriptions found", len(found))
	}
	for _, m := range found {
		if text := m[1]; strings.HasSuffix(text, "..") || strings.HasSuffix(text, "….") || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
			t.Errorf("%q", text)
		}
	}
}

// TestEditorsAreToldInWords checks that every pattern and rule has a message for editors, and that the language accepts the examples.
func TestEditorsAreToldInWords(t *testing.T) {
	patterns, examples, rules := 0, 0, 0
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if _, ok := v["not"]; ok && v["errorMessage"] != nil {
				rules++
				return // nobody sees the patterns of a rule
			}
			if v["pattern"] != nil && v["type"] == "string" {
				if patterns++; v["patternErrorMessage"] == nil {
					t.Errorf("the pattern %s has no words", v["pattern"])
				}
			}
			all, _ := v["examples"].([]any)
			for _, example := range all {
				if examples++; !regexp.MustCompile(v["pattern"].(string)).MatchString(example.(string)) {
					t.Errorf("%v does not match %s", example, v["pattern"])
				}
			}
			for _, below := range v {
				look(below)
			}
		case []any:
			for _, below := range v {
				look(below)
			}
		}
	}
	var schema any
	if err := json.Unmarshal([]byte(JSONSchema()), &schema); err != nil {
		t.Fatal(err)
	}
	if look(schema); patterns < 50 || examples < 50 || rules < 30 {
		t.Errorf("%d patterns, %d examples and %d rules; want many", patterns, examples, rules)
	}
}
