package answer

// added are the fields of a Service that do not affect what relayform emits.
var added = []string{
	"allocateLoadBalancerNodePorts", "externalIPs", "externalTrafficPolicy", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
	"publishNotReadyAddresses", "sessionAffinity", "sessionAffinityConfig", "trafficDistribution",
}

// service permits additional ports, and settings for traffic distribution.
func (c *comparison) service(ours, made map[string]any) {
	c.block("spec", ours, made, append([]string{"ports"}, added...)...)
	c.among("spec.ports", ours["ports"], made["ports"], func(ours, other any) bool {
		a, b := block(ours), block(other)
		for _, field := range []string{"name", "port", "nodePort"} { // an API server requires unique values
			if b[field] != nil && same(a[field], b[field]) {
				return true
			}
		}
		return false
	})
}
