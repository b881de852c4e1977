package ingress

import (
	"fmt"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

var openShiftForm = Form{
	Name:  "openshift",
	Note:  "an OpenShift Route",
	Kinds: []manifest.Kind{routeKind},
	Own: []answer.Own{
		{Kind: "Route", Part: "spec.host", Field: "management.authority"},
		{Kind: "Route", Part: "spec.tls", Field: "management.ingress"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.OpenShift { return in.Openshift }, openShift),
}

var routeKind = manifest.Kind{Group: "route.openshift.io", Version: "v1", Name: "Route", Resource: "routes"}

// OpenShift's types, as far as TLS passthrough needs them (github.com/openshift/api, route/v1).
type routeSpec struct {
	Host string            `json:"host"`
	To   routeTarget       `json:"to"`
	Port map[string]int    `json:"port"`
	TLS  map[string]string `json:"tls"`
}

type routeTarget struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// openShift passes TLS through OpenShift's router, by SNI, to the relay server. The router identifies a passthrough Route only by its host,
// so that is the authority, whatever name agents dial; each authority has its own Route.
func openShift(_ schema.OpenShift, to Target, _ Fault) Chosen {
	return Chosen{
		Objects: to.each(func(name, authority string) manifest.Object {
			return manifest.New(routeKind.APIVersion(), routeKind.Name, to.Namespace, name, nil, routeSpec{
				Host: authority,
				To:   routeTarget{Kind: "Service", Name: to.Service},
				Port: map[string]int{"targetPort": to.Port.Number},
				TLS:  map[string]string{"termination": "passthrough"},
			})
		}),
		Service: product.Service{Type: "ClusterIP"},
		Needs:   fmt.Sprintf("OpenShift's router in the management cluster must admit Routes in the namespace %s", to.Namespace),
		Where:   Router{Namespace: to.Namespace, Name: to.Name},
	}
}

// Router is the address at which an OpenShift router accepts connections for a Route: the router's canonical name in the Route's status,
// never the Route's host.
type Router struct{ Namespace, Name string }

// RouterPort is the port on which routers accept TLS (OpenShift, "Ingress Controller endpoint publishing").
const RouterPort = 443

// Kind returns the kind of object that has the address.
func (Router) Kind() manifest.Kind { return routeKind }

// Command prints the canonical name of the first router in the Route's status.
func (w Router) Command(context string) string {
	return fmt.Sprintf("kubectl --context %s --namespace %s get %s %s --output jsonpath='{.status.ingress[0].routerCanonicalHostname}:%d'", context, w.Namespace, routeKind, w.Name, RouterPort)
}

// With returns a Service of the router, if the user names one.
func (w Router) With(c Choice) (Where, error) {
	return instead(w, c, Service{Port: RouterPort, PortName: "https"})
}
