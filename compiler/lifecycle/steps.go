package lifecycle

import (
	"slices"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
)

// Step is what is to be done in clusters after a certificate changed.
type Step struct {
	Role     pki.Role
	Apply    []string // clusters whose overlays are to be applied
	Restarts []Workload
	Note     string
}

// Steps lists what is to be done after roles were replaced, in order.
func Steps(p *plan.Plan, replaced func(pki.Role) bool) []Step {
	var steps []Step
	for _, role := range order {
		if !replaced(role) {
			continue
		}
		s := Step{Role: role, Restarts: restarts(p, role), Note: p.Product.Role(role).Note}
		for _, place := range places(p, role) {
			for _, cluster := range place.Clusters {
				if !slices.Contains(s.Apply, cluster) {
					s.Apply = append(s.Apply, cluster)
				}
			}
		}
		steps = append(steps, s)
	}
	return steps
}
