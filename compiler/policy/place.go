package policy

import (
	"slices"

	"relayform/compiler/plan"
	"relayform/schema"
)

// topologyField returns the topology's field for one of the input: where it is, or would be written.
func topologyField(p *plan.Plan, path []string) []string {
	if path[0] == "topology" {
		return path[1:]
	}
	if len(path) == 1 {
		return nil
	}
	source := p.Source()
	within := func(at []string, rest ...string) []string { return slices.Concat(at, rest) }
	rest := path[2:]
	switch path[1] {
	case "authority", "dnsNames":
		return []string{"management", "authority"}
	case "relayAddress":
		return []string{"management", "relayAddress"}
	case "management":
		return []string{"management", "name"}
	case "pki":
		return source
	case "keyAlgorithm", "agents":
		return within(source, path[1])
	case "validity":
		return within(source, path[1:min(len(path), 3)]...)
	case "rotation":
		return within(source, "rotation", "phase")
	case "store":
		if s := p.Topology.Secrets; s != nil {
			return []string{"secrets", schema.Chosen(*s)}
		}
		return []string{"secrets"}
	case "encrypted":
		return []string{"keys", "encryptTo"}
	case "engine":
		if d := p.Topology.Deliver; d != nil {
			return []string{"deliver", schema.Chosen(*d)}
		}
		return []string{"deliver"}
	case "mode":
		if d := p.Topology.Deliver; d != nil {
			return []string{"deliver", schema.Chosen(*d), "mode"}
		}
		return []string{"deliver"}
	case "ingress":
		return []string{"management", "ingress", p.Ingress.Name}
	case "charts":
		return []string{"charts", "version"}
	case "clusters":
		if len(rest) == 0 {
			return []string{"remotes"}
		}
		return ofCluster(p, rest[0], rest[1:])
	case "clusterList":
		return []string{"remotes"}
	}
	return path[1:2]
}

// ofCluster returns the topology's field for one of a cluster.
func ofCluster(p *plan.Plan, name string, rest []string) []string {
	at := p.Place(plan.Cluster{Name: name})
	if len(rest) == 0 || rest[0] == "role" {
		return at
	}
	if rest[0] == "name" {
		if name == p.Management.Name {
			return slices.Concat(at, rest)
		}
		return at
	}
	return slices.Concat(at, rest)
}
