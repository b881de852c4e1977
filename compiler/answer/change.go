package answer

import (
	"strings"

	"relayform/schema/diag"
)

// Change is one thing that is no longer as relayform emits it.
type Change struct {
	// What is the change in words, from its verb on: changes data.ca.crt of Secret relay-root-tls-secret.
	What string
	// Own is the topology's field for what was changed; empty where it has none.
	Own string
}

// own are the topology's fields, by kind and a part of the object's field. No part means the object as a
// whole, no kind every one.
var own = []struct{ kind, part, field string }{
	{"Namespace", "", "namespace"},
	{"", "metadata.namespace", "namespace"},
	{"Secret", "ca.crt", "pki"},
	{"Secret", "tls.crt", "pki"},
	{"Gateway", "apiVersion", "management.ingress.istio.apiVersion"},
	{"Gateway", "spec.selector", "management.ingress.istio.selector"},
	{"Gateway", "port.number", "management.ingress.istio.port"},
	{"Gateway", ".hosts", "management.authority"},
	{"VirtualService", "apiVersion", "management.ingress.istio.apiVersion"},
	{"VirtualService", "match[0].port", "management.ingress.istio.port"},
	{"VirtualService", ".hosts", "management.authority"},
	{"VirtualService", "sniHosts", "management.authority"},
	{"VirtualService", "destination.host", "management.clusterDomain"},
	{"Service", "spec.type", "management.ingress"},
	{"Service", "nodePort", "management.ingress.nodePort.nodePort"},
}

// report keeps a change: of a field, or of the object as a whole where field is empty.
func (c *comparison) report(object id, verb, field, what string) {
	name := diag.Shorten(object.String())
	change := Change{What: verb + " " + name + what}
	if field != "" {
		change.What = verb + " " + diag.Shorten(field) + preposition[verb] + name + what
	}
	for _, o := range own {
		if (o.kind == "" || o.kind == object.kind) && (field == o.part || o.part != "" && strings.Contains(field, o.part)) {
			change.Own = o.field
			break
		}
	}
	c.changes = append(c.changes, change)
}

var preposition = map[string]string{"adds": " to ", "changes": " of ", "removes": " of ", "sets": " of "}
