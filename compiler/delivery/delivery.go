// Package delivery knows how a cluster receives the private value of each Secret: where it is stored, and how an overlay refers to it. Each
// store has a file here.
package delivery

import (
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Value is a private value: a key of a Secret, or the whole Secret if Key is empty.
type Value struct{ Secret, Key string }

// Parts is how the clusters of a mesh receive their Secrets. What the lockfile does not have yet is left out.
type Parts struct {
	// Components are the kustomize components in the key store that provide private values to overlays; none if overlays do not use the key
	// store.
	Components []folder.File
	// Files are the components' files with private values.
	Files []PrivateFile
	// Private lists what the components provide; to be removed when rendering without it.
	Private []Value
	// Management and Remote are the Secrets in the overlays.
	Management, Remote Overlay

	components []component
	own        func(plan.Audience) ([]File, error) // the files with private values for a remote with its own audience
	clients    map[string]Client                   // of the clusters whose agents are given their certificates
}

// For returns the Secrets in a cluster's overlay.
func (parts Parts) For(p *plan.Plan, c plan.Cluster) (Overlay, error) {
	switch {
	case c.Name == p.Management.Name:
		return parts.Management, nil
	case c.Audience == nil:
		return parts.Remote, nil
	}
	of, err := parts.Remote, error(nil)
	of.Private, err = parts.own(*c.Audience)
	of.Own = true
	return of, err
}

// Overlay is the Secrets in the overlay of a management cluster, or of a remote.
type Overlay struct {
	Component string   // the folder of its component, relative to the key store; may be empty
	Public    []Secret // public parts of Secrets
	Private   []File   // files with which the overlay itself provides private values
	Own       bool     // whether Private is only for this cluster; otherwise all remotes share it
	Asks      []Secret // objects that request Secrets issued in the cluster, with their keys
}

// File is a file in an overlay's private part.
type File struct {
	Name    string
	Secrets []Secret
}

// Secret is an object for a Secret, and the certificates in it; none for a token.
type Secret struct {
	Role   pki.Role
	Object manifest.Object
}

// Of returns how the clusters of a plan receive what its lockfile contains.
func Of(p *plan.Plan, l *lockfile.File) Parts {
	parts := byStore(p, l)
	parts.certificates(p)
	return parts
}

func byStore(p *plan.Plan, l *lockfile.File) Parts {
	switch {
	case p.ExternalSecrets != nil:
		return external(p, l)
	case p.InGit() != nil:
		parts, _ := inGit(p, l, formOf(p)) // writing what is recorded never fails
		return parts
	}
	return local(p, l)
}

// publish adds the public part of a role's Secret to the overlays.
func (parts *Parts) publish(p *plan.Plan, l *lockfile.File, r product.Role) {
	data := public(p, l, r.Role)
	if data == nil {
		return
	}
	s := Secret{r.Role, secret(p, l, r, data)}
	parts.Management.Public = append(parts.Management.Public, s)
	if r.Agents {
		parts.Remote.Public = append(parts.Remote.Public, s)
	}
}

// public returns the public part of a role's Secret; nil if the lockfile has no certificate of the role yet.
func public(p *plan.Plan, l *lockfile.File, role pki.Role) map[string][]byte {
	if l.Newest(role) == nil {
		return nil
	}
	data := map[string][]byte{p.Product.Keys.CA: l.CA(role)}
	if role != pki.Root {
		data[p.Product.Keys.Cert] = l.Cert(role)
	}
	return data
}

// secret returns a role's Secret with data.
func secret(p *plan.Plan, l *lockfile.File, r product.Role, data map[string][]byte) manifest.Object {
	o := manifest.Opaque(p.Namespace, r.Secret, data)
	o.Type = l.TypeOf(r.Role)
	return o
}
