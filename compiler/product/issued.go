package product

import (
	"slices"

	"relayform/compiler/pki"
)

// IssuedInClusters returns the product when an issuer in each cluster issues the certificates of servers and of agents or, if the relay
// server signs for agents, of the signing CA. Their Secrets and keys are created in the clusters.
func (p Profile) IssuedInClusters() Profile {
	p.Kept, p.Roles = nil, slices.Clone(p.Roles)
	for i, r := range p.Roles {
		p.Roles[i].Issued = r.Role != pki.Root && r.Role != Token
	}
	return p
}

// Issued returns the Secrets that issuers in the clusters create, in the order of their roles.
func (p Profile) Issued() []string {
	var names []string
	for _, r := range p.Roles {
		if r.Issued {
			names = append(names, r.Secret)
		}
	}
	return names
}

// Brings reports whether overlays contain the Secret of a role: the product has one, and no issuer in the cluster creates it.
func (p Profile) Brings(role pki.Role) bool { return p.Has(role) && !p.Role(role).Issued }

// Private reports whether overlays contain private values for any cluster.
func (p Profile) Private() bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Role != pki.Root && !r.Issued })
}
