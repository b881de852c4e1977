// Package ingress knows the ways in which agents reach the relay server from outside: one file for
// each form, which owns all that is said of it. TLS always ends at the relay server, never before.
package ingress

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// ObjectName is the name of the ingress objects, in the relay's namespace.
const ObjectName = "gloo-mesh-ingress"

// Form is one way in: what holds of it whatever a topology says.
type Form struct {
	Name string // its key in the topology
	// Note says what it is, in a line of the topology that init writes.
	Note string
	// Block is what that line has as its value, where {} would not do.
	Block string
	// Kinds are the types of the objects that it may add. A prune looks for them: a form that was chosen
	// before has left some.
	Kinds []manifest.Kind
	// Own are the topology's fields for what its objects say.
	Own []answer.Own

	resolve resolver
}

// Forms is every form, the default first. A form is added here, in a file of its own, and in the schema.
var Forms = []Form{istioForm, loadBalancerForm, nodePortForm, gatewayAPIForm, openShiftForm, contourForm, traefikForm, glooEdgeForm}

// Names are the names of the forms, in their order.
func Names() []string {
	names := make([]string, len(Forms))
	for i, f := range Forms {
		names[i] = f.Name
	}
	return names
}

// Block is what a first topology has as a form's block, and whether that is an example, which users have to correct.
func Block(name string) (block string, example bool) {
	for _, f := range Forms {
		if f.Name == name && f.Block != "" {
			return f.Block, true
		}
	}
	return "{}", false
}

// Kinds are the types of the objects that any form may add, those of the core group first, each once.
func Kinds() []manifest.Kind {
	var kinds []manifest.Kind
	for _, f := range Forms {
		kinds = append(kinds, f.Kinds...)
	}
	slices.SortFunc(kinds, func(a, b manifest.Kind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(kinds)
}

// listed are words in a sentence: a, b and c.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Relay is what is reached.
type Relay struct {
	Service       string
	Port          product.Port
	Pods          map[string]string // labels of the pods behind the Service
	Namespace     string
	ClusterDomain string
	Authorities   []string // the names by which agents verify it: what arrives for any of them is the relay's
}

// Host is the Service's full name inside the management cluster.
func (r Relay) Host() string { return r.Service + "." + r.Namespace + ".svc." + r.ClusterDomain }

// each makes an object for each authority, where one object takes one name. The first has the name that all forms have; that of
// another follows from its authority alone, so that it stays where others come and go.
func (r Relay) each(object func(name, authority string) manifest.Object) []manifest.Object {
	all := make([]manifest.Object, len(r.Authorities))
	for i, authority := range r.Authorities {
		name := ObjectName
		if i > 0 {
			h := fnv.New64a()
			_, _ = h.Write([]byte(authority)) // a hash takes all
			name = fmt.Sprintf("%s-%016x", ObjectName, h.Sum64())
		}
		all[i] = object(name, authority)
	}
	return all
}

// authorities are the relay's in a sentence.
func (r Relay) authorities() string {
	const most = 3
	names := r.Authorities
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return listed(names)
}

// service is the relay's own Service, and its port.
func (r Relay) service() Service {
	return Service{Namespace: r.Namespace, Name: r.Service, Port: r.Port.Number, PortName: r.Port.Name}
}

// Chosen is the form that a topology chooses, resolved: what it adds to the management cluster and how its
// address is found.
type Chosen struct {
	Form
	Objects []manifest.Object
	Service product.Service
	// Needs is what must stand before the overlay is applied, in a sentence; empty where nothing.
	Needs string
	// Where finds the address that agents dial.
	Where Where
}

// Fault reports what is wrong, with the path below the ingress, unless one of the field's neighbours from which it may
// follow is refused already.
type Fault func(path []string, fault *diag.Fault, from ...string)

// resolver makes of a form's block in the topology what it asks for.
type resolver func(in schema.Ingress, relay Relay, fault Fault) Chosen

// resolve is the resolver of a form whose block is at the pointer that block gives.
func resolve[T any](block func(schema.Ingress) *T, make func(in T, relay Relay, fault Fault) Chosen) resolver {
	return func(in schema.Ingress, relay Relay, fault Fault) Chosen { return make(*block(in), relay, fault) }
}

// Resolve is the form that the topology chooses.
func Resolve(in schema.Ingress, relay Relay, fault Fault) (Chosen, error) {
	name := schema.Chosen(in)
	i := slices.IndexFunc(Forms, func(f Form) bool { return f.Name == name })
	if i < 0 {
		return Chosen{}, fmt.Errorf("ingress %s: the schema allows it, but relayform has no such form; want one of compiler/ingress, Forms", name)
	}
	chosen := Forms[i].resolve(in, relay, fault)
	chosen.Form = Forms[i]
	return chosen, nil
}
