package answer

import "strings"

// httpProxy may gain what says which of the relay's pods are healthy, and how they share connections.
func (c *comparison) httpProxy(ours, made map[string]any) {
	c.block("spec", ours, made, "tcpproxy")
	c.block("spec.tcpproxy", block(ours["tcpproxy"]), block(made["tcpproxy"]), "healthCheckPolicy", "loadBalancerPolicy")
}

// takesFQDN reports whether another HTTPProxy of the class has the name of ours: Contour then serves neither.
func takesFQDN(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	class, otherClass := text(a["ingressClassName"]), text(b["ingressClassName"])
	if class != "" && otherClass != "" && class != otherClass {
		return false
	}
	return strings.EqualFold(text(block(a["virtualhost"])["fqdn"]), text(block(b["virtualhost"])["fqdn"]))
}
