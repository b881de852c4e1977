package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

var update = flag.Bool("update", false, "write the goldens")

// TestDocumentsKeepTheirFields compares the schemas of documents with golden/schemas. A field may be added; removing one, changing its type
// or making it optional breaks readers, and updating the goldens does not permit that.
func TestDocumentsKeepTheirFields(t *testing.T) {
	folder := filepath.Join("..", "..", "golden", "schemas")
	for _, name := range documentNames() {
		path := filepath.Join(folder, name+".json")
		now, err := documentSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		then, err := os.ReadFile(path)
		if err == nil {
			for _, broken := range breaks(t, string(then), now) {
				t.Errorf("%s: %s: readers rely on it; where the break is meant, remove %s first", name, broken, path)
			}
		}
		switch {
		case t.Failed():
		case *update:
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
				t.Fatal(err)
			}
		case string(then) != now:
			t.Errorf("%s differs; run make golden and read the diff", path)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(documents) {
		t.Errorf("%d files in %s; want one for each of %d documents", len(files), folder, len(documents))
	}
}

// breaks lists the incompatible changes between two schemas.
func breaks(t *testing.T, then, now string) []string {
	t.Helper()
	var was, is jsonschema.Schema
	if err := errors.Join(json.Unmarshal([]byte(then), &was), json.Unmarshal([]byte(now), &is)); err != nil {
		t.Fatal(err)
	}
	var all []string
	var compare func(at string, was, is *jsonschema.Schema)
	compare = func(at string, was, is *jsonschema.Schema) {
		switch {
		case is == nil:
			all = append(all, at+" is gone")
			return
		case was.Type != is.Type:
			all = append(all, fmt.Sprintf("%s was %s and is %s", at, was.Type, is.Type))
			return
		case was.Format != is.Format:
			all = append(all, fmt.Sprintf("%s had the format %q and has %q", at, was.Format, is.Format))
		}
		if was.Items != nil {
			compare(at+"[]", was.Items, is.Items)
		}
		for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
			compare(strings.TrimPrefix(at+"."+name, "."), was.Properties[name], is.Properties[name])
			if slices.Contains(was.Required, name) && is.Properties[name] != nil && !slices.Contains(is.Required, name) {
				all = append(all, strings.TrimPrefix(at+"."+name, ".")+" may stay away")
			}
		}
	}
	compare("", &was, &is)
	return all
}

// TestBrokenDocumentsAreFound makes incompatible and compatible changes to a schema.
func TestBrokenDocumentsAreFound(t *testing.T) {
	const schema = `{"type": "object", "required": ["a"], "properties": {
		"a": {"type": "string", "format": "date-time"}, "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "integer"}}}}}}`
	for _, c := range []struct{ from, to, want string }{
		{`"b": {`, `"bb": {`, "b is gone"},
		{`"integer"`, `"string"`, "b[].c was integer and is string"},
		{`"c": {"type": "integer"}`, ``, "b[].c is gone"},
		{`"required": ["a"]`, `"required": []`, "a may stay away"},
		{`, "format": "date-time"`, ``, `a had the format "date-time" and has ""`},
		{`"type": "array", "items"`, `"type": "object", "items"`, "b was array and is object"},
		{`"properties": {`, `"properties": {"d": {"type": "null"}, `, ""},
		{`"required": ["a"]`, `"required": ["a", "b"]`, ""},
	} {
		changed := strings.Replace(schema, c.from, c.to, 1)
		if got := strings.Join(breaks(t, schema, changed), "; "); got != c.want || changed == schema {
			t.Errorf("%s for %s: got %q, want %q", c.to, c.from, got, c.want)
		}
	}
}
