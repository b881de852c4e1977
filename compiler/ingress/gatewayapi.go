package ingress

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

const gatewayGroup = "gateway.networking.k8s.io"

var gatewayAPIForm = Form{
	Name:  "gatewayAPI",
	Note:  "a Gateway of this GatewayClass; its controller must support TLS passthrough",
	Block: "{className: eg}",
	Kinds: []manifest.Kind{gatewayKind, {Group: gatewayGroup, Name: "TLSRoute", Resource: "tlsroutes"}},
	Own: []answer.Own{
		{Kind: "Gateway", Part: "gatewayClassName", Field: "management.ingress.gatewayAPI.className"},
		{Kind: "Gateway", Part: "addresses", Field: "management.ingress.gatewayAPI.addresses"},
		{Kind: "Gateway", Part: "].port", Field: "management.ingress.gatewayAPI.port"},
		{Kind: "Gateway", Part: "hostname", Field: "management.authority"},
		{Kind: "TLSRoute", Part: "apiVersion", Field: "management.ingress.gatewayAPI.apiVersion"},
		{Kind: "TLSRoute", Part: "parentRefs", Field: "management.ingress.gatewayAPI.gateway"},
		{Kind: "TLSRoute", Part: "hostnames", Field: "management.authority"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.GatewayAPI { return in.GatewayAPI }, gatewayAPI),
}

var gatewayKind = manifest.Kind{Group: gatewayGroup, Version: "v1", Name: "Gateway", Resource: "gateways"}

// The Gateway API's types, as far as TLS passthrough needs them (sigs.k8s.io/gateway-api, apis/v1). Fields within lists that the API server
// would default are set explicitly: kubectl and GitOps engines compare lists as a whole.
type gatewayAPISpec struct {
	GatewayClassName string           `json:"gatewayClassName"`
	Addresses        []gatewayAddress `json:"addresses,omitempty"`
	Listeners        []listener       `json:"listeners"`
}

type gatewayAddress struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type listener struct {
	Name          string                       `json:"name"`
	Protocol      string                       `json:"protocol"`
	Port          int64                        `json:"port"`
	Hostname      string                       `json:"hostname"`
	TLS           map[string]string            `json:"tls"`
	AllowedRoutes map[string]map[string]string `json:"allowedRoutes"`
}

type tlsRouteSpec struct {
	ParentRefs []parentRef    `json:"parentRefs"`
	Hostnames  []string       `json:"hostnames"`
	Rules      []tlsRouteRule `json:"rules"`
}

type parentRef struct {
	Group       string `json:"group"`
	Kind        string `json:"kind"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name"`
	SectionName string `json:"sectionName,omitempty"`
}

type tlsRouteRule struct {
	BackendRefs []backendRef `json:"backendRefs"`
}

type backendRef struct {
	Group  string `json:"group"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Port   int    `json:"port"`
	Weight int    `json:"weight"`
}

// listenerName is the name of the listener in relayform's own Gateway.
const listenerName = "tls"

// gatewayAPI passes TLS through a Gateway of the Gateway API, by SNI, to the relay server: its own, or an existing one.
func gatewayAPI(in schema.GatewayAPI, to Target, fault Fault) Chosen {
	parent := parentRef{Group: gatewayGroup, Kind: gatewayKind.Name, Name: to.Name, SectionName: listenerName}
	at := GatewayStatus{Namespace: to.Namespace, Name: to.Name, Port: int(in.Port)}
	chosen := Chosen{Service: product.Service{Type: "ClusterIP"}}
	if in.Gateway == nil {
		if in.ClassName == "" {
			fault([]string{"gatewayAPI", "className"}, diag.MissingKey.Fault("missing; want the name of a GatewayClass, or gateway: one that exists already", "kubectl get gatewayclasses lists them"), "gateway")
		}
		chosen.Needs = fmt.Sprintf("the controller of the GatewayClass %s must run in the management cluster and pass TLS through, and the CRDs of the Gateway API must serve TLSRoute %s", in.ClassName, version(in.ApiVersion))
		chosen.Objects = append(chosen.Objects, manifest.New(gatewayKind.APIVersion(), gatewayKind.Name, to.Namespace, to.Name, nil, gatewayAPISpec{
			GatewayClassName: string(in.ClassName),
			Addresses:        addresses(in.Addresses, fault),
			Listeners:        listeners(in, to),
		}))
		if len(to.Hosts) > 1 {
			parent.SectionName = "" // route by the host names of all listeners
		}
	} else {
		attached(in, to, fault)
		namespace := cmp.Or(string(in.Gateway.Namespace), to.Namespace)
		parent.Name, parent.SectionName = string(in.Gateway.Name), string(in.Gateway.SectionName)
		if namespace != to.Namespace {
			parent.Namespace = namespace
		}
		at.Namespace, at.Name, at.Listener, at.Attached = namespace, parent.Name, parent.SectionName, true
		chosen.Needs = fmt.Sprintf("the Gateway %s of the namespace %s must exist in the management cluster, with %s that passes TLS through (protocol TLS, mode Passthrough) for %s and whose allowedRoutes allow the namespace %s; the CRDs of the Gateway API must serve TLSRoute %s",
			parent.Name, namespace, at.listener(), to.hosts(), to.Namespace, version(in.ApiVersion))
	}
	chosen.Objects = append(chosen.Objects, tlsRoutes(in, to, parent)...)
	chosen.Where = at
	return chosen
}

// listeners returns one listener for each authority: of two on a port, one with the exact name takes precedence over one without a name or
// with a wildcard.
func listeners(in schema.GatewayAPI, to Target) []listener {
	all := make([]listener, len(to.Hosts))
	for i, authority := range to.Hosts {
		all[i] = listener{
			Name: listenerName, Protocol: "TLS", Port: int64(in.Port), Hostname: authority,
			TLS:           map[string]string{"mode": "Passthrough"},
			AllowedRoutes: map[string]map[string]string{"namespaces": {"from": "Same"}},
		}
		if i > 0 {
			all[i].Name = fmt.Sprintf("%s-%d", listenerName, i+1)
		}
	}
	return all
}

// maxHostnames is the maximum number of names in a TLSRoute (sigs.k8s.io/gateway-api, TLSRouteSpec).
const maxHostnames = 16

// tlsRoutes route what arrives for the authorities to the relay server.
func tlsRoutes(in schema.GatewayAPI, to Target, parent parentRef) []manifest.Object {
	var all []manifest.Object
	for names := range slices.Chunk(to.Hosts, maxHostnames) {
		name := to.Name
		if len(all) > 0 {
			name = fmt.Sprintf("%s-%d", to.Name, len(all)+1)
		}
		all = append(all, manifest.New(in.ApiVersion, "TLSRoute", to.Namespace, name, nil, tlsRouteSpec{
			ParentRefs: []parentRef{parent},
			Hostnames:  names,
			Rules:      []tlsRouteRule{{[]backendRef{{Kind: "Service", Name: to.Service, Port: to.Port.Number, Weight: 1}}}},
		}))
	}
	return all
}

func version(apiVersion string) string { return strings.TrimPrefix(apiVersion, gatewayGroup+"/") }

// attached refuses fields for an own Gateway if an existing one is used.
func attached(in schema.GatewayAPI, to Target, fault Fault) {
	const remove = "the Gateway exists already, and sets this itself"
	if in.ClassName != "" {
		fault([]string{"gatewayAPI", "className"}, diag.Clash.Fault(remove, "remove className, or gateway"))
	}
	if in.Addresses != nil {
		fault([]string{"gatewayAPI", "addresses"}, diag.Clash.Fault(remove, "remove addresses, or gateway"))
	}
	own := string(in.Gateway.Name) == to.Name
	if (own || in.Gateway.Name == ObjectName) && cmp.Or(string(in.Gateway.Namespace), to.Namespace) == to.Namespace {
		fault([]string{"gatewayAPI", "gateway", "name"}, ownGateway(own))
	}
}

// ownGateway refuses to attach to a Gateway that relayform creates if the field gateway is left out: the target's own, or the relay
// server's, which accepts only the relay's name.
func ownGateway(own bool) *diag.Fault {
	if !own {
		return diag.Clash.Fault("this is the Gateway that relayform makes for the relay, which takes only the relay's name", "remove gateway, or name another")
	}
	return diag.Clash.Fault("this is the Gateway that relayform makes if gateway is not set; it would be removed", "remove gateway, or name another")
}

// addresses returns the addresses that the Gateway requests, each with its type.
func addresses(in []schema.HostAddress, fault Fault) []gatewayAddress {
	at := []string{"gatewayAPI", "addresses"}
	if len(in) > schema.MaxGatewayAddresses {
		fault(at, diag.LimitExceeded.Fault(fmt.Sprintf("%d addresses; a Gateway asks for at most %d", len(in), schema.MaxGatewayAddresses), ""))
		return nil
	}
	var all []gatewayAddress
	seen := map[schema.HostAddress]bool{}
	for i, text := range in {
		here := append(at[:len(at):len(at)], strconv.Itoa(i))
		_, err := netip.ParseAddr(string(text))
		switch {
		case seen[text]:
			fault(here, diag.Clash.Fault("this address is already listed", "remove it here"))
		case err == nil:
			all = append(all, gatewayAddress{"IPAddress", string(text)})
		case strings.Contains(string(text), ":") || strings.Trim(string(text), "0123456789.") == "":
			fault(here, diag.BadAddress.Fault(string(text)+" is not an address; want four numbers from 0 to 255, an IPv6 address or a DNS name", ""))
		default:
			all = append(all, gatewayAddress{"Hostname", string(text)})
		}
		seen[text] = true
	}
	return all
}

// GatewayStatus is the address in a Gateway's status, with its listener's port.
type GatewayStatus struct {
	Namespace, Name string
	Listener        string // empty for the one with the port
	Port            int
	Attached        bool   // an existing Gateway, not relayform's
	Field           string // topology field that names it, if attached
}

// Kind returns the kind of object that has the address.
func (GatewayStatus) Kind() manifest.Kind { return gatewayKind }

// listener describes the listener, for messages.
func (w GatewayStatus) listener() string {
	if w.Listener != "" {
		return "a listener " + w.Listener
	}
	return fmt.Sprintf("a listener on port %d", w.Port)
}

// Command prints the Gateway's first address.
func (w GatewayStatus) Command(context string) string {
	port := strconv.Itoa(w.Port)
	if w.Listener != "" {
		port = fmt.Sprintf("{.spec.listeners[?(@.name==%q)].port}", w.Listener)
	}
	return fmt.Sprintf("kubectl --context %s --namespace %s get %s %s --output jsonpath='{.status.addresses[0].value}:%s'", context, w.Namespace, gatewayKind, w.Name, port)
}

// With returns a Service of the Gateway, if the user names one.
func (w GatewayStatus) With(c Choice) (Where, error) {
	return instead(w, c, Service{Port: w.Port, PortName: cmp.Or(w.Listener, "https")})
}
