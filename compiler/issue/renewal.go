package issue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// AllDue selects everything that is due.
const AllDue = "all-due"

// AllAgents selects agents' certificates that relayform issues; for those provided by an external PKI, Renew says what to do.
const AllAgents = "agents"

// Renewable lists the arguments of Renew.
var Renewable = []string{string(pki.Server), string(pki.Signing), string(pki.Telemetry), AllAgents, string(product.Token), AllDue}

// Renewal is what is to be replaced.
type Renewal struct {
	What    string        // one of Renewable
	Agents  []string      // with AllAgents: these clusters, due or not; empty for all that are due
	Within  time.Duration // with AllDue, and AllAgents without clusters: what is due before now plus this
	SameKey bool          // a new certificate for the existing key
	// Withdraw withdraws the pending request for a certificate of the role.
	Withdraw bool
	Reseal   bool // renew no certificate, but encrypt everything in git again, with the latest sealing certificates
}

// due lists what the renewal replaces.
func (o *Renewal) due(p *plan.Plan, l *lockfile.File, now time.Time) ([]Due, error) {
	var due []Due
	var faults diag.List
	if r := p.Product.Role(pki.Role(o.What)); r.Issued || o.What == AllAgents && p.Product.Role(pki.Agent).Issued {
		return nil, fmt.Errorf("%s: cert-manager issues and renews this in the clusters; to renew it now: cmctl renew --context CONTEXT --namespace %s %s", o.What, p.Namespace, cmp.Or(r.Secret, p.Product.Client()))
	}
	if o.What == string(pki.Telemetry) && !p.Product.Has(pki.Telemetry) {
		return nil, errors.New("telemetry: this mesh has no telemetry gateway; management.telemetry asks for one")
	}
	for _, role := range []pki.Role{pki.Signing, pki.Server, pki.Telemetry} {
		reason, have := "its renewal was asked for", l.Newest(role)
		if have == nil || !p.Product.Knows(role) {
			continue
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
		if (have.Source == lockfile.External) != (p.External != nil) { // under the old root, from the other kind of PKI
			faults = append(faults, p.Doc.FaultAtKey(append(p.Source(), "rotation"), diag.NotRenewable.Fault("the "+string(role)+" still chains to the root that leaves, which this source does not issue from; "+reason,
				"continue with the phase issue, which brings another; or cancel the rotation first")))
			continue
		}
		if p.External != nil {
			asked, fault := o.request(p, l, role, reason)
			due, faults = append(due, asked...), append(faults, fault...)
			continue
		}
		due = append(due, Due{Role: role, Reason: reason})
	}
	if o.What == string(pki.Signing) && p.BringsAgents() {
		return nil, errors.New("signing: this mesh has none, as its agents get their certificates from their overlays")
	}
	if o.What == string(product.Token) {
		if !p.Product.Has(product.Token) {
			return nil, errors.New("token: this mesh has none, as its agents get their certificates from their overlays")
		}
		due = append(due, Due{Role: product.Token, Reason: "its renewal was asked for"})
	}
	agents, err := o.agents(p, l, now, IsDue(due, pki.Signing) && l.Phase() != lockfile.Issue)
	if err != nil {
		return nil, err
	}
	if !p.IssuesAgents() {
		for _, d := range agents {
			faults = append(faults, p.Doc.FaultAtKey(append(p.Source(), "clients"), diag.NotRenewable.Fault("the certificate of "+d.What()+" comes from an external PKI; "+d.Reason,
				"put a new certificate and its key into its file, then run relayform compile")))
		}
		agents = nil
	}
	return append(due, agents...), faults.Err()
}

// request lists the request for the next certificate of an external PKI. A pending request is not replaced: the PKI may have it already.
func (o *Renewal) request(p *plan.Plan, l *lockfile.File, role pki.Role, reason string) ([]Due, diag.List) {
	at, waits := append(p.Source(), string(role)), l.Request(role)
	switch {
	case l.Phase() == lockfile.Distribute:
		return nil, diag.List{p.Doc.FaultAtKey(at, diag.NotRenewable.Fault("the "+string(role)+"'s certificate in force is the old PKI's, and these files are the new one's; "+reason,
			"continue with the phase issue, which brings another; or cancel the rotation first"))}
	case waits != nil && o.What == AllDue:
		return nil, nil
	case waits != nil:
		return nil, diag.List{p.Doc.FaultAtKey(at, diag.NotRenewable.Fault("a request for the "+string(role)+"'s next certificate waits already, for the key "+waits.SPKI,
			"have the PKI sign "+plan.RequestFile(role)+" of the build folder; or take the request back first: relayform renew "+string(role)+" --withdraw"))}
	}
	return []Due{{Role: requestOf[role], Reason: reason}}, nil
}

// agents lists the agents' certificates that the renewal replaces: all of them if their signing CA is replaced.
func (o *Renewal) agents(p *plan.Plan, l *lockfile.File, now time.Time, another bool) ([]Due, error) {
	if !p.GivesAgents() {
		if o.What == AllAgents {
			return nil, errors.New("agents: the relay server signs their certificates in this mesh, and renews them by itself")
		}
		return nil, nil
	}
	if err := p.Known(o.Agents...); err != nil {
		return nil, err
	}
	for _, name := range o.Agents {
		if !p.Cluster(name).Agent {
			return nil, fmt.Errorf("%s: it runs no agent", name)
		}
	}
	asked, due := Due{Role: pki.Agent, Reason: "its renewal was asked for"}, map[string]*Due{}
	var days []string // days on which some are due, by cluster
	for _, a := range l.AgentsInForce() {
		leaf := a.Chain[0]
		at := lifecycle.Due(p.Product.Role(pki.Agent), leaf.NotBefore, leaf.NotAfter)
		switch {
		case another:
			asked.Reason = "its issuer, the signing CA, is new"
			asked.Clusters = append(asked.Clusters, a.Cluster)
		case o.What == AllAgents && len(o.Agents) > 0:
			if slices.Contains(o.Agents, a.Cluster) {
				asked.Clusters = append(asked.Clusters, a.Cluster)
			}
		case (o.What == AllAgents || o.What == AllDue) && at.Before(now.Add(o.Within)):
			day := pki.Day(at)
			if due[day] == nil {
				due[day], days = &Due{Role: pki.Agent, Reason: "it is due on " + day}, append(days, day)
			}
			due[day].Clusters = append(due[day].Clusters, a.Cluster)
		}
	}
	var all []Due
	if len(asked.Clusters) > 0 {
		all = append(all, asked)
	}
	for _, day := range days {
		all = append(all, *due[day])
	}
	return all, nil
}
