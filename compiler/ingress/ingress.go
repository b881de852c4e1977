// Package ingress knows the ways in which agents reach the relay server from outside: one file for
// each form. TLS always ends at the relay server, never before.
package ingress

import (
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// objectName is the name of the ingress objects, in the relay's namespace.
const objectName = "gloo-mesh-ingress"

// Kinds are the types of the objects that any form adds: a form that was chosen before has left some.
var Kinds = []manifest.Kind{
	{Group: "", Name: "Service", Resource: "services"},
	{Group: istioGroup, Name: "Gateway", Resource: "gateways"},
	{Group: istioGroup, Name: "VirtualService", Resource: "virtualservices"},
}

// Relay is what is reached.
type Relay struct {
	Service       string
	Namespace     string
	ClusterDomain string
	Authority     string
}

// Host is the Service's full name inside the management cluster.
func (r Relay) Host() string { return r.Service + "." + r.Namespace + ".svc." + r.ClusterDomain }

// Form is one way in, resolved: what it adds to the management cluster and how its address is found.
type Form struct {
	Name    string
	Objects []manifest.Object
	Service product.Service
	// Needs is what must stand before the overlay is applied, in a sentence; empty where nothing.
	Needs string
	// Where finds the address that agents dial.
	Where Where
}

// Where is how the address of the relay is found once the ingress stands: a Service's load
// balancer, or a node's address with a Service's node port. Port and PortName are the Service's.
type Where struct {
	Service, Namespace string
	Port               int
	PortName           string
	NodePort           int // fixed; 0 where the cluster chose it
	Node               bool
	Either             bool              // the load balancer, where the Service has one
	Selector           map[string]string // of the pods behind the Service, where it may have another name
}

// Resolve is the form that the topology chooses. Faults are reported through fault, with the path
// below the ingress.
func Resolve(in schema.Ingress, relay Relay, fault func(path []string, fault *diag.Fault)) Form {
	switch {
	case in.Istio != nil:
		return istio(*in.Istio, relay)
	case in.LoadBalancer != nil:
		return loadBalancer(*in.LoadBalancer, relay, fault)
	default:
		return nodePort(*in.NodePort, relay)
	}
}
