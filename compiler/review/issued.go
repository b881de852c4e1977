package review

import (
	"fmt"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// issued checks a change by the roots only, if issuers in the clusters create the certificates: git does not contain those. It reports
// whether that is so.
func (c *comparison) issued(sides map[moment]side, at time.Time) bool {
	if len(c.after.Plan.Product.Issued()) == 0 {
		return false
	}
	agents := names(c.kept())
	if c.swapped(sides) {
		c.find(RootReplaced, verify.Error, agents,
			"the roots are replaced in one step: each cluster that is applied refuses what issuers made under the old roots, until cert-manager has issued everything again",
			"rotate the root instead: rotation: {phase: distribute}; or, if an outage is acceptable, apply every cluster at once and have everything issued again")
		return true
	}
	c.agentsRefused(agents, func(func(Handshake) bool) *Handshake { return nil }, at.UTC().Truncate(time.Second))
	return true
}

// asks adds the changes of a cluster's cert-manager Certificates.
func (c *comparison) asks(cluster plan.Cluster, change *ClusterChange) {
	before := len(change.Changes)
	for _, r := range c.after.Plan.Product.Roles {
		if !r.Issued || r.Own && !cluster.Agent || !r.Own && cluster.Name != c.after.Plan.Management.Name {
			continue
		}
		change.Changes.differs("cert-manager's "+r.Secret+":", ask(c.before.Plan, r, cluster.Name), ask(c.after.Plan, r, cluster.Name))
	}
	change.Apply = change.Apply || len(change.Changes) > before
}

// ask describes a cert-manager Certificate; empty if there is none.
func ask(p *plan.Plan, r product.Role, cluster string) string {
	if p == nil || !p.Product.Role(r.Role).Issued {
		return ""
	}
	from, lasts, key := p.CertManager.Issuer(r.Role, cluster), p.CertManager.LastsOf(r.Role), pki.RSA2048
	if p.CertManager.ECDSA {
		key = pki.ECDSAP256
	}
	return fmt.Sprintf("%s %s of %s, %s for %s, renewed %s before", from.Kind, from.Name, from.Group, key, plan.Hours(lasts.Duration), plan.Hours(lasts.RenewBefore))
}
