package answer

// added are the fields of a Service that change nothing of what relayform emits.
var added = []string{
	"allocateLoadBalancerNodePorts", "externalIPs", "externalTrafficPolicy", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
	"publishNotReadyAddresses", "sessionAffinity", "sessionAffinityConfig", "trafficDistribution",
}

// service may gain ports of its own, and what says how packets travel.
func (c *comparison) service(ours, made map[string]any) {
	c.block("spec", ours, made, append([]string{"ports"}, added...)...)
	c.among("spec.ports", ours["ports"], made["ports"], func(ours, other any) bool {
		a, b := block(ours), block(other)
		for _, field := range []string{"name", "port", "nodePort"} { // an API server wants them to differ
			if b[field] != nil && same(a[field], b[field]) {
				return true
			}
		}
		return false
	})
}
