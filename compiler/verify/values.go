package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/helm"
)

// places reports things that are not where the relay looks: Secrets, registrations, and what Helm values refer to.
func (j *judge) places() {
	if len(j.m.Unaddressed) > 0 {
		j.add(NoRelayAddress.Fault("its agent has no address to dial", "find it once the ingress has an address, set management.relayAddress, and compile again"), Warning, j.m.Unaddressed, "values", "")
	}
	if len(j.m.Unsent) > 0 {
		j.add(NoTelemetryAddress.Fault("its collector has no telemetry gateway to send to", "find it once its ingress has an address, set management.telemetry.address, and compile again"), Warning, j.m.Unsent, "values", "")
	}
	for _, g := range j.groups {
		for _, s := range g.Secrets {
			if s.Namespace != "" {
				j.find(g, NamespaceDiffers, Warning, s.Name, &s, "it is in the namespace "+s.Namespace+", and the relay server's Secrets are not", "move it to theirs, or check that the pod that reads it runs in "+s.Namespace)
			}
		}
	}
	for i := range j.m.Clusters {
		c := &j.m.Clusters[i]
		if j.m.Registered != nil && c.Agent && !c.Management && !slices.Contains(j.m.Registered, c.Name) {
			j.add(Unregistered.Fault("there are KubernetesCluster objects, but none is named "+c.Name, "apply one of that name on the management cluster"), Error, []string{c.Name}, "KubernetesCluster", "")
		}
		for _, v := range c.Values {
			j.values(c, v)
		}
	}
}

// reference is a Secret to which values refer.
type reference struct{ path, is string }

// values compares a cluster's Helm values with its Secrets.
func (j *judge) values(c *Cluster, v Values) {
	say := func(severity Severity, path, message, hint string) {
		j.add(ValuesDiffer.Fault(message, hint), severity, []string{c.Name}, "values "+path, v.At)
	}
	n, server, agent := j.m.Names, j.m.Product.Server, j.m.Product.Agent
	var blocks []reference
	if c.Management {
		blocks = append(blocks, reference{server.ServerSecret, n.Server}, reference{server.SigningSecret, n.Signing}, reference{server.TokenSecret, n.Token})
	}
	if c.Agent {
		blocks = append(blocks, reference{agent.RootSecret, n.Root}, reference{agent.ClientSecret, n.Client}, reference{agent.TokenSecret, n.Token})
	}
	for _, b := range blocks {
		block, _ := v.Value(b.path).(map[string]any)
		if b.path == "" || b.is == "" || block == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(block)) {
			for _, known := range []string{"name", "namespace", "key"} {
				if key != known && strings.EqualFold(key, known) {
					say(Warning, b.path+"."+key, "Helm ignores this key; want "+known, "")
				}
			}
		}
		if name, _ := block["name"].(string); name != "" && name != b.is {
			say(Error, b.path+".name", fmt.Sprintf("names the Secret %s; the one here is %s", name, b.is), "")
		}
		if key, _ := block["key"].(string); key != "" && key != n.Keys.Token {
			say(Error, b.path+".key", fmt.Sprintf("names the key %s; the Secret's is %s", key, n.Keys.Token), "")
		}
	}
	if c.Agent {
		j.agentValues(c, v, say)
	}
	told, known := map[string]bool{}, helm.PathsOf(j.m.Product)
	for _, path := range paths(v.Tree) {
		ignored, ok := known.Ignored(path)
		if of := strings.Join(ignored.Of, " "); !ok || told[of] || strings.EqualFold(path, ignored.Want) { // misspelled case is reported above
			continue
		} else if of != "" {
			told[of] = true // values of a different generation are many
		}
		hint := "remove it, or name the product with --product"
		if ignored.Want != "" {
			hint = "write " + ignored.Want + "; or name the product with --product"
		}
		j.add(ValueIgnored.Fault(ignored.Message(j.m.Product), hint), Warning, []string{c.Name}, "values "+path, v.At)
	}
}

func (j *judge) agentValues(c *Cluster, v Values, say func(severity Severity, path, message, hint string)) {
	agent := j.m.Product.Agent
	if name, _ := v.Value(agent.Cluster).(string); name != "" && name != c.Name {
		say(Warning, agent.Cluster, fmt.Sprintf("the agent calls itself %s, but this cluster is named %s here", name, c.Name), "name the cluster with --from "+name+"=PATH, or set the value to its name")
	}
	authority, _ := v.Value(agent.Authority).(string)
	p := j.management.server
	if authority != "" && p != nil && p.whole && p.certs[0].VerifyHostname(authority) != nil {
		say(Error, agent.Authority, fmt.Sprintf("the agent verifies the server by %s, but the server's certificate has the names %s", authority, cmp.Or(list(p.certs[0].DNSNames), "none")), "")
	}
	t, p := j.m.Product.Telemetry, j.management.telemetry
	if t == nil || p == nil || !p.whole {
		return
	}
	if name, _ := v.Value(t.Agent.ServerName).(string); name != "" && p.certs[0].VerifyHostname(name) != nil {
		say(Error, t.Agent.ServerName, fmt.Sprintf("the collector verifies the telemetry gateway by %s, but the gateway's certificate has the names %s", name, cmp.Or(list(p.certs[0].DNSNames), "none")), "")
	}
}

// Value returns the value at a path, keys joined with periods, or nil. Keys may contain periods themselves.
func (v Values) Value(path string) any {
	value, _ := valueAt(v.Tree, path)
	return value
}

// valueAt returns the value at a path, and whether it exists: it may be null.
func valueAt(tree map[string]any, path string) (any, bool) {
	if value, ok := tree[path]; ok {
		return value, true
	}
	for i, r := range path {
		if r != '.' {
			continue
		}
		if below, ok := tree[path[:i]].(map[string]any); ok {
			if value, ok := valueAt(below, path[i+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}
