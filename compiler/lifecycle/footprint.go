// Package lifecycle says of each certificate when it is due, where it lives, what renews it and what to restart
// then. Reports, the runbook and the summary of a compile take it from here.
package lifecycle

import (
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

const day = 24 * time.Hour

// Soon is how long before it falls due a certificate is renewed, where nobody says another time.
const Soon = 30 * day

// Token stands for the identity token beside the roles of certificates.
const Token pki.Role = "token"

// footprint is what a change of one role means for the clusters.
type Footprint struct {
	role    pki.Role
	secrets []holding
	server  bool // the relay server reads it at start
	agents  bool // agents read it at start
	// Early is how long before its end a certificate falls due.
	Early time.Duration
	note  string
}

// holding is a Secret with the key under which it holds something, in the management cluster or in all.
type holding struct {
	secret, key string
	everywhere  bool
}

// footprints is every role. Of what a relay reads, relay-server-tls-secret alone is reloaded hot.
var footprints = []Footprint{
	{
		role: pki.Root,
		secrets: []holding{
			{product.RootSecret, product.CAKey, true},
			{product.ServerSecret, product.CAKey, false},
			{product.SigningSecret, product.CAKey, false},
		},
		server: true, agents: true,
		Early: 2 * product.AgentValidity, // a rotation takes agents' certificates their whole life, and nothing outlives its root
	},
	{
		role:    pki.Signing,
		secrets: []holding{{product.SigningSecret, product.CertKey, false}},
		server:  true,
		Early:   product.AgentValidity + 31*day, // agents' certificates end with what signed them
		note:    "running agents stay connected: their certificates carry the signing CA of before, and both stand under one root",
	},
	{
		role:    pki.Server,
		secrets: []holding{{product.ServerSecret, product.CertKey, false}},
		note:    "the relay server reloads it by itself; nothing needs a restart",
	},
	{
		role:    Token,
		secrets: []holding{{product.TokenSecret, product.TokenKey, true}},
		server:  true,
		note:    "running agents stay connected: the token counts at first contact alone, and they have certificates; an agent without one needs the new token",
	},
}

func FootprintOf(role pki.Role) Footprint {
	for _, f := range footprints {
		if f.role == role {
			return f
		}
	}
	return Footprint{role: role}
}

// due is when a certificate ought to be renewed: before the certificates below it would be cut short.
// Of a life too short for that, a third is kept.
func (f Footprint) Due(notBefore, notAfter time.Time) time.Time {
	life := notAfter.Sub(notBefore)
	if life < 2*f.Early {
		return notAfter.Add(-life / 3)
	}
	return notAfter.Add(-f.Early)
}

// places are the Secrets that hold it, with their clusters.
func (f Footprint) places(p *plan.Plan) []Place {
	var places []Place
	for _, h := range f.secrets {
		place := Place{Secret: h.secret, Key: h.key, Clusters: []string{p.Management.Name}, Everywhere: h.everywhere}
		if h.everywhere {
			place.Clusters = p.Clusters()
		}
		places = append(places, place)
	}
	return places
}

// restarts are the workloads that read it at start.
func (f Footprint) restarts(p *plan.Plan) []Workload {
	var restarts []Workload
	if f.server {
		restarts = append(restarts, Workload{Deployment: p.Product.Service, Clusters: []string{p.Management.Name}})
	}
	if agents := p.Agents(); f.agents && len(agents) > 0 {
		w := Workload{Deployment: p.Product.AgentDeployment, Everywhere: true}
		for _, c := range agents {
			w.Clusters = append(w.Clusters, c.Name)
		}
		restarts = append(restarts, w)
	}
	return restarts
}
