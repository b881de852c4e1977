package issue

import (
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// AllDue asks for everything that is due.
const AllDue = "all-due"

// Renewable is what Renew takes.
var Renewable = []string{string(pki.Server), string(pki.Signing), string(product.Token), AllDue}

// Renewal is what is to be replaced.
type Renewal struct {
	What    string        // one of Renewable
	Within  time.Duration // AllDue: what is due before now plus this
	SameKey bool          // a new certificate for the key that is there
	Reseal  bool          // no certificate: what git holds encrypted, once more, with the newest sealing certificates
}

// due lists what the renewal replaces.
func (o *Renewal) due(p *plan.Plan, l *lockfile.File, now time.Time) ([]Due, error) {
	var due []Due
	var faults diag.List
	for _, role := range []pki.Role{pki.Signing, pki.Server} {
		reason, have := "its renewal was asked for", l.Newest(role)
		if have == nil {
			continue // the product has no such role
		}
		if o.What == AllDue {
			leaf := have.Chain[0]
			at := lifecycle.Due(p.Product.Role(role), leaf.NotBefore, leaf.NotAfter)
			if !at.Before(now.Add(o.Within)) {
				continue
			}
			reason = "it is due on " + pki.Day(at)
		} else if o.What != string(role) {
			continue
		}
		if (have.Source == lockfile.External) != (p.External != nil) { // under the old root, of the other kind
			faults = append(faults, p.Doc.FaultAtKey(append(p.Source(), "rotation"), diag.NotRenewable.Fault("the "+string(role)+" still stands under the root that leaves, which is no concern of this source; "+reason,
				"go on with the phase issue, which brings another; or give the rotation up first")))
			continue
		}
		if p.External != nil {
			faults = append(faults, p.Doc.FaultAtKey(append(p.Source(), string(role)), diag.NotRenewable.Fault("the "+string(role)+"'s certificate comes from an external PKI; "+reason,
				"put a new certificate and its key into these files, then run relayform compile")))
			continue
		}
		due = append(due, Due{role, reason})
	}
	if o.What == string(product.Token) {
		due = append(due, Due{product.Token, "its renewal was asked for"})
	}
	return due, faults.Err()
}
