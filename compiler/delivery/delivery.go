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
	// Files are the private files that the components name, as paths below the key store.
	Files []string
	// Private is what the components bring: whoever renders without it takes it out.
	Private []Value
	// Management and Remote are what the overlays hold of it.
	Management, Remote Overlay
}

// Overlay is what the overlay of a management cluster, or of a remote, holds.
type Overlay struct {
	Component string            // the folder of its component, below the key store; empty for none
	Generated []product.Role    // whose Secrets' public half is generated from certificate files
	Objects   []manifest.Object // by which an operator in the cluster makes the other Secrets
	Facts     []pki.Role        // whose certificates stand in the objects
}

// Of is how the clusters of a plan receive what its lockfile names.
func Of(p *plan.Plan, l *lockfile.File) Parts {
	if p.ExternalSecrets != nil {
		return external(p, l)
	}
	return local(p, l)
}

// keyFile is the private key of a role's certificate that a cluster is to have; empty where it is to have none.
func keyFile(l *lockfile.File, role pki.Role) string {
	if have := l.Newest(role); have != nil && role != pki.Root {
		return lockfile.KeyFile(have.SPKI)
	}
	return ""
}
