package document

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// draft is the version of JSON Schema.
const draft = "https://json-schema.org/draft/2020-12/schema"

// promise is what holds of every document.
const promise = " Later versions may add fields; none is removed, and none changes its type."

// Words are the values that texts of a type may have.
type Words map[reflect.Type][]any

// Schema is the JSON Schema (draft 2020-12) of documents of a type. Descriptions of fields are those of its jsonschema tags.
// A field that is not known is not a fault: a later version may have more.
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

// open lets objects have fields that are not known, and takes away null, which WriteJSON writes nowhere: a pointer that is nil is
// left out, a list that is nil is empty.
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
