package answer

import "strings"

// routeTCP may gain entry points, the class of the Traefik that reads it, and routes beside the relay's.
func (c *comparison) routeTCP(ours, made map[string]any) {
	c.block("spec", ours, made, "entryPoints", "ingressClassName", "routes")
	c.among("spec.entryPoints", ours["entryPoints"], made["entryPoints"], nil)
	c.among("spec.routes", ours["routes"], made["routes"], takesMatch)
}

// takesRouteTCP reports whether another IngressRouteTCP takes what arrives for ours. One without entry points
// has all.
func takesRouteTCP(other, ours Object) bool {
	a, b := block(ours["spec"]), block(other["spec"])
	points := list(b["entryPoints"])
	return (len(points) == 0 || anyPair(list(a["entryPoints"]), points, same)) && anyPair(list(a["routes"]), list(b["routes"]), takesMatch)
}

// takesMatch reports whether a route's rule may match the name in ours: it has the name, or a priority, with which a
// rule for many names goes first.
func takesMatch(ours, other any) bool {
	rule := strings.ToLower(text(block(other)["match"]))
	for i, name := range strings.Split(strings.ToLower(text(block(ours)["match"])), "`") {
		if i%2 == 1 && (strings.Contains(rule, "`"+name+"`") || strings.Contains(rule, `"`+name+`"`)) { // what stands between two quotes
			return true
		}
	}
	return block(other)["priority"] != nil && (strings.Contains(rule, "hostsni(`*`)") || strings.Contains(rule, `hostsni("*")`) || strings.Contains(rule, "hostsniregexp(") || !strings.Contains(rule, "hostsni"))
}
