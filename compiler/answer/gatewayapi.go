package answer

const gatewayAPIGroup = "gateway.networking.k8s.io"

// gatewayOfAPI may gain listeners that leave the relay's alone, and what its controller is told of its infrastructure.
func (c *comparison) gatewayOfAPI(ours, made map[string]any) {
	c.block("spec", ours, made, "infrastructure", "listeners")
	c.among("spec.listeners", ours["listeners"], made["listeners"], func(ours, other any) bool {
		a, b := block(ours), block(other)
		if same(a["name"], b["name"]) { // an API server wants them to differ
			return true
		}
		// Another protocol cannot share a port with TLS; for TLS the more specific host goes first.
		return samePort(a["port"], b["port"]) && (text(b["protocol"]) != "TLS" && text(b["protocol"]) != "HTTPS" || same(a["hostname"], b["hostname"]))
	})
}

// tlsRouteOfAPI may gain Gateways and names of servers.
func (c *comparison) tlsRouteOfAPI(ours, made map[string]any) {
	c.block("spec", ours, made, "parentRefs", "hostnames")
	c.among("spec.parentRefs", ours["parentRefs"], made["parentRefs"], nil)
	c.among("spec.hostnames", ours["hostnames"], made["hostnames"], nil)
}

// takesHostname reports whether another TLSRoute has the name of ours in a Gateway of ours.
func takesHostname(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	return anyPair(list(a["hostnames"]), list(b["hostnames"]), same) && anyPair(list(a["parentRefs"]), list(b["parentRefs"]), func(x, y any) bool {
		return same(block(x)["name"], block(y)["name"]) && namespaceOf(x, ours) == namespaceOf(y, other)
	})
}

// namespaceOf is that of what a route refers to.
func namespaceOf(ref any, route Object) string {
	if namespace := text(block(ref)["namespace"]); namespace != "" {
		return namespace
	}
	return text(block(route["metadata"])["namespace"])
}
