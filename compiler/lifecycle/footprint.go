// Package lifecycle says of each certificate when it is due, where it lives, what renews it and what to restart
// then. Reports, the runbook and the summary of a compile take it from here.
package lifecycle

import (
	"slices"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// order is the roles in the order in which what changes of them is told, issuers first.
var order = append(slices.Clone(pki.Roles), pki.Agent, product.Token)

// Due is when a certificate of a role ought to be renewed: before the certificates below it would be cut short.
// Of a life too short for that, a third is kept.
func Due(r product.Role, notBefore, notAfter time.Time) time.Time {
	life := notAfter.Sub(notBefore)
	if life < 2*r.Early {
		return notAfter.Add(-life / 3)
	}
	return notAfter.Add(-r.Early)
}

// places are the Secrets that hold what a role has, with their clusters: a root stands in its own, and beside
// each certificate under it.
func places(p *plan.Plan, role pki.Role) []Place {
	var places []Place
	at := func(r product.Role, key string) {
		place := Place{Secret: r.Secret, Key: key, Clusters: []string{p.Management.Name}, Everywhere: r.Agents}
		switch {
		case r.Own:
			place.Clusters = names(p.Agents())
		case r.Agents:
			place.Clusters = p.Clusters()
		}
		places = append(places, place)
	}
	keys := p.Product.Keys
	for _, r := range p.Product.Roles {
		switch {
		case role == pki.Root && r.Issued: // its ca.crt is the issuer's
		case role == pki.Root && r.Role != product.Token:
			at(r, keys.CA)
		case r.Role != role:
		case role == product.Token:
			at(r, keys.Token)
		default:
			at(r, keys.Cert)
		}
	}
	return places
}

// Reader is a Deployment that reads Secrets at start alone, and their names.
type Reader struct {
	Deployment string
	Secrets    []string
}

// Readers are a cluster's Deployments that read Secrets at start, the relay server first: what has to be restarted where
// one of the Secrets changes.
func Readers(p *plan.Plan, cluster string) []Reader {
	server, agent := Reader{Deployment: p.Product.Service}, Reader{Deployment: p.Product.AgentDeployment}
	for _, r := range p.Product.Roles {
		if r.RestartServer && cluster == p.Management.Name {
			server.Secrets = append(server.Secrets, r.Secret)
		}
		if r.RestartAgents && p.Cluster(cluster).Agent {
			agent.Secrets = append(agent.Secrets, r.Secret)
		}
	}
	return slices.DeleteFunc([]Reader{server, agent}, func(r Reader) bool { return len(r.Secrets) == 0 })
}

// restarts are the workloads that read what a role has at start.
func restarts(p *plan.Plan, role pki.Role) []Workload {
	var restarts []Workload
	r := p.Product.Role(role)
	if r.RestartServer {
		restarts = append(restarts, Workload{Deployment: p.Product.Service, Clusters: []string{p.Management.Name}})
	}
	if agents := p.Agents(); r.RestartAgents && len(agents) > 0 {
		restarts = append(restarts, Workload{Deployment: p.Product.AgentDeployment, Everywhere: true, Clusters: names(agents)})
	}
	return restarts
}

func names(clusters []plan.Cluster) []string {
	all := make([]string, len(clusters))
	for i, c := range clusters {
		all[i] = c.Name
	}
	return all
}
