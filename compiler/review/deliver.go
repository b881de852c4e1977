package review

import (
	"fmt"

	"relayform/compiler/plan"
)

// delivererOf says which engine applies what is committed, and from where; empty without one.
func delivererOf(p *plan.Plan) string {
	d := p.Deliver
	if d == nil {
		return ""
	}
	from, charts := "", "with its charts"
	if d.Flux != nil {
		s := d.Flux.Source
		from = fmt.Sprintf("%s %s/%s", s.Kind, s.Namespace, s.Name)
		if p.Sops != nil {
			from += ", decrypting with " + d.Decrypts()
		}
	} else {
		a := d.ArgoCD
		from = fmt.Sprintf("%s at %s, project %s, in %s", a.Repository, a.Revision, a.Project, a.Namespace)
	}
	if !d.Charts {
		charts = "without charts"
	}
	return fmt.Sprintf("%s, %s mode, from %s of %s, %s", d.Engine(), d.Mode(), d.Path, from, charts)
}

// byEngine says why nobody has to apply the changes, if an engine does.
func byEngine(p *plan.Plan) string {
	if p.Deliver == nil {
		return ""
	}
	return p.Deliver.Engine() + " does, once it is merged"
}

// with joins one or two reasons.
func with(why, more string) string {
	if more == "" {
		return why
	}
	return why + "; " + more
}
