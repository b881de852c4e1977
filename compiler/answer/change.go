package answer

import (
	"strings"

	"relayform/compiler/product"
	"relayform/schema/diag"
)

// Change is one thing that is no longer as relayform emits it.
type Change struct {
	// What is the change in words, from its verb on: changes data.ca.crt of Secret relay-root-tls-secret.
	What string
	// Own is the topology's field for what was changed; empty where it has none.
	Own string
}

// Own is the topology's field for a part of what relayform emits, by kind and a part of the object's field.
// No part means the object as a whole, no kind and no name every one.
type Own struct{ Kind, Part, Field, Name string }

// always are the fields of what every topology has.
func always(keys product.Keys) []Own {
	return []Own{
		{Kind: "Namespace", Field: "namespace"},
		{Part: "metadata.namespace", Field: "namespace"},
		{Kind: "Secret", Part: keys.CA, Field: "pki"},
		{Kind: "Secret", Part: keys.Cert, Field: "pki"},
	}
}

// report keeps a change: of a field, or of the object as a whole where field is empty.
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
