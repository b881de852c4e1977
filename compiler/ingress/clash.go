package ingress

import (
	"fmt"
	"slices"
	"strconv"

	"relayform/schema"
	"relayform/schema/diag"
)

// Clash finds a conflict between the ingress of the telemetry gateway and the relay server's. The path is relative to the former's block.
// Ingress forms that route by SNI can share a port.
func Clash(relay, telemetry schema.Ingress) (path []string, fault *diag.Fault) {
	const another = "choose another"
	if a, b := relay.NodePort, telemetry.NodePort; a != nil && b != nil && a.NodePort != 0 && a.NodePort == b.NodePort {
		return []string{"nodePort", "nodePort"}, diag.Clash.Fault(fmt.Sprintf("management.ingress already has the node port %d", a.NodePort), another)
	}
	if a, b := relay.GlooEdge, telemetry.GlooEdge; a != nil && b != nil && a.Port == b.Port {
		for _, proxy := range glooProxies(*b) {
			if slices.Contains(glooProxies(*a), proxy) {
				return []string{"glooEdge", "port"}, diag.Clash.Fault(fmt.Sprintf("management.ingress already has port %d of the proxy %s, and Gloo Edge makes one listener of each port", a.Port, proxy), another)
			}
		}
	}
	if a, b := relay.GatewayAPI, telemetry.GatewayAPI; a != nil && b != nil && a.Port == b.Port {
		for i, address := range b.Addresses {
			if slices.Contains(a.Addresses, address) {
				return []string{"gatewayAPI", "addresses", strconv.Itoa(i)}, diag.Clash.Fault(fmt.Sprintf("the Gateway of management.ingress already asks for %s and port %d", address, a.Port),
					"choose another port or address; or attach both to one Gateway, with gateway")
			}
		}
	}
	return nil, nil
}

// glooProxies returns the names of the proxies that listen.
func glooProxies(in schema.GlooEdge) []string {
	if in.ProxyNames == nil {
		return []string{"gateway-proxy"}
	}
	names := make([]string, len(in.ProxyNames))
	for i, name := range in.ProxyNames {
		names[i] = string(name)
	}
	return names
}
