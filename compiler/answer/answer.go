// Package answer checks the parts of emitted objects that relayform is responsible for, and finds where something else has changed them:
// names, types, data, hosts, ports, passthrough and routes. Labels, annotations and further objects are left to users.
package answer

import (
	"strings"

	"relayform/compiler/product"
)

// Object is a Kubernetes object, as decoded from YAML.
type Object = map[string]any

// id identifies an object to an API server, whatever its version.
type id struct{ group, kind, namespace, name string }

func idOf(o Object) id {
	group, _, ok := strings.Cut(text(o["apiVersion"]), "/")
	if !ok {
		group = ""
	}
	metadata := block(o["metadata"])
	i := id{group, text(o["kind"]), text(metadata["namespace"]), text(metadata["name"])}
	if i.is("", "Namespace") {
		i.namespace = "" // whatever is written there: a Namespace is not in a namespace
	}
	return i
}

// is reports whether the object is of a kind.
func (i id) is(group, kind string) bool { return i.group == group && i.kind == kind }

// elsewhere reports whether both are the same except for the namespace.
func (i id) elsewhere(other id) bool {
	other.namespace = i.namespace
	return i == other
}

func (i id) String() string { return i.kind + " " + i.name }

// Emitted is the objects that relayform emits into an overlay.
type Emitted struct {
	ids     []id // in the order of the objects
	objects map[id]Object
	keys    []string // of its Secrets: ones that it does not emit must not exist, as charts would read them
	own     []Own
}

// New stores the objects that relayform emits, with the keys of its Secrets and the topology's fields that set what the objects contain.
func New(objects []Object, keys product.Keys, own ...Own) *Emitted {
	e := &Emitted{objects: make(map[id]Object, len(objects)), keys: keys.All(), own: append(always(keys), own...)}
	for _, o := range objects {
		e.ids = append(e.ids, idOf(o))
		e.objects[idOf(o)] = o
	}
	return e
}

// Changes returns what differs from relayform's output in the objects built from an overlay.
func (e *Emitted) Changes(made []Object) []Change {
	c := &comparison{of: e}
	have := make(map[id]Object, len(e.ids))
	var others []Object
	for _, o := range made {
		i := idOf(o)
		switch _, twice := have[i]; {
		case e.objects[i] == nil:
			others = append(others, o)
		case twice:
			c.report(i, "adds another", "", "")
		default:
			have[i] = o
		}
	}
	for _, i := range e.ids {
		if o, ok := have[i]; ok {
			c.object = i
			c.compare(e.objects[i], o)
		} else {
			c.missing(i, others)
		}
	}
	for _, o := range others {
		e.rival(c, have, o)
	}
	return c.changes
}

// missing reports what happened to an object that does not exist under its name.
func (c *comparison) missing(i id, others []Object) {
	for _, o := range others {
		if i.elsewhere(idOf(o)) {
			c.report(i, "changes", "metadata.namespace", "")
			return
		}
	}
	c.report(i, "removes or renames", "", "")
}

// rival checks an object that relayform did not emit: it must not replace one that it did.
func (e *Emitted) rival(c *comparison, have map[id]Object, other Object) {
	i := idOf(other)
	for _, ours := range e.ids {
		switch {
		case have[ours] == nil:
		case i.namespace == "" && i.elsewhere(ours): // kubectl puts it in its context's namespace, which may be the relay's
			c.report(ours, "adds another", "", "")
		case i.is(ours.group, ours.kind) && takes(i, other, e.objects[ours]):
			c.report(i, "adds", "", ", which takes what arrives for "+ours.String())
		}
	}
}

// compare compares an object with the emitted one.
func (c *comparison) compare(ours, made Object) {
	c.equal("apiVersion", ours["apiVersion"], made["apiVersion"])
	c.metadata(block(ours["metadata"]), block(made["metadata"]))
	spec := judges[[2]string{c.object.group, c.object.kind}].spec
	switch {
	case c.object.is("", "Secret"):
		c.secret(ours, made)
	case spec != nil:
		c.rest(ours, made, "spec")
		spec(c, block(ours["spec"]), block(made["spec"]))
	default:
		c.rest(ours, made)
	}
}

// metadata permits additional labels and annotations, and no other change.
func (c *comparison) metadata(ours, made map[string]any) {
	for _, field := range []string{"labels", "annotations"} {
		have := block(made[field])
		for _, key := range sorted(block(ours[field]), nil) {
			c.equal("metadata."+field+"."+key, block(ours[field])[key], have[key])
		}
	}
	c.block("metadata", ours, made, "labels", "annotations")
}

// rest compares an object's remaining fields.
func (c *comparison) rest(ours, made Object, but ...string) {
	c.block("", ours, made, append(but, "apiVersion", "metadata")...)
}
