package lifecycle

import (
	"fmt"
	"strings"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Issued is a certificate that cert-manager issues in each of some clusters.
type Issued struct {
	Role        string     `json:"role" jsonschema:"What it is for."`
	Duration    string     `json:"duration" jsonschema:"The requested duration, in hours."`
	RenewBefore string     `json:"renewBefore" jsonschema:"How long before its end cert-manager issues it again, in hours."`
	Places      []Place    `json:"places" jsonschema:"The Secrets that hold it."`
	Restarts    []Workload `json:"restarts" jsonschema:"What to restart after it is issued again."`
}

// issued adds what cert-manager issues.
func (r *Report) issued(p *plan.Plan) {
	for _, role := range p.Product.Roles {
		if !role.Issued {
			continue
		}
		lasts := p.CertManager.LastsOf(role.Role)
		r.Issued = append(r.Issued, Issued{
			Role: string(role.Role), Duration: plan.Hours(lasts.Duration), RenewBefore: plan.Hours(lasts.RenewBefore),
			Places: places(p, role.Role), Restarts: restarts(p, role.Role),
		})
	}
}

// writeIssued says where the certificates from cert-manager are, what renews them, and what must restart then.
func (r *Report) writeIssued(b *strings.Builder, s diag.Screen) {
	for _, i := range r.Issued {
		fmt.Fprintf(b, "\n%s: cert-manager issues it, for %s\n", s.Bold(i.Role), i.Duration)
		details(b, i.Places, "cert-manager, "+i.RenewBefore+" before its end", i.Restarts)
	}
	r.issuedElsewhere(b, s)
}

// issuedElsewhere says what is unknown here.
func (r *Report) issuedElsewhere(b *strings.Builder, s diag.Screen) {
	if len(r.Issued) == 0 {
		return
	}
	var roles []string
	for _, i := range r.Issued {
		roles = append(roles, i.Role)
	}
	b.WriteByte('\n')
	s.Fill(b, "", 0, strings.Join(roles, ", ")+": cert-manager issues these in the clusters; relayform verify --live reads them there.")
}
