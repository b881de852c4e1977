package product

import (
	"slices"

	"relayform/compiler/pki"
)

// IssuedInClusters is the product where an issuer in each cluster makes the certificates of servers and agents, or where the relay
// server signs for agents, of the signing CA. Their Secrets come about in the clusters, with their keys.
func (p Profile) IssuedInClusters() Profile {
	p.Kept, p.Roles = nil, slices.Clone(p.Roles)
	for i, r := range p.Roles {
		p.Roles[i].Issued = r.Role != pki.Root && r.Role != Token
	}
	return p
}

// Issued are the Secrets that issuers in the clusters make, in the order of their roles.
func (p Profile) Issued() []string {
	var names []string
	for _, r := range p.Roles {
		if r.Issued {
			names = append(names, r.Secret)
		}
	}
	return names
}

// Brings reports whether overlays bring the Secret of a role: the product has one, and nobody in the cluster makes it.
func (p Profile) Brings(role pki.Role) bool { return p.Has(role) && !p.Role(role).Issued }

// Private reports whether overlays bring private values to any cluster.
func (p Profile) Private() bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Role != pki.Root && !r.Issued })
}
