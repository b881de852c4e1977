package document

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// draft is the version of JSON Schema.
const draft = "https://json-schema.org/draft/2020-12/schema"

// promise applies to every document.
const promise = " Later versions may add fields; none is removed, and none changes its type."

// Words are the permitted values of string types.
type Words map[reflect.Type][]any

// Schema returns the JSON Schema (draft 2020-12) for documents of a type. Descriptions of fields come from their jsonschema tags. Unknown
// fields are permitted, as a later version may add some.
func Schema(t reflect.Type, title, description string, words Words) (string, error) {
	known := map[reflect.Type]*jsonschema.Schema{reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"}}
	for t, values := range words {
		known[t] = &jsonschema.Schema{Type: "string", Enum: values}
	}
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: known})
	if err != nil {
		return "", err
	}
	s.Schema, s.Title, s.Description = draft, title, description+promise
	open(s)
	text, err := json.MarshalIndent(s, "", "  ")
	return string(text) + "\n", err
}

// open permits unknown fields, and removes null, which WriteJSON never writes: a nil pointer is omitted, a nil list is empty.
func open(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
	s.AdditionalProperties = nil
	open(s.Items)
	for _, p := range s.Properties {
		open(p)
	}
}
