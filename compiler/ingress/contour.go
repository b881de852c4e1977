package ingress

import (
	"fmt"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

var contourForm = Form{
	Name:  "contour",
	Note:  "a Contour HTTPProxy",
	Kinds: []manifest.Kind{httpProxyKind},
	Own: []answer.Own{
		{Kind: "HTTPProxy", Part: "fqdn", Field: "management.authority"},
		{Kind: "HTTPProxy", Part: "ingressClassName", Field: "management.ingress.contour.class"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.Contour { return in.Contour }, contour),
}

var httpProxyKind = manifest.Kind{Group: "projectcontour.io", Version: "v1", Name: "HTTPProxy", Resource: "httpproxies"}

// Contour's types, as far as TLS passthrough needs them (github.com/projectcontour/contour,
// apis/projectcontour/v1).
type httpProxySpec struct {
	IngressClassName string      `json:"ingressClassName,omitempty"`
	VirtualHost      virtualHost `json:"virtualhost"`
	TCPProxy         tcpProxy    `json:"tcpproxy"`
}

type virtualHost struct {
	FQDN string          `json:"fqdn"`
	TLS  map[string]bool `json:"tls"`
}

type tcpProxy struct {
	Services []backend `json:"services"`
}

// backend is a Service and its port, as in Contour's and Traefik's API.
type backend struct {
	Name string `json:"name"`
	Port int    `json:"port"`
}

// backend returns the target's Service and port.
func (t Target) backend() backend { return backend{t.Service, t.Port.Number} }

// contour passes TLS through Contour's Envoy, by SNI, to the relay server. An HTTPProxy has one host name.
func contour(in schema.Contour, to Target, _ Fault) Chosen {
	return Chosen{
		Objects: to.each(func(name, authority string) manifest.Object {
			return manifest.New(httpProxyKind.APIVersion(), httpProxyKind.Name, to.Namespace, name, nil, httpProxySpec{
				IngressClassName: string(in.Class),
				VirtualHost:      virtualHost{FQDN: authority, TLS: map[string]bool{"passthrough": true}},
				TCPProxy:         tcpProxy{[]backend{to.backend()}},
			})
		}),
		Service: product.Service{Type: "ClusterIP"},
		Needs:   fmt.Sprintf("Contour must run in the management cluster; if it has --root-namespaces, %s must be among them", to.Namespace),
		Where: EitherPort{Service{
			Namespace: "projectcontour", Name: "envoy", Port: 443, PortName: "https", Selector: map[string]string{"app": "envoy"},
			Missing: "install Contour, or name the Service of its Envoy with --service",
		}},
	}
}
