package answer

import (
	"fmt"
	"slices"
	"strings"
)

const istioGroup = "networking.istio.io"

// gateway permits servers that do not take the relay's host and port.
func (c *comparison) gateway(ours, made map[string]any) {
	c.block("spec", ours, made, "servers")
	c.among("spec.servers", ours["servers"], made["servers"], func(ours, other any) bool {
		// Istio requires unique names of a Gateway's ports.
		return same(block(block(ours)["port"])["name"], block(block(other)["port"])["name"]) || takesServer(ours, other)
	})
}

// virtualService permits hosts, gateways and routes in addition to the relay's.
func (c *comparison) virtualService(ours, made map[string]any) {
	c.block("spec", ours, made, "hosts", "gateways", "http", "tls")
	c.among("spec.hosts", ours["hosts"], made["hosts"], nil)
	c.among("spec.gateways", ours["gateways"], made["gateways"], nil)
	c.among("spec.tls", ours["tls"], made["tls"], takesRoute)
}

// takesGateway reports whether another Gateway takes our traffic.
func takesGateway(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	return mayMeet(block(a["selector"]), block(b["selector"])) && anyPair(list(a["servers"]), list(b["servers"]), takesServer)
}

// takesVirtualService reports whether another VirtualService takes our traffic.
func takesVirtualService(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	namespace := text(block(other["metadata"])["namespace"])
	shared := anyPair(list(a["gateways"]), list(b["gateways"]), func(ours, other any) bool {
		return text(other) == text(ours) || namespace+"/"+text(other) == text(ours)
	})
	return shared && anyPair(list(a["tls"]), list(b["tls"]), takesRoute)
}

// mayMeet reports whether a pod can match both selectors.
func mayMeet(a, b map[string]any) bool {
	for key, v := range a {
		if other, ok := b[key]; ok && !same(v, other) {
			return false
		}
	}
	return true
}

// takesServer reports whether a Gateway's server takes our traffic: the same port without TLS, or with TLS for the same host.
func takesServer(ours, other any) bool {
	a, b := block(ours), block(other)
	port := block(b["port"])
	if !samePort(block(a["port"])["number"], port["number"]) {
		return false
	}
	protocol := strings.ToUpper(text(port["protocol"]))
	return protocol != "HTTPS" && protocol != "TLS" || anyPair(list(a["hosts"]), list(b["hosts"]), sameHost)
}

// takesRoute reports whether a TLS route takes our traffic. A field that is not set matches everything.
func takesRoute(ours, other any) bool {
	want, have := list(block(ours)["match"]), list(block(other)["match"])
	if len(have) == 0 {
		return true
	}
	return anyPair(want, have, func(ours, other any) bool {
		a, b := block(ours), block(other)
		if b["port"] != nil && !samePort(a["port"], b["port"]) {
			return false
		}
		return len(list(b["sniHosts"])) == 0 || anyPair(list(a["sniHosts"]), list(b["sniHosts"]), sameHost)
	})
}

func samePort(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// sameHost reports whether some name matches both hosts: either may be *, *.example.com, or have a namespace prefix.
func sameHost(a, b any) bool {
	x, y := host(a), host(b)
	return x == y || stands(x, y) || stands(y, x)
}

func host(v any) string {
	h := strings.ToLower(text(v))
	return h[strings.LastIndex(h, "/")+1:]
}

// stands reports whether a wildcard matches a host.
func stands(wildcard, host string) bool {
	suffix, ok := strings.CutPrefix(wildcard, "*")
	return ok && strings.HasSuffix(host, suffix)
}

func anyPair(a, b []any, match func(a, b any) bool) bool {
	return slices.ContainsFunc(a, func(x any) bool {
		return slices.ContainsFunc(b, func(y any) bool { return match(x, y) })
	})
}
