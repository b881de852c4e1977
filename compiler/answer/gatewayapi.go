package answer

const gatewayAPIGroup = "gateway.networking.k8s.io"

// gatewayOfAPI permits listeners that do not affect the relay's, and infrastructure settings for its controller.
func (c *comparison) gatewayOfAPI(ours, made map[string]any) {
	c.block("spec", ours, made, "infrastructure", "listeners")
	c.among("spec.listeners", ours["listeners"], made["listeners"], func(ours, other any) bool {
		a, b := block(ours), block(other)
		if same(a["name"], b["name"]) { // an API server requires unique names
			return true
		}
		// Another protocol cannot share a port with TLS; for TLS, the more specific host takes precedence.
		return samePort(a["port"], b["port"]) && (text(b["protocol"]) != "TLS" && text(b["protocol"]) != "HTTPS" || same(a["hostname"], b["hostname"]))
	})
}

// tlsRouteOfAPI permits additional Gateways and host names.
func (c *comparison) tlsRouteOfAPI(ours, made map[string]any) {
	c.block("spec", ours, made, "parentRefs", "hostnames")
	c.among("spec.parentRefs", ours["parentRefs"], made["parentRefs"], nil)
	c.among("spec.hostnames", ours["hostnames"], made["hostnames"], nil)
}

// takesHostname reports whether another TLSRoute has our name in one of our Gateways.
func takesHostname(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	return anyPair(list(a["hostnames"]), list(b["hostnames"]), same) && anyPair(list(a["parentRefs"]), list(b["parentRefs"]), func(x, y any) bool {
		return same(block(x)["name"], block(y)["name"]) && namespaceOf(x, ours) == namespaceOf(y, other)
	})
}

// namespaceOf returns the namespace of a route's reference.
func namespaceOf(ref any, route Object) string {
	if namespace := text(block(ref)["namespace"]); namespace != "" {
		return namespace
	}
	return text(block(route["metadata"])["namespace"])
}
