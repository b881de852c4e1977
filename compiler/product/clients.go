package product

import (
	"slices"

	"relayform/compiler/pki"
)

// OwnClients describes a product's charts when agents are given their certificates and the relay server signs none.
type OwnClients struct {
	Server, Agent []Setting
	NoToken       bool // the identity token is not needed then
}

// earlyAgent is how long before expiry an agent's certificate is due.
const earlyAgent = 60 * day

// WithoutRelayCA returns the product when agents are given their certificates: the relay server signs none, and the signing CA's key stays
// with the issuer. A product whose agents have no certificates is unchanged.
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

// Knows reports whether a lockfile has certificates of a role: the product needs them, and no issuer in a cluster creates them.
func (p Profile) Knows(role pki.Role) bool {
	return p.Brings(role) || slices.ContainsFunc(p.Kept, func(r Role) bool { return r.Role == role })
}

// Client returns the name of the Secret with an agent's certificate, whoever creates it; may be empty.
func (p Profile) Client() string {
	if own := p.Secret(pki.Agent); own != "" {
		return own
	}
	return p.ClientSecret
}
