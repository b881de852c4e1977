package adopt

import (
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema/pattern"
)

var (
	clusterName = pattern.Late(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)
	contextName = pattern.Late(`^[^\s\x00-\x1f]{1,253}$`)
)

// names refuses names that no topology can contain.
func (f *finder) names() {
	seen := map[string]string{}
	for _, c := range append([]Cluster{f.mesh.Management}, f.mesh.Remotes...) {
		if !clusterName().MatchString(c.Name) {
			f.fault(c.Context, "topologies accept no other names: register the cluster under one, or leave it out: --without "+c.Name, "%q is not a DNS label that begins with a letter", c.Name)
		}
		if !contextName().MatchString(c.Context) {
			f.fault(c.Context, "name the cluster with --from NAME=PATH", "%q is not a valid name of a kube context", c.Context)
		}
		if other, ok := seen[c.Name]; ok {
			f.fault(c.Context, "give one of them a different name: --cluster NAME="+c.Context, "%s and %s would both be named %s", other, c.Context, c.Name)
		}
		seen[c.Name] = c.Context
	}
	if f.mesh.Name == "" {
		f.mesh.Name = f.mesh.Management.Name
	}
	for _, c := range append([]Cluster{f.mesh.Management}, f.mesh.Remotes...) {
		f.secretsNamed(c)
	}
}

// secretsNamed refuses values that make the charts use Secrets with names other than the product's.
func (f *finder) secretsNamed(c Cluster) {
	p := f.mesh.Product
	for _, v := range c.values {
		for _, b := range []struct {
			path string
			role pki.Role
		}{
			{p.Server.ServerSecret, pki.Server}, {p.Server.SigningSecret, pki.Signing}, {p.Server.TokenSecret, product.Token},
			{p.Agent.RootSecret, pki.Root}, {p.Agent.ClientSecret, pki.Agent}, {p.Agent.TokenSecret, product.Token},
		} {
			if !p.Has(b.role) { // nothing reads it, or agents write it themselves
				continue
			}
			name, namespace, key := text(v, b.path+".name"), text(v, b.path+".namespace"), text(v, b.path+".key")
			switch {
			case name != "" && name != p.Secret(b.role):
				f.fault(v.At, "a topology cannot name Secrets: copy this one to "+p.Secret(b.role)+", and set the value to that name", "%s.name is %s, but relayform writes %s", b.path, name, p.Secret(b.role))
			case namespace != "" && namespace != f.mesh.Namespace:
				f.fault(v.At, "all Secrets of a topology must be in its namespace", "%s.namespace is %s, but the relay's namespace is %s", b.path, namespace, f.mesh.Namespace)
			case key != "" && b.role == product.Token && key != p.Keys.Token:
				f.fault(v.At, "a topology cannot name keys of Secrets: use "+p.Keys.Token, "%s.key is %s, but relayform writes %s", b.path, key, p.Keys.Token)
			}
		}
	}
}

// clusters returns all clusters, the management cluster first.
func (f *finder) clusters() []*Cluster {
	all := []*Cluster{&f.mesh.Management}
	for i := range f.mesh.Remotes {
		all = append(all, &f.mesh.Remotes[i])
	}
	return all
}

// Clusters returns all clusters, the management cluster first.
func (m *Mesh) Clusters() []*Cluster { return (&finder{mesh: m}).clusters() }

// sameIn groups clusters by a text, in order of first occurrence.
type sameIn struct {
	text     string
	clusters []string
}

func group(groups []sameIn, text, cluster string) []sameIn {
	if i := slices.IndexFunc(groups, func(g sameIn) bool { return g.text == text }); i >= 0 {
		groups[i].clusters = append(groups[i].clusters, cluster)
		return groups
	}
	return append(groups, sameIn{text, []string{cluster}})
}

// inWords describes the groups, with a word for each text.
func inWords(groups []sameIn, word func(text string) string) string {
	var parts []string
	for i, g := range groups {
		if i == MaxNamed {
			parts = append(parts, "and others")
			break
		}
		parts = append(parts, word(g.text)+" in "+named(g.clusters))
	}
	return strings.Join(parts, "; ")
}
