package answer

// glooGateway permits options, the PROXY protocol of a load balancer in front, and additional hosts.
func (c *comparison) glooGateway(ours, made map[string]any) {
	c.block("spec", ours, made, "options", "tcpGateway", "useProxyProto")
	a, b := block(ours["tcpGateway"]), block(made["tcpGateway"])
	c.block("spec.tcpGateway", a, b, "options", "tcpHosts")
	c.among("spec.tcpGateway.tcpHosts", a["tcpHosts"], b["tcpHosts"], func(ours, other any) bool {
		names := list(block(block(other)["sslConfig"])["sniDomains"])
		return same(block(ours)["name"], block(other)["name"]) || len(names) == 0 || anyPair(list(block(block(ours)["sslConfig"])["sniDomains"]), names, sameHost)
	})
}

// takesBindPort reports whether another Gateway has our port in one of its proxies: Gloo refuses both.
func takesBindPort(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	proxies := list(b["proxyNames"])
	if len(proxies) == 0 {
		proxies = []any{"gateway-proxy"}
	}
	return samePort(a["bindPort"], b["bindPort"]) && anyPair(list(a["proxyNames"]), proxies, same)
}
