// Package answer knows what relayform answers for in the objects that it emits, and finds where
// something else has changed it: names, types, data, hosts, ports, passthrough and routes. Labels,
// annotations and further objects are their users'.
package answer

import (
	"strings"

	"relayform/compiler/product"
)

// Object is a Kubernetes object, as a YAML decoder gives it.
type Object = map[string]any

// id is what makes an object the same one for an API server, whatever its version.
type id struct{ group, kind, namespace, name string }

func idOf(o Object) id {
	group, _, ok := strings.Cut(text(o["apiVersion"]), "/")
	if !ok {
		group = ""
	}
	metadata := block(o["metadata"])
	i := id{group, text(o["kind"]), text(metadata["namespace"]), text(metadata["name"])}
	if i.is("", "Namespace") {
		i.namespace = "" // whatever is written there: a namespace lies in none
	}
	return i
}

// is reports whether the object is of a kind.
func (i id) is(group, kind string) bool { return i.group == group && i.kind == kind }

// elsewhere reports whether both name the same but for the namespace.
func (i id) elsewhere(other id) bool {
	other.namespace = i.namespace
	return i == other
}

func (i id) String() string { return i.kind + " " + i.name }

// Emitted is the objects that relayform emits into an overlay.
type Emitted struct {
	ids     []id // in the order of the objects
	objects map[id]Object
	keys    []string // of its Secrets: those that it does not emit must not be there, as charts would read them
	own     []Own
}

// New keeps the objects that relayform emits, with the keys that its Secrets have and the topology's fields
// for what the objects say.
func New(objects []Object, keys product.Keys, own ...Own) *Emitted {
	e := &Emitted{objects: make(map[id]Object, len(objects)), keys: keys.All(), own: append(always(keys), own...)}
	for _, o := range objects {
		e.ids = append(e.ids, idOf(o))
		e.objects[idOf(o)] = o
	}
	return e
}

// Changes finds what is no longer as relayform emits it among the objects made of an overlay.
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

// missing says what became of an object that is not there under its name.
func (c *comparison) missing(i id, others []Object) {
	for _, o := range others {
		if i.elsewhere(idOf(o)) {
			c.report(i, "changes", "metadata.namespace", "")
			return
		}
	}
	c.report(i, "removes or renames", "", "")
}

// rival judges an object that relayform did not emit: it may be anything but what takes the place of one
// that it did.
func (e *Emitted) rival(c *comparison, have map[id]Object, other Object) {
	i := idOf(other)
	for _, ours := range e.ids {
		switch {
		case have[ours] == nil:
		case i.namespace == "" && i.elsewhere(ours): // kubectl puts it where its context points to, which may be the relay's namespace
			c.report(ours, "adds another", "", "")
		case i.is(ours.group, ours.kind) && takes(i, other, e.objects[ours]):
			c.report(i, "adds", "", ", which takes what arrives for "+ours.String())
		}
	}
}

// compare holds an object against the one emitted.
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

// metadata may gain labels and annotations, and nothing else.
func (c *comparison) metadata(ours, made map[string]any) {
	for _, field := range []string{"labels", "annotations"} {
		have := block(made[field])
		for _, key := range sorted(block(ours[field]), nil) {
			c.equal("metadata."+field+"."+key, block(ours[field])[key], have[key])
		}
	}
	c.block("metadata", ours, made, "labels", "annotations")
}

// rest compares an object's fields beside those that are looked at by themselves.
func (c *comparison) rest(ours, made Object, but ...string) {
	c.block("", ours, made, append(but, "apiVersion", "metadata")...)
}
