package ingress

import (
	"fmt"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

var glooEdgeForm = Form{
	Name:  "glooEdge",
	Note:  "Gloo Edge's gateway proxy, on a dedicated port",
	Block: "{port: 9900}",
	Kinds: []manifest.Kind{glooGatewayKind},
	Own: []answer.Own{
		{Kind: "Gateway", Part: "bindPort", Field: "management.ingress.glooEdge.port"},
		{Kind: "Gateway", Part: "proxyNames", Field: "management.ingress.glooEdge.proxyNames"},
		{Kind: "Gateway", Part: "sniDomains", Field: "management.authority"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.GlooEdge { return in.GlooEdge }, glooEdge),
}

var glooGatewayKind = manifest.Kind{Group: "gateway.solo.io", Version: "v1", Name: "Gateway", Resource: "gateways"}

// Gloo Edge's types, as far as TLS passthrough needs them (github.com/solo-io/gloo,
// install/helm/gloo/crds/gateway.solo.io_v1_Gateway.yaml).
type glooGatewaySpec struct {
	BindAddress string         `json:"bindAddress"`
	BindPort    int64          `json:"bindPort"`
	ProxyNames  []string       `json:"proxyNames"`
	TCPGateway  glooTCPGateway `json:"tcpGateway"`
}

type glooTCPGateway struct {
	TCPHosts []glooTCPHost `json:"tcpHosts"`
}

type glooTCPHost struct {
	Name        string              `json:"name"`
	SSLConfig   map[string][]string `json:"sslConfig"`
	Destination glooDestination     `json:"destination"`
}

type glooDestination struct {
	Single struct {
		Kube struct {
			Ref  map[string]string `json:"ref"`
			Port int               `json:"port"`
		} `json:"kube"`
	} `json:"single"`
}

// glooEdge passes TLS through Gloo Edge's Envoy, by SNI, to the relay server. With server names and without a Secret, the proxy reads the
// SNI and does not terminate TLS. Gloo creates one listener per port, so no other Gateway may use the port.
func glooEdge(in schema.GlooEdge, to Target, fault Fault) Chosen {
	proxies := glooProxies(in)
	if in.ProxyNames != nil {
		proxies = names(in.ProxyNames, []string{"glooEdge", "proxyNames"}, "proxy", fault)
	}
	host := glooTCPHost{Name: to.Name, SSLConfig: map[string][]string{"sniDomains": to.Hosts}}
	host.Destination.Single.Kube.Ref = map[string]string{"name": to.Service, "namespace": to.Namespace}
	host.Destination.Single.Kube.Port = to.Port.Number
	return Chosen{
		Objects: []manifest.Object{
			manifest.New(glooGatewayKind.APIVersion(), glooGatewayKind.Name, to.Namespace, to.Name, nil, glooGatewaySpec{
				BindAddress: "::",
				BindPort:    int64(in.Port),
				ProxyNames:  proxies,
				TCPGateway:  glooTCPGateway{[]glooTCPHost{host}},
			}),
		},
		Service: product.Service{Type: "ClusterIP"},
		Needs: fmt.Sprintf("Gloo Edge must run in the management cluster and read Gateways from all namespaces (gateway.readGatewaysFromAllNamespaces in its Settings), "+
			"no other Gateway may have port %d, and the Service of the proxy %s must have a port that reaches it", in.Port, proxies[0]),
		// The chart gives each proxy's Service the proxy's name.
		Where: EitherPort{Service{
			Namespace: "gloo-system", Name: proxies[0], Target: int(in.Port),
			Missing: "install Gloo Edge, or name the proxy's Service with --service",
		}},
	}
}
