// Package delivery knows how a cluster receives the private value of each Secret: where it is kept, and how an
// overlay reaches it. Each store of the language has a file.
package delivery

import (
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Value is a private value: a key of a Secret, or the whole Secret where Key is empty.
type Value struct{ Secret, Key string }

// Parts is how the clusters of a mesh receive their Secrets. What the lockfile does not have yet, is left out.
type Parts struct {
	// Components are the kustomize components of the key store by which overlays reach private values; none where
	// overlays do without the key store.
	Components []folder.File
	// Files are what the components hold of private values.
	Files []PrivateFile
	// Private is what the components bring: whoever renders without it takes it out.
	Private []Value
	// Management and Remote are what the overlays hold of it.
	Management, Remote Overlay

	components []component
	own        func(plan.Audience) ([]File, error) // what brings private values to a remote with an audience of its own
	clients    map[string]Client                   // of the clusters whose agents are given their certificates
}

// For is what the overlay of a cluster holds.
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

// Overlay is what the overlay of a management cluster, or of a remote, holds.
type Overlay struct {
	Component string   // the folder of its component, below the key store; empty for none
	Public    []Secret // what is public of Secrets
	Private   []File   // by which the overlay itself brings private values
	Own       bool     // whether it has Private to itself; else all remotes share it
	Asks      []Secret // objects that have Secrets issued in the cluster, with their keys
}

// File is a file of an overlay's private part.
type File struct {
	Name    string
	Secrets []Secret
}

// Secret is an object that a Secret is made of, and whose certificates it holds; of a token, none.
type Secret struct {
	Role   pki.Role
	Object manifest.Object
}

// Of is how the clusters of a plan receive what its lockfile names.
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
		parts, _ := inGit(p, l, formOf(p)) // which never fails to write what is recorded
		return parts
	}
	return local(p, l)
}

// publish has the overlays hold what is public of a role's Secret, as a Secret.
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

// public is what is public of a role's Secret; nil where the lockfile has no certificate of the role yet.
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

// secret is a role's Secret with data.
func secret(p *plan.Plan, l *lockfile.File, r product.Role, data map[string][]byte) manifest.Object {
	o := manifest.Opaque(p.Namespace, r.Secret, data)
	o.Type = l.TypeOf(r.Role)
	return o
}
