package lifecycle

import (
	"relayform/compiler/pki"
	"relayform/compiler/plan"
)

// Step is something to do in clusters after a certificate changed.
type Step struct {
	Role     pki.Role
	Apply    []string // clusters whose overlays must be applied
	Restarts []Workload
	Note     string
}

// Steps lists what to do after roles were replaced, in order. For agents' certificates it concerns only these clusters.
func Steps(p *plan.Plan, replaced func(pki.Role) bool, agents []string) []Step {
	var steps []Step
	for _, role := range order {
		if !replaced(role) || !p.Product.Has(role) { // a role that no cluster has changes nothing
			continue
		}
		s := Step{Role: role, Restarts: restarts(p, role), Note: p.Product.Role(role).Note}
		if role == pki.Agent {
			s.Apply, s.Restarts = agents, []Workload{{Deployment: p.Product.AgentDeployment, Clusters: agents}}
			steps = append(steps, s)
			continue
		}
		known := map[string]bool{}
		for _, place := range places(p, role) {
			for _, cluster := range place.Clusters {
				if !known[cluster] {
					known[cluster], s.Apply = true, append(s.Apply, cluster)
				}
			}
		}
		steps = append(steps, s)
	}
	return steps
}
