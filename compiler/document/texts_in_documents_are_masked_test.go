package document_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"relayform/compiler/document"
)

const identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

type word string

type part struct {
	Said word `json:"said" jsonschema:"What was said."`
}

type whole struct {
	part
	Parts []part    `json:"parts" jsonschema:"Parts of it."`
	Next  *part     `json:"next,omitempty" jsonschema:"The next one."`
	Lines []string  `json:"lines" jsonschema:"Lines."`
	At    time.Time `json:"at,omitzero" jsonschema:"When."`
	Count int       `json:"count,omitempty" jsonschema:"How many."`
	inner string
}

// TestTextsInDocumentsAreMasked writes a document with a private value in each place that a string can be.
func TestTextsInDocumentsAreMasked(t *testing.T) {
	private := part{identity}
	w := whole{private, []part{private}, &private, []string{identity, "kept"}, time.Time{}, 3, identity}
	for _, v := range []any{w, &w} {
		var b strings.Builder
		if err := document.WriteJSON(&b, v); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); strings.Contains(text, "GFPYY") || strings.Count(text, "***") != 4 || !strings.Contains(text, "kept") || !strings.Contains(text, `"count": 3`) {
			t.Errorf("got %s", text)
		}
	}
	if w.Said != identity || w.Parts[0].Said != identity || w.Lines[0] != identity || private.Said != identity || w.inner != identity {
		t.Errorf("what was written is changed: %+v", w)
	}
}

// TestListsThatAreNotThereAreEmpty writes nil lists as empty ones, so that readers need not distinguish them.
func TestListsThatAreNotThereAreEmpty(t *testing.T) {
	var b strings.Builder
	if err := document.WriteJSON(&b, whole{}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"said\": \"\",\n  \"parts\": [],\n  \"lines\": []\n}\n"; b.String() != want {
		t.Errorf("got %s, want %s", b.String(), want)
	}
}

// TestSchemasSayWhatIsWritten checks what a schema contains besides the types of fields.
func TestSchemasSayWhatIsWritten(t *testing.T) {
	text, err := document.Schema(reflect.TypeFor[whole](), "a title", "What it is.", document.Words{reflect.TypeFor[word](): {word("yes"), word("no")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"title": "a title"`, `"description": "What it is. Later versions may add fields; none is removed, and none changes its type."`, `"format": "date-time"`, `"description": "Parts of it."`,
		`"https://json-schema.org/draft/2020-12/schema"`, `"yes"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, surplus := range []string{"null", "additionalProperties", "inner"} {
		if strings.Contains(text, surplus) {
			t.Errorf("%s in %s", surplus, text)
		}
	}
}
