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

// Private is every private value that a store brings to a cluster of the product.
func Private(p product.Profile) []Value {
	var values []Value
	for _, r := range p.Roles {
		switch r.Role {
		case pki.Root: // its key leaves the store for no cluster
		case product.Token:
			values = append(values, Value{r.Secret, ""})
		default:
			values = append(values, Value{r.Secret, p.Keys.Key})
		}
	}
	return values
}

// Brings reports whether a store brings anything to a cluster: to the management cluster, or to a remote.
func Brings(p product.Profile, management bool) bool {
	return p.Has(product.Token) || management && len(Private(p)) > 0
}

// Local is the components of a local key store: the management cluster's adds a private key to the
// Secrets of its overlay, and the token; the remotes' adds the token alone. What the lockfile does not have yet,
// they leave out.
func Local(p product.Profile, l *lockfile.File, namespace string) []folder.File {
	management := manifest.Kustomization{Comment: ComponentComment, Component: true}
	for _, r := range p.Roles {
		if key := keyFile(l, r.Role); key != "" {
			management.Secrets = append(management.Secrets, manifest.SecretGenerator{
				Name: r.Secret, Namespace: namespace, Merge: true, Files: []string{p.Keys.Key + "=" + key},
			})
		}
	}
	var remote []folder.File
	if p.Has(product.Token) && l.Token != nil {
		management.Components = []string{RemoteComponent}
		k := manifest.Kustomization{
			Comment:   ComponentComment,
			Component: true,
			Secrets: []manifest.SecretGenerator{{
				Name: p.Secret(product.Token), Namespace: namespace,
				Files: []string{p.Keys.Token + "=" + strings.TrimPrefix(lockfile.TokenFile(l.Token.SHA256), lockfile.TokenFolder+"/")},
			}},
		}
		remote = append(remote, folder.File{Name: lockfile.TokenFolder + "/kustomization.yaml", Data: k.Marshal()})
	}
	return append([]folder.File{{Name: "kustomization.yaml", Data: management.Marshal()}}, remote...)
}

// Files are the private files that the components name, as paths below the store.
func Files(p product.Profile, l *lockfile.File) []string {
	var files []string
	for _, r := range p.Roles {
		if key := keyFile(l, r.Role); key != "" {
			files = append(files, key)
		}
	}
	if p.Has(product.Token) && l.Token != nil {
		files = append(files, lockfile.TokenFile(l.Token.SHA256))
	}
	return files
}

// keyFile is the private key of a role's certificate that a cluster is to have; empty where it is to have none.
func keyFile(l *lockfile.File, role pki.Role) string {
	if have := l.Newest(role); have != nil && role != pki.Root {
		return lockfile.KeyFile(have.SPKI)
	}
	return ""
}
