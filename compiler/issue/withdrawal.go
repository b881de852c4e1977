package issue

import (
	"fmt"
	"slices"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
)

// withdraws returns the role whose request is withdrawn; empty for none.
func (o *Renewal) withdraws() pki.Role {
	if o == nil || !o.Withdraw {
		return ""
	}
	return pki.Role(o.What)
}

// withdrawal returns the Due of a withdrawn request.
func withdrawal(role pki.Role) Due {
	return Due{Role: Withdrawal, Reason: fmt.Sprintf("the %s is taken back", requestOf[role])}
}

// withdrawn returns a copy of the lockfile without the request that a renewal withdraws.
func withdrawn(p *plan.Plan, l *lockfile.File, o *Renewal) (*lockfile.File, error) {
	role := o.withdraws()
	if role == "" {
		return l, nil
	}
	if p.External == nil || l.Request(role) == nil {
		return nil, fmt.Errorf("%s: no request is waiting for its certificate, so there is nothing to withdraw", role)
	}
	next := *l
	next.Requests = slices.DeleteFunc(slices.Clone(l.Requests), func(r lockfile.Request) bool { return r.Role == role })
	return &next, nil
}
