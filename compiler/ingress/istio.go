package ingress

import (
	"cmp"
	"fmt"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

const istioGroup = "networking.istio.io"

var istioForm = Form{
	Name: "istio",
	Note: "Istio's ingress gateway, with TLS passthrough",
	Kinds: []manifest.Kind{
		{Group: istioGroup, Name: "Gateway", Resource: "gateways"},
		{Group: istioGroup, Name: "VirtualService", Resource: "virtualservices"},
	},
	Own: []answer.Own{
		{Kind: "Gateway", Part: "apiVersion", Field: "management.ingress.istio.apiVersion"},
		{Kind: "Gateway", Part: "spec.selector", Field: "management.ingress.istio.selector"},
		{Kind: "Gateway", Part: "port.number", Field: "management.ingress.istio.port"},
		{Kind: "Gateway", Part: ".hosts", Field: "management.authority"},
		{Kind: "VirtualService", Part: "apiVersion", Field: "management.ingress.istio.apiVersion"},
		{Kind: "VirtualService", Part: "match[0].port", Field: "management.ingress.istio.port"},
		{Kind: "VirtualService", Part: "gateways", Field: "management.ingress.istio.gateway"},
		{Kind: "VirtualService", Part: ".hosts", Field: "management.authority"},
		{Kind: "VirtualService", Part: "sniHosts", Field: "management.authority"},
		{Kind: "VirtualService", Part: "destination.host", Field: "management.clusterDomain"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.Istio { return in.Istio }, istio),
}

// Istio's types, as far as TLS passthrough needs them (networking.istio.io, Gateway and
// VirtualService). The Go API types would drop mode PASSTHROUGH, the enum's zero value.
type gatewaySpec struct {
	Selector map[string]string `json:"selector"`
	Servers  []gatewayServer   `json:"servers"`
}

type gatewayServer struct {
	Port  gatewayPort       `json:"port"`
	TLS   map[string]string `json:"tls"`
	Hosts []string          `json:"hosts"`
}

type gatewayPort struct {
	Number   int64  `json:"number"`
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
}

type virtualServiceSpec struct {
	Hosts    []string   `json:"hosts"`
	Gateways []string   `json:"gateways"`
	TLS      []tlsRoute `json:"tls"`
}

type tlsRoute struct {
	Match []tlsMatch         `json:"match"`
	Route []routeDestination `json:"route"`
}

type tlsMatch struct {
	Port     int64    `json:"port"` // the Gateway's, not the node port or target port
	SNIHosts []string `json:"sniHosts"`
}

type routeDestination struct {
	Destination destination `json:"destination"`
}

type destination struct {
	Host string           `json:"host"`
	Port map[string]int64 `json:"port"`
}

// istio passes TLS through Istio's ingress gateway, by SNI, to the relay server: with its own Gateway, or an existing one.
func istio(in schema.Istio, to Target, fault Fault) Chosen {
	selector := in.Selector
	if len(selector) == 0 && in.Gateway == "" {
		selector = map[string]string{"istio": "ingressgateway"}
	}
	own := to.Namespace + "/" + to.Name
	service := Service{
		Namespace: "istio-system", Name: "istio-ingressgateway", Port: int(in.Port), PortName: "https", Selector: selector,
		Missing: "install Istio's ingress gateway, or name its Service with --service",
	}
	if in.Service != nil {
		service.Namespace, service.Name = string(in.Service.Namespace), string(in.Service.Name)
		service.Missing = "install Istio's ingress gateway, or correct " + to.Field + ".istio.service"
	}
	chosen := Chosen{
		Service: product.Service{Type: "ClusterIP"},
		Needs:   fmt.Sprintf("Istio with an ingress gateway that listens on port %d must run in the management cluster", in.Port),
		Where:   EitherPort{service},
	}
	route := virtualServiceSpec{
		Hosts:    to.Hosts,
		Gateways: []string{cmp.Or(string(in.Gateway), own)},
		TLS: []tlsRoute{{
			Match: []tlsMatch{{Port: int64(in.Port), SNIHosts: to.Hosts}},
			Route: []routeDestination{{destination{Host: to.Host(), Port: map[string]int64{"number": int64(to.Port.Number)}}}},
		}},
	}
	switch string(in.Gateway) {
	case "":
		chosen.Objects = append(chosen.Objects, manifest.New(in.ApiVersion, "Gateway", to.Namespace, to.Name, nil, gatewaySpec{
			Selector: selector,
			Servers: []gatewayServer{{
				Port:  gatewayPort{Number: int64(in.Port), Name: "https", Protocol: "HTTPS"},
				TLS:   map[string]string{"mode": "PASSTHROUGH"},
				Hosts: to.Hosts,
			}},
		}))
	case own, to.Namespace + "/" + ObjectName:
		fault([]string{"istio", "gateway"}, ownGateway(string(in.Gateway) == own))
	default:
		chosen.Needs += fmt.Sprintf(", and its Gateway %s must have a server on that port that passes TLS through (mode PASSTHROUGH), with hosts that take %s from the namespace %s", in.Gateway, to.hosts(), to.Namespace)
	}
	chosen.Objects = append(chosen.Objects, manifest.New(in.ApiVersion, "VirtualService", to.Namespace, to.Name, nil, route))
	return chosen
}
