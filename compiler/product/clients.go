package product

import (
	"slices"

	"relayform/compiler/pki"
)

// OwnClients is what a product's charts take where agents are given their certificates and the relay server signs none.
type OwnClients struct {
	Server, Agent []Setting
	NoToken       bool // nothing needs the identity token then
}

// earlyAgent is how long before its end an agent's certificate is due.
const earlyAgent = 60 * day

// WithoutRelayCA is the product where agents are given their certificates: the relay server signs none, so that the signing CA
// stays with whoever issues them. A product whose agents have no certificates is left as it is.
func (p Profile) WithoutRelayCA() Profile {
	if p.ClientSecret == "" {
		return p
	}
	p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool {
		return r.Role == pki.Signing || r.Role == Token && p.OwnClients.NoToken
	})
	p.Roles = append(p.Roles, Role{
		Role: pki.Agent, Secret: p.ClientSecret, Agents: true, Own: true, RestartAgents: true, Early: earlyAgent,
		Note: "both certificates chain to roots that the relay server trusts, so agents stay connected until they restart, and after",
	})
	p.Kept, p.ClientSecret = []Role{{Role: pki.Signing, Early: EarlySigning(year), Note: "its key stays in the key store; agents' certificates come from it"}}, ""
	p.Server.Fixed = slices.Concat(p.Server.Fixed, p.OwnClients.Server)
	p.Agent.Fixed = slices.Concat(p.Agent.Fixed, p.OwnClients.Agent)
	return p
}

// Knows reports whether a lockfile has certificates of a role: the product works with them, and no issuer in a cluster makes them.
func (p Profile) Knows(role pki.Role) bool {
	return p.Brings(role) || slices.ContainsFunc(p.Kept, func(r Role) bool { return r.Role == role })
}

// Client is the name of the Secret that holds an agent's certificate, whoever puts it there; empty where there is none.
func (p Profile) Client() string {
	if own := p.Secret(pki.Agent); own != "" {
		return own
	}
	return p.ClientSecret
}
