// Package delivery knows how a cluster receives the private value of each Secret: where it is kept, and how an
// overlay reaches it.
package delivery

import (
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// ComponentComment begins a kustomize component of the key store, after "# ": relayform knows its own by it.
const ComponentComment = "Written by relayform: the private half of the Secrets. Never commit it."

// The components of a key store, as slash-separated paths below it.
const (
	ManagementComponent = "."
	RemoteComponent     = lockfile.TokenFolder
)

// Value is a private value: a key of a Secret, or the whole Secret where Key is empty.
type Value struct{ Secret, Key string }

// Private is every private value that a store brings to a cluster.
var Private = []Value{{product.ServerSecret, product.KeyKey}, {product.SigningSecret, product.KeyKey}, {product.TokenSecret, ""}}

// Local is the components of a local key store: the management cluster's adds a private key to the
// Secrets of its overlay, and the token; the remotes' adds the token alone.
func Local(l *lockfile.File, namespace string) []folder.File {
	management := manifest.Kustomization{
		Comment:    ComponentComment,
		Component:  true,
		Components: []string{RemoteComponent},
	}
	for _, s := range []struct {
		name string
		role pki.Role
	}{{product.ServerSecret, pki.Server}, {product.SigningSecret, pki.Signing}} {
		management.Secrets = append(management.Secrets, manifest.SecretGenerator{
			Name: s.name, Namespace: namespace, Merge: true,
			Files: []string{product.KeyKey + "=" + lockfile.KeyFile(l.Newest(s.role).SPKI)},
		})
	}
	remote := manifest.Kustomization{
		Comment:   ComponentComment,
		Component: true,
		Secrets: []manifest.SecretGenerator{{
			Name: product.TokenSecret, Namespace: namespace,
			Files: []string{product.TokenKey + "=" + strings.TrimPrefix(lockfile.TokenFile(l.Token.SHA256), lockfile.TokenFolder+"/")},
		}},
	}
	return []folder.File{
		{Name: "kustomization.yaml", Data: management.Marshal()},
		{Name: lockfile.TokenFolder + "/kustomization.yaml", Data: remote.Marshal()},
	}
}

// Files are the private files that the components name, as paths below the store.
func Files(l *lockfile.File) []string {
	return []string{
		lockfile.KeyFile(l.Newest(pki.Server).SPKI),
		lockfile.KeyFile(l.Newest(pki.Signing).SPKI),
		lockfile.TokenFile(l.Token.SHA256),
	}
}
