// Package lifecycle says when each certificate is due, where it is deployed, what renews it and what to restart then, for reports, the
// runbook and the summary of a compile.
package lifecycle

import (
	"slices"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// order is the order in which changes are reported, issuers first.
var order = append(slices.Clone(pki.Roles), pki.Agent, product.Token)

// Due returns when a certificate of a role should be renewed: before the validity of certificates below it would be cut short. If its
// validity is too short for that, a third of it remains.
func Due(r product.Role, notBefore, notAfter time.Time) time.Time {
	life := notAfter.Sub(notBefore)
	if life < 2*r.Early {
		return notAfter.Add(-life / 3)
	}
	return notAfter.Add(-r.Early)
}

// places returns the Secrets that contain a role's certificate, with their clusters: a root is in its own Secret, and in that of each
// certificate under it.
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

// Reader is a Deployment or a DaemonSet, in kubectl's form, that reads Secrets only at start, and their names.
type Reader struct {
	Workload string
	Secrets  []string
}

// reading is a workload, where it runs, and whether it reads a role's Secret at start.
type reading struct {
	Workload
	agents bool // it runs beside each agent; otherwise only in the management cluster
	reads  func(product.Role) bool
}

// readings returns all workloads of a mesh that may read Secrets at start, servers before their clients.
func readings(p product.Profile) []reading {
	all := []reading{
		{Workload{Deployment: p.Service}, false, func(r product.Role) bool { return r.RestartServer }},
		{Workload{Deployment: p.AgentDeployment}, true, func(r product.Role) bool { return r.RestartAgents }},
	}
	if t := p.Telemetry; t != nil && p.Has(pki.Telemetry) {
		gateway := reading{Workload{Deployment: t.Gateway}, false, func(r product.Role) bool { return r.RestartGateway }}
		collectors := reading{Workload{DaemonSet: t.Collector}, true, func(r product.Role) bool { return r.RestartCollectors }}
		all = []reading{all[0], gateway, all[1], collectors}
	}
	return all
}

// Readers returns a cluster's workloads that read Secrets at start, the relay server first: those to restart when one of the Secrets
// changes.
func Readers(p *plan.Plan, cluster string) []Reader {
	var readers []Reader
	for _, of := range readings(p.Product) {
		if of.agents && !p.Cluster(cluster).Agent || !of.agents && cluster != p.Management.Name {
			continue
		}
		reader := Reader{Workload: of.Resource()}
		for _, r := range p.Product.Roles {
			if of.reads(r) {
				reader.Secrets = append(reader.Secrets, r.Secret)
			}
		}
		if len(reader.Secrets) > 0 {
			readers = append(readers, reader)
		}
	}
	return readers
}

// restarts returns the workloads that read a role's Secret at start.
func restarts(p *plan.Plan, role pki.Role) []Workload {
	var restarts []Workload
	agents := names(p.Agents())
	for _, of := range readings(p.Product) {
		w := of.Workload
		switch {
		case !of.reads(p.Product.Role(role)), of.agents && len(agents) == 0:
			continue
		case of.agents:
			w.Everywhere, w.Clusters = true, agents
		default:
			w.Clusters = []string{p.Management.Name}
		}
		restarts = append(restarts, w)
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
