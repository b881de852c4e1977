// Package secret knows where the private half of each Secret is kept and how an overlay reaches it:
// one file for each store.
package secret

import (
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// The components of a key store, as slash-separated paths below it.
const (
	ManagementComponent = "."
	RemoteComponent     = lock.TokenFolder
)

// Value is a private value: a key of a Secret, or the whole Secret where Key is empty.
type Value struct{ Secret, Key string }

// Private is every private value that a store brings to a cluster.
var Private = []Value{{product.ServerSecret, product.KeyKey}, {product.SigningSecret, product.KeyKey}, {product.TokenSecret, ""}}

// Local is the components of a local key store: the management cluster's adds a private key to the
// Secrets of its overlay, and the token; the remotes' adds the token alone.
func Local(l *lock.Lock, namespace string) []folder.File {
	management := manifest.Kustomization{
		Comment:    lock.ComponentComment,
		Component:  true,
		Components: []string{RemoteComponent},
	}
	for _, s := range []struct {
		name string
		role pki.Role
	}{{product.ServerSecret, pki.Server}, {product.SigningSecret, pki.Signing}} {
		management.Secrets = append(management.Secrets, manifest.SecretGenerator{
			Name: s.name, Namespace: namespace, Merge: true,
			Files: []string{product.KeyKey + "=" + lock.KeyFile(l.Newest(s.role).SPKI)},
		})
	}
	remote := manifest.Kustomization{
		Comment:   lock.ComponentComment,
		Component: true,
		Secrets: []manifest.SecretGenerator{{
			Name: product.TokenSecret, Namespace: namespace,
			Files: []string{product.TokenKey + "=" + strings.TrimPrefix(lock.TokenFile(l.Token.SHA256), lock.TokenFolder+"/")},
		}},
	}
	return []folder.File{
		{Name: "kustomization.yaml", Data: management.Marshal()},
		{Name: lock.TokenFolder + "/kustomization.yaml", Data: remote.Marshal()},
	}
}

// Files are the private files that the components name, as paths below the store.
func Files(l *lock.Lock) []string {
	return []string{
		lock.KeyFile(l.Newest(pki.Server).SPKI),
		lock.KeyFile(l.Newest(pki.Signing).SPKI),
		lock.TokenFile(l.Token.SHA256),
	}
}
