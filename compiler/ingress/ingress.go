// Package ingress contains the ways in which agents outside the cluster reach the relay server, and collectors the telemetry gateway: one
// file for each form, with everything specific to it. TLS is always terminated by the target itself.
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

// ObjectName is the name of the objects that route to the relay server, and TelemetryName of those that route to the telemetry gateway, in
// the relay's namespace.
const (
	ObjectName    = "gloo-mesh-ingress"
	TelemetryName = "gloo-telemetry-ingress"
)

// Form is one form of ingress, independent of a topology.
type Form struct {
	Name string // its key in the topology
	// Note describes it in a line of the topology that init writes.
	Note string
	// Block is the value in that line, if {} is not enough.
	Block string
	// Kinds are the types of objects that it may add. Pruning looks for them, because a previously chosen form may have left some.
	Kinds []manifest.Kind
	// Own are the topology's fields that set what its objects contain; in a Form, for the relay server.
	Own []answer.Own

	resolve resolver
}

// Forms lists every form, the default first. To add a form, add it here, in its own file, and in the schema.
var Forms = []Form{istioForm, loadBalancerForm, nodePortForm, gatewayAPIForm, openShiftForm, contourForm, traefikForm, glooEdgeForm}

// Names returns the names of the forms, in their order.
func Names() []string {
	names := make([]string, len(Forms))
	for i, f := range Forms {
		names[i] = f.Name
	}
	return names
}

// Block returns a form's block for a first topology, and whether it is an example that users must edit.
func Block(name string) (block string, example bool) {
	for _, f := range Forms {
		if f.Name == name && f.Block != "" {
			return f.Block, true
		}
	}
	return "{}", false
}

// Kinds returns the types of objects that any form may add, without duplicates, the core group first.
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

// listed joins words for a sentence: a, b and c.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Target is what is to be reached: the relay server or the telemetry gateway.
type Target struct {
	Name          string // of the objects that route to it
	Field         string // the topology block with its ingress
	HostField     string // the topology field that determines its hosts
	Service       string
	Port          product.Port
	Pods          map[string]string // labels of the pods behind the Service
	Namespace     string
	ClusterDomain string
	Hosts         []string // the names by which clients verify it and that they send in SNI; at least one
}

// Host returns the Service's fully qualified name in the management cluster.
func (t Target) Host() string { return t.Service + "." + t.Namespace + ".svc." + t.ClusterDomain }

// each creates an object for each authority, for forms with one name per object. The first has the name used by all forms; the others'
// names depend only on their authority, so that they stay when others come and go.
func (t Target) each(object func(name, authority string) manifest.Object) []manifest.Object {
	all := make([]manifest.Object, len(t.Hosts))
	for i, authority := range t.Hosts {
		name := t.Name
		if i > 0 {
			h := fnv.New64a()
			_, _ = h.Write([]byte(authority)) // writes to a hash do not fail
			name = fmt.Sprintf("%s-%016x", t.Name, h.Sum64())
		}
		all[i] = object(name, authority)
	}
	return all
}

// hosts lists the names, for messages.
func (t Target) hosts() string {
	const most = 3
	names := t.Hosts
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return listed(names)
}

// service returns the target's own Service, and its port.
func (t Target) service() Service {
	return Service{Namespace: t.Namespace, Name: t.Service, Port: t.Port.Number, PortName: t.Port.Name}
}

// own returns the topology's fields that set what a form's objects contain for this target. A Form has those for the relay server.
func (t Target) own(form Form) []answer.Own {
	own := slices.Clone(form.Own)
	for i, o := range own {
		own[i].Name = t.Name
		if below, ok := strings.CutPrefix(o.Field, relayField); ok {
			own[i].Field = t.Field + below
		} else if o.Field == relayHosts {
			own[i].Field = t.HostField
		}
	}
	return own
}

// Topology fields that say how the relay server is reached, and by which name.
const (
	relayField = "management.ingress"
	relayHosts = "management.authority"
)

// ToRelay completes a target for the relay server.
func ToRelay(t Target) Target {
	t.Name, t.Field, t.HostField = ObjectName, relayField, relayHosts
	return t
}

// ToTelemetry completes a target for the telemetry gateway.
func ToTelemetry(t Target) Target {
	t.Name, t.Field, t.HostField = TelemetryName, "management.telemetry.ingress", "namespace"
	return t
}

// Chosen is the topology's ingress, resolved: what it adds to the management cluster and how its address is found.
type Chosen struct {
	Form
	Objects []manifest.Object
	Service product.Service
	// Needs says what must be installed before the overlay is applied, as a sentence; may be empty.
	Needs string
	// Where finds the address to dial.
	Where Where
}

// Fault reports a fault with its path relative to the ingress, unless a field that may have caused it, from, is refused already.
type Fault func(path []string, fault *diag.Fault, from ...string)

// resolver resolves a form's block in the topology.
type resolver func(in schema.Ingress, to Target, fault Fault) Chosen

// resolve returns the resolver for a form with the block that the given function selects.
func resolve[T any](block func(schema.Ingress) *T, make func(in T, to Target, fault Fault) Chosen) resolver {
	return func(in schema.Ingress, to Target, fault Fault) Chosen { return make(*block(in), to, fault) }
}

// Resolve returns the form that the topology chooses.
func Resolve(in schema.Ingress, to Target, fault Fault) (Chosen, error) {
	name := schema.Chosen(in)
	i := slices.IndexFunc(Forms, func(f Form) bool { return f.Name == name })
	if i < 0 {
		return Chosen{}, fmt.Errorf("ingress %s: the schema allows it, but relayform has no such form; want one of compiler/ingress, Forms", name)
	}
	chosen := Forms[i].resolve(in, to, fault)
	chosen.Form = Forms[i]
	chosen.Own = to.own(chosen.Form)
	return chosen, nil
}
