// Package ingress knows the ways in which agents reach the relay server from outside, and collectors the telemetry
// gateway: one file for each form, which owns all that is said of it. TLS always ends at the target, never before.
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

// ObjectName is the name of the objects that lead to the relay server, and TelemetryName of those that lead to the telemetry
// gateway, in the relay's namespace.
const (
	ObjectName    = "gloo-mesh-ingress"
	TelemetryName = "gloo-telemetry-ingress"
)

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
	// Own are the topology's fields for what its objects say; in a Form, where they lead to the relay server.
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

// Target is what is reached: the relay server, or the telemetry gateway.
type Target struct {
	Name          string // of the objects that lead to it
	Field         string // the block of the topology that says how it is reached
	HostField     string // the field of the topology that its hosts follow from
	Service       string
	Port          product.Port
	Pods          map[string]string // labels of the pods behind the Service
	Namespace     string
	ClusterDomain string
	Hosts         []string // the names that clients verify it by, and ask for (SNI); one at least
}

// Host is the Service's full name inside the management cluster.
func (t Target) Host() string { return t.Service + "." + t.Namespace + ".svc." + t.ClusterDomain }

// each makes an object for each authority, where one object takes one name. The first has the name that all forms have; that of
// another follows from its authority alone, so that it stays where others come and go.
func (t Target) each(object func(name, authority string) manifest.Object) []manifest.Object {
	all := make([]manifest.Object, len(t.Hosts))
	for i, authority := range t.Hosts {
		name := t.Name
		if i > 0 {
			h := fnv.New64a()
			_, _ = h.Write([]byte(authority)) // a hash takes all
			name = fmt.Sprintf("%s-%016x", t.Name, h.Sum64())
		}
		all[i] = object(name, authority)
	}
	return all
}

// hosts are the names in a sentence.
func (t Target) hosts() string {
	const most = 3
	names := t.Hosts
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return listed(names)
}

// service is the target's own Service, and its port.
func (t Target) service() Service {
	return Service{Namespace: t.Namespace, Name: t.Service, Port: t.Port.Number, PortName: t.Port.Name}
}

// own are the topology's fields for what a form's objects say, where they lead to this target. A form says them of the relay's.
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

// The fields of the topology that say of the relay how it is reached, and by which name.
const (
	relayField = "management.ingress"
	relayHosts = "management.authority"
)

// ToRelay is a target with what its being the relay server decides.
func ToRelay(t Target) Target {
	t.Name, t.Field, t.HostField = ObjectName, relayField, relayHosts
	return t
}

// ToTelemetry is a target with what its being the telemetry gateway decides.
func ToTelemetry(t Target) Target {
	t.Name, t.Field, t.HostField = TelemetryName, "management.telemetry.ingress", "namespace"
	return t
}

// Chosen is the form that a topology chooses, resolved: what it adds to the management cluster and how its
// address is found.
type Chosen struct {
	Form
	Objects []manifest.Object
	Service product.Service
	// Needs is what must stand before the overlay is applied, in a sentence; empty where nothing.
	Needs string
	// Where finds the address that is dialled.
	Where Where
}

// Fault reports what is wrong, with the path below the ingress, unless one of the field's neighbours from which it may
// follow is refused already.
type Fault func(path []string, fault *diag.Fault, from ...string)

// resolver makes of a form's block in the topology what it asks for.
type resolver func(in schema.Ingress, to Target, fault Fault) Chosen

// resolve is the resolver of a form whose block is at the pointer that block gives.
func resolve[T any](block func(schema.Ingress) *T, make func(in T, to Target, fault Fault) Chosen) resolver {
	return func(in schema.Ingress, to Target, fault Fault) Chosen { return make(*block(in), to, fault) }
}

// Resolve is the form that the topology chooses.
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
