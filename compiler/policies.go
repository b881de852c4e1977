package compiler

import (
	"path/filepath"

	"relayform/compiler/plan"
	"relayform/compiler/policy"
)

// judge checks a plan against the topology's policies, and others.
func (c *compile) judge(p *plan.Plan, more []policy.File) error {
	files := make([]policy.File, 0, len(p.Policies)+len(more))
	for _, own := range p.Policies {
		files = append(files, policy.File{Name: filepath.Join(c.project.Dir(), filepath.FromSlash(own.Path)), Text: own.Text})
	}
	return policy.Check(p, append(files, more...), c.env.Judge)
}
