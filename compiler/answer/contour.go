package answer

import "strings"

// httpProxy permits health checks and load balancing policies for the relay's pods.
func (c *comparison) httpProxy(ours, made map[string]any) {
	c.block("spec", ours, made, "tcpproxy")
	c.block("spec.tcpproxy", block(ours["tcpproxy"]), block(made["tcpproxy"]), "healthCheckPolicy", "loadBalancerPolicy")
}

// takesFQDN reports whether another HTTPProxy of the class has our name: Contour then serves neither.
func takesFQDN(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	class, otherClass := text(a["ingressClassName"]), text(b["ingressClassName"])
	if class != "" && otherClass != "" && class != otherClass {
		return false
	}
	return strings.EqualFold(text(block(a["virtualhost"])["fqdn"]), text(block(b["virtualhost"])["fqdn"]))
}
