package delivery

import (
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// ComponentComment begins a kustomize component of the key store, after "# ": relayform knows its own by it.
const ComponentComment = "Written by relayform: the private half of the Secrets. Never commit it."

// The components of a key store, as slash-separated paths below it.
const (
	managementComponent = "."
	remoteComponent     = lockfile.TokenFolder
)

// local brings private values by components of the key store: the management cluster's adds a private key to the
// Secrets of its overlay, and the token; the remotes' adds the token alone.
func local(p *plan.Plan, l *lockfile.File) Parts {
	var parts Parts
	keys := p.Product.Keys
	management := manifest.Kustomization{Comment: ComponentComment, Component: true}
	for _, r := range p.Product.Roles {
		if r.Role == product.Token {
			continue
		}
		parts.Management.Generated = append(parts.Management.Generated, r)
		if r.Agents {
			parts.Remote.Generated = append(parts.Remote.Generated, r)
		}
		if r.Role != pki.Root { // its key leaves the store for no cluster
			parts.Private = append(parts.Private, Value{r.Secret, keys.Key})
		}
		if key := keyFile(l, r.Role); key != "" {
			management.Secrets = append(management.Secrets, manifest.SecretGenerator{
				Name: r.Secret, Namespace: p.Namespace, Merge: true, Files: []string{keys.Key + "=" + key},
			})
			parts.Files = append(parts.Files, key)
		}
	}
	var remote []folder.File
	if p.Product.Has(product.Token) {
		parts.Remote.Component = remoteComponent
		parts.Private = append(parts.Private, Value{p.Product.Secret(product.Token), ""})
		if l.Token != nil {
			management.Components = []string{remoteComponent}
			parts.Files = append(parts.Files, lockfile.TokenFile(l.Token.SHA256))
			k := manifest.Kustomization{
				Comment:   ComponentComment,
				Component: true,
				Secrets: []manifest.SecretGenerator{{
					Name: p.Product.Secret(product.Token), Namespace: p.Namespace,
					Files: []string{keys.Token + "=" + strings.TrimPrefix(lockfile.TokenFile(l.Token.SHA256), lockfile.TokenFolder+"/")},
				}},
			}
			remote = append(remote, folder.File{Name: lockfile.TokenFolder + "/kustomization.yaml", Data: k.Marshal()})
		}
	}
	if len(parts.Private) > 0 {
		parts.Management.Component = managementComponent
	}
	parts.Components = append([]folder.File{{Name: "kustomization.yaml", Data: management.Marshal()}}, remote...)
	return parts
}
