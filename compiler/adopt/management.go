package adopt

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/scaffold"
	"relayform/compiler/verify"
)

// secretNames maps the names of the relay's Secrets to their roles.
func (f *finder) secretNames() map[string]pki.Role {
	names := map[string]pki.Role{}
	for _, r := range f.mesh.Product.Roles {
		if names[r.Secret] = r.Role; r.Own {
			names[r.Secret] = Client
		}
	}
	if f.mesh.Product.ClientSecret != "" {
		names[f.mesh.Product.ClientSecret] = Client
	}
	return names
}

const noRelayCA = "add the signing CA's Secret; or, if agents bring their certificates, add the Helm values of the relay server's chart that say so"

// management finds the relay server's cluster by the Secrets that only it has, and with it the namespace.
func (f *finder) management() {
	p := f.mesh.Product
	names := f.secretNames()
	holds := func(s Source, roles ...pki.Role) (namespaces []string) {
		for _, o := range s.Objects {
			if role, ok := names[o.Name]; o.Kind == "Secret" && ok && slices.Contains(roles, role) && (f.answers.Namespace == "" || o.Namespace == "" || o.Namespace == f.answers.Namespace) {
				namespaces = append(namespaces, o.Namespace)
			}
		}
		slices.Sort(namespaces)
		return slices.Compact(namespaces)
	}
	var candidates []string
	for _, s := range f.sources {
		if len(holds(s, pki.Server, pki.Signing)) > 0 && !f.left(s.Name) {
			candidates = append(candidates, s.Name)
		}
	}
	given := f.answers.Management
	switch {
	case given != "" && f.source(given) == nil:
		f.fault("--management "+given, "want one of "+named(f.sourceNames()), "no such source")
		return
	case given != "":
		f.mesh.Because.Management = "--management"
	case len(candidates) == 1:
		given = candidates[0]
		f.mesh.Because.Management = fmt.Sprintf("%s holds the relay server's Secrets", given)
	case len(candidates) == 0:
		f.noServer()
		return
	default:
		f.fault("", "choose the mesh: --management "+strings.Join(candidates[:2], ", or --management ")+"; leave the other out with --without", "%s hold the relay server's Secrets, but a mesh has one management cluster", named(candidates))
		return
	}
	s := f.source(given)
	given = s.Name
	if f.disabled(f.allValues()) {
		p = p.WithoutRelayCA()
		p.Kept = nil
		f.mesh.Product = p
	}
	namespaces := holds(*s, pki.Server)
	switch {
	case len(namespaces) == 0:
		f.fault(given, "add its Secrets: kubectl get secrets --all-namespaces -o yaml", "Secret %s is missing", p.Secret(pki.Server))
	case len(namespaces) > 1:
		f.fault(given, "name the relay's namespace: --namespace "+strings.Join(namespaces, ", or --namespace "), "Secret %s is in the namespaces %s", p.Secret(pki.Server), named(namespaces))
	case p.Has(pki.Signing) && !slices.Contains(holds(*s, pki.Signing), namespaces[0]):
		f.fault(given, noRelayCA, "it holds Secret %s, but not %s", p.Secret(pki.Server), p.Secret(pki.Signing))
	}
	if len(f.faults) > 0 {
		return
	}
	f.mesh.Namespace = namespaces[0]
	f.mesh.Because.Namespace = "the namespace of Secret " + p.Secret(pki.Server) + " in " + given
	if f.mesh.Namespace == "" {
		f.mesh.Namespace, f.mesh.Because.Namespace = "gloo-mesh", "the default, as the manifests name none"
		if f.answers.Namespace != "" {
			f.mesh.Namespace, f.mesh.Because.Namespace = f.answers.Namespace, "--namespace"
		}
	}
	f.mesh.Management = Cluster{Cluster: scaffold.Cluster{Context: given}, source: s, Secrets: f.secrets(s)}
}

// noServer reports that there is no management cluster.
func (f *finder) noServer() {
	f.fault("", "add the manifests of the management cluster, or name its namespace with --namespace", "no cluster holds the relay server's Secret %s", f.mesh.Product.Secret(pki.Server))
}

// disabled reports whether values switch off the relay's CA, so that agents are given their certificates.
func (f *finder) disabled(values []verify.Values) bool {
	path := f.mesh.Product.Server.NoRelayCA
	return slices.ContainsFunc(values, func(v verify.Values) bool { return text(v, path) == "true" })
}

// source returns the source with a name, or the only one with a cluster of that name.
func (f *finder) source(name string) *Source {
	var like []int
	for i, s := range f.sources {
		if s.Name == name {
			return &f.sources[i]
		}
		if scaffold.NameOf(s.Name) == name {
			like = append(like, i)
		}
	}
	if len(like) == 1 {
		return &f.sources[like[0]]
	}
	return nil
}

func (f *finder) sourceNames() []string {
	names := make([]string, len(f.sources))
	for i, s := range f.sources {
		names[i] = s.Name
	}
	return names
}

// secrets returns the relay's Secrets in a source, in the relay's namespace.
func (f *finder) secrets(s *Source) []Secret {
	if _, known := f.held[s]; !known {
		f.held[s] = f.decoded(s)
	}
	return f.held[s]
}

func (f *finder) decoded(s *Source) (all []Secret) {
	names := f.secretNames()
	byRole := map[pki.Role]Secret{}
	for _, o := range s.Objects {
		role, ok := names[o.Name]
		if o.Kind != "Secret" || !ok || o.Namespace != "" && o.Namespace != f.mesh.Namespace {
			continue
		}
		have, err := o.Secret()
		if err != nil {
			f.fault(o.At, "", "%v", err)
			continue
		}
		secret := Secret{Role: role, Type: o.Type, Data: have.Data, object: object{o}}
		if twin, ok := byRole[role]; ok {
			if !maps.EqualFunc(twin.Data, secret.Data, bytes.Equal) {
				f.fault(o.At, "give each Secret once", "Secret %s appears twice, with different contents in %s", o.Name, twin.At)
			}
			continue
		}
		byRole[role] = secret
	}
	for _, role := range append(slices.Clone(pki.Roles), product.Token, Client) {
		if secret, ok := byRole[role]; ok {
			all = append(all, secret)
		}
	}
	return all
}

// Secret returns a cluster's Secret of a role, or nil.
func (c *Cluster) Secret(role pki.Role) *Secret {
	if i := slices.IndexFunc(c.Secrets, func(s Secret) bool { return s.Role == role }); i >= 0 {
		return &c.Secrets[i]
	}
	return nil
}
