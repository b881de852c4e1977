package answer

import (
	"strings"

	"relayform/compiler/product"
	"relayform/schema/diag"
)

// Change is a difference from relayform's output.
type Change struct {
	// What describes the change, beginning with the verb: changes data.ca.crt of Secret relay-root-tls-secret.
	What string
	// Own is the topology's field for what was changed; may be empty.
	Own string
}

// Own maps a part of relayform's output to the topology's field, by kind and a part of the object's field. An empty Part means the whole
// object; an empty Kind or Name means any.
type Own struct{ Kind, Part, Field, Name string }

// always returns the fields that every topology has.
func always(keys product.Keys) []Own {
	return []Own{
		{Kind: "Namespace", Field: "namespace"},
		{Part: "metadata.namespace", Field: "namespace"},
		{Kind: "Secret", Part: keys.CA, Field: "pki"},
		{Kind: "Secret", Part: keys.Cert, Field: "pki"},
	}
}

// report adds a change: of a field, or of the whole object if field is empty.
func (c *comparison) report(object id, verb, field, what string) {
	name := diag.Shorten(object.String())
	change := Change{What: verb + " " + name + what}
	if field != "" {
		change.What = verb + " " + diag.Shorten(field) + preposition[verb] + name + what
	}
	for _, o := range c.of.own {
		if (o.Kind == "" || o.Kind == object.kind) && (o.Name == "" || o.Name == object.name || strings.HasPrefix(object.name, o.Name+"-")) && (field == o.Part || o.Part != "" && strings.Contains(field, o.Part)) {
			change.Own = o.Field
			break
		}
	}
	c.changes = append(c.changes, change)
}

var preposition = map[string]string{"adds": " to ", "changes": " of ", "removes": " of ", "sets": " of "}
