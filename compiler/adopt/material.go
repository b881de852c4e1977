package adopt

import (
	"crypto/x509"
	"slices"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// Held returns what the clusters contain of a PKI.
func (m *Mesh) Held() issue.Held {
	clients := map[string][]*x509.Certificate{}
	for cluster, h := range m.Trust.Clients {
		clients[cluster] = h.Certificates
	}
	return issue.Held{Clients: clients, CA: append(m.Trust.Anchors[:len(m.Trust.Anchors):len(m.Trust.Anchors)], m.Trust.More...), Chains: m.Trust.Chains}
}

// Entries returns the certificates that relayform itself issued, as they were in the lockfile.
func (m *Mesh) Entries() []lockfile.Certificate {
	var all []lockfile.Certificate
	for _, role := range pki.Roles {
		if c, ok := m.Trust.Own[role]; ok {
			all = append(all, c)
		}
	}
	return all
}

// Adopted returns what Secrets contain in a different form than relayform would write it from a lockfile.
func (m *Mesh) Adopted(l *lockfile.File) []lockfile.Adopted {
	var all []lockfile.Adopted
	keys := m.Product.Keys
	text := func(role pki.Role, key string, instead []byte) *lockfile.Text {
		held, ok := m.Trust.Texts[role][key]
		if !ok || lockfile.Plain([]byte(held)) != nil {
			return nil
		}
		return lockfile.NewText([]byte(held), instead)
	}
	for _, role := range append(slices.Clone(pki.Roles), pki.Agent) {
		a := lockfile.Adopted{Role: role, Type: m.Trust.Types[role], CA: text(role, keys.CA, l.CA(role))}
		if role != pki.Root {
			a.Cert = text(role, keys.Cert, l.Cert(role))
		}
		if a.Type != "" || a.CA != nil || a.Cert != nil {
			all = append(all, a)
		}
	}
	return all
}

// Material returns the clusters' contents and Helm values for verify. For a Secret that a cluster lacks, made returns what apply will
// create, or nil. Agents' own certificates are left out: each has a different one, and thousands of handshakes would say nothing about what
// is adopted; verify --live checks them.
func (m *Mesh) Material(made func(cluster, secret string) map[string][]byte) verify.Material {
	v := verify.Material{Authority: m.Authority, DNSNames: m.DNSNames, Names: verify.NamesOf(m.Product), AgentValidity: m.Product.AgentValidity, Product: m.Product}
	for i, c := range m.Clusters() {
		cluster := verify.Cluster{Name: c.Name, Management: i == 0, Agent: i > 0 || m.Agent, Authority: c.Authority, Values: c.values}
		for _, s := range c.Secrets {
			if s.Role == Client && m.Trust.Clients == nil {
				continue
			}
			cluster.Secrets = append(cluster.Secrets, verify.Secret{Name: s.Name, At: s.At, Data: s.Data})
		}
		for _, r := range m.Product.Roles {
			if (i > 0 && !r.Agents) || c.Secret(r.Role) != nil {
				continue
			}
			if data := made(c.Name, r.Secret); data != nil {
				cluster.Secrets = append(cluster.Secrets, verify.Secret{Name: r.Secret, Data: data})
			}
		}
		v.Clusters = append(v.Clusters, cluster)
	}
	return v
}

// NeedsToken reports whether the product has a token, but no cluster does.
func (m *Mesh) NeedsToken() bool { return m.Product.Has(product.Token) && m.Trust.Token == nil }
