package delivery

import (
	"path"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// ComponentComment is the beginning, after "# ", of a kustomize component in the key store, by which relayform recognizes its own.
const ComponentComment = "Written by relayform: the private half of the Secrets. Never commit it."

// The components in a key store, as slash-separated relative paths.
const (
	managementComponent = "."
	remoteComponent     = lockfile.TokenFolder
)

// local provides private values with components in the key store: the management cluster's adds private keys to the Secrets of its overlay,
// and the token; the remotes' adds only the token.
func local(p *plan.Plan, l *lockfile.File) Parts {
	var parts Parts
	keys := p.Product.Keys
	var management []PrivateFile
	for _, r := range p.Product.Roles {
		if r.Role == product.Token || r.Own || r.Issued {
			continue
		}
		parts.publish(p, l, r)
		if r.Role == pki.Root { // its key never leaves the store
			continue
		}
		parts.Private = append(parts.Private, Value{r.Secret, keys.Key})
		if have := l.Newest(r.Role); have != nil {
			management = append(management, privateFile(p.Namespace, r.Secret, keys.Key, lockfile.KeyFile(have.SPKI)))
		}
	}
	var tokens []PrivateFile
	if p.Product.Has(product.Token) {
		secret := p.Product.Secret(product.Token)
		parts.Remote.Component = remoteComponent
		parts.Private = append(parts.Private, Value{secret, ""})
		if l.Token != nil {
			tokens = append(tokens, privateFile(p.Namespace, secret, keys.Token, lockfile.TokenFile(l.Token.SHA256)))
		}
	}
	if len(parts.Private) > 0 {
		parts.Management.Component = managementComponent
	}
	var also []string
	if len(tokens) > 0 {
		also = []string{remoteComponent}
	}
	if parts.Management.Component != "" {
		parts.components = []component{{managementComponent, also, management}}
	}
	if len(tokens) > 0 {
		parts.components = append(parts.components, component{remoteComponent, nil, tokens})
	}
	parts.Files = append(management, tokens...)
	_ = parts.given(p, l, func(r product.Role, c *Client) error {
		c.Component, c.File = lockfile.AgentFolder(c.Agent.Cluster), publicFile
		c.Public = Secret{r.Role, secret(p, l, r, c.Data)}
		parts.components = append(parts.components, component{c.Component, nil, []PrivateFile{c.Private}})
		parts.Files = append(parts.Files, c.Private)
		return nil
	})
	if r := p.Product.Role(pki.Agent); r.Own && !r.Issued {
		parts.Private = append(parts.Private, Value{r.Secret, keys.Key})
	}
	for _, c := range parts.components {
		parts.Components = append(parts.Components, c.onDisk())
	}
	return parts
}

// component is a component in the key store, with the other components that it includes.
type component struct {
	dir    string
	also   []string
	brings []PrivateFile
}

// onDisk refers to the files with private values. A patch without its Secret fails.
func (c component) onDisk() folder.File {
	k := manifest.Kustomization{Component: true, Components: c.also}
	says := []string{ComponentComment}
	for _, f := range c.brings {
		says = append(says, f.says())
		name := path.Base(f.Name())
		if f.Whole {
			k.Resources = append(k.Resources, name)
		} else {
			k.Patches = append(k.Patches, manifest.Patch{Path: name})
		}
	}
	k.Comment = strings.Join(says, "\n")
	return folder.File{Name: path.Join(c.dir, kustomizationFile), Data: k.Marshal()}
}

const kustomizationFile = "kustomization.yaml"

// InMemory returns the components with their values, in a form for which kustomize produces the same without first loading the Kubernetes
// OpenAPI data, which would take longer than all the rest. It ignores a missing Secret, so it must be used only if overlays and components
// are created together.
func (parts Parts) InMemory(value func(name string) ([]byte, error)) ([]folder.File, error) {
	var files []folder.File
	for _, c := range parts.components {
		k := manifest.Kustomization{Component: true, Components: c.also}
		for _, f := range c.brings {
			v, err := value(f.Value)
			if err != nil {
				return nil, err
			}
			if f.Whole {
				file, err := f.holding(v)
				if err != nil {
					return nil, err
				}
				files = append(files, file)
				k.Resources = append(k.Resources, path.Base(f.Name()))
				continue
			}
			k.Patches = append(k.Patches, manifest.Patch{
				Text:   "- {op: add, path: /data/" + f.Key + ", value: " + manifest.Encoded(map[string][]byte{f.Key: v})[f.Key] + "}",
				Target: map[string]string{"kind": "Secret", "name": f.Secret, "namespace": f.Namespace},
			})
		}
		files = append(files, folder.File{Name: path.Join(c.dir, kustomizationFile), Data: k.Marshal()})
	}
	return files, nil
}
