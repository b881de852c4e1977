package answer

import "strings"

// routeTCP permits entry points, an ingress class, and additional routes.
func (c *comparison) routeTCP(ours, made map[string]any) {
	c.block("spec", ours, made, "entryPoints", "ingressClassName", "routes")
	c.among("spec.entryPoints", ours["entryPoints"], made["entryPoints"], nil)
	c.among("spec.routes", ours["routes"], made["routes"], takesMatch)
}

// takesRouteTCP reports whether another IngressRouteTCP takes our traffic. One without entry points has all.
func takesRouteTCP(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	points := list(b["entryPoints"])
	return (len(points) == 0 || anyPair(list(a["entryPoints"]), points, same)) && anyPair(list(a["routes"]), list(b["routes"]), takesMatch)
}

// takesMatch reports whether a route's rule may match our name: it contains the name, or it has a priority with which a wildcard rule takes
// precedence.
func takesMatch(ours, other any) bool {
	rule := strings.ToLower(text(block(other)["match"]))
	for i, name := range strings.Split(strings.ToLower(text(block(ours)["match"])), "`") {
		if i%2 == 1 && (strings.Contains(rule, "`"+name+"`") || strings.Contains(rule, `"`+name+`"`)) { // text between quotes
			return true
		}
	}
	return block(other)["priority"] != nil && (strings.Contains(rule, "hostsni(`*`)") || strings.Contains(rule, `hostsni("*")`) || strings.Contains(rule, "hostsniregexp(") || !strings.Contains(rule, "hostsni"))
}
