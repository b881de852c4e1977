package delivery

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Property is the field of a store's entry with the private value. It has no dot, which AWS interprets as a path.
const Property = "value"

// Entry is a private value in an external store.
type Entry struct {
	Key  string // its path in the store, which ends with the digest of its public key, or of the token
	File string // the file with it, relative to the key store
	What string // description: server 2
}

// Entries lists the private values that an external store must contain for the clusters of a plan.
func Entries(p *plan.Plan, l *lockfile.File) []Entry {
	var all []Entry
	for _, r := range p.Product.Roles {
		if have := l.Newest(r.Role); have != nil && r.Role != pki.Root {
			all = append(all, Entry{entry(p, have.SPKI), lockfile.KeyFile(have.SPKI), fmt.Sprintf("%s %d", r.Role, have.Generation)})
		}
	}
	if p.Product.Has(product.Token) && l.Token != nil {
		all = append(all, Entry{entry(p, l.Token.SHA256), lockfile.TokenFile(l.Token.SHA256), fmt.Sprintf("%s %d", product.Token, l.Token.Generation)})
	}
	if p.Product.Brings(pki.Agent) {
		for _, a := range l.AgentsInForce() {
			all = append(all, Entry{entry(p, a.SPKI), lockfile.AgentKeyFile(a.Cluster, a.SPKI), a.String()})
		}
	}
	return all
}

// Flat reports whether a provider's names cannot contain slashes: Google's and Azure's secrets, and Kubernetes Secrets.
func Flat(provider string) bool {
	return slices.Contains([]string{"gcp", "azure", "kubernetes"}, provider)
}

// entry returns the key of a private value. It ends with the digest, so that a renewal changes certificate and reference together.
func entry(p *plan.Plan, digest string) string {
	key := string(p.ExternalSecrets.Path) + "/" + digest
	if Flat(p.ExternalSecrets.Provider) {
		key = strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(key))
	}
	return key
}

// DigestOf returns the digest at the end of an entry's key; may be empty.
func DigestOf(key string) string {
	const length = 2 * sha256Size
	if len(key) < length {
		return ""
	}
	return key[len(key)-length:]
}

// sha256Size is the size of a SHA-256 digest, in bytes.
const sha256Size = 32

// externalFile contains the objects from which the operator creates Secrets.
const externalFile = "external-secrets.yaml"

// external has the External Secrets Operator combine Secrets from public data, which is in git, and the store's private values
// (external-secrets.io/v1, ExternalSecret).
func external(p *plan.Plan, l *lockfile.File) Parts {
	var parts Parts
	var management, remote []Secret
	for _, r := range p.Product.Roles {
		switch {
		case r.Role == pki.Root: // nothing in it is private
			parts.publish(p, l, r)
		case r.Role == product.Token && l.Token != nil:
			s := Secret{r.Role, externalSecret(p, r.Secret, lockfile.SecretType, nil, p.Product.Keys.Token, l.Token.SHA256)}
			management, remote = append(management, s), append(remote, s)
		case r.Role == product.Token:
		default:
			if have := l.Newest(r.Role); have != nil {
				management = append(management, Secret{r.Role, externalSecret(p, r.Secret, l.TypeOf(r.Role), texts(public(p, l, r.Role)), p.Product.Keys.Key, have.SPKI)})
			}
		}
	}
	parts.Management.Private = files(externalFile, management)
	parts.Remote.Private = files(externalFile, remote)
	parts.externalClients(p, l)
	return parts
}

// files returns one file, or none if it would be empty.
func files(name string, secrets []Secret) []File {
	if len(secrets) == 0 {
		return nil
	}
	return []File{{name, secrets}}
}

// texts returns a Secret's values as strings.
func texts(data map[string][]byte) map[string]string {
	all := make(map[string]string, len(data))
	for key, value := range data {
		all[key] = string(value)
	}
	return all
}

type (
	externalSecretSpec struct {
		RefreshInterval string         `json:"refreshInterval"`
		SecretStoreRef  storeRef       `json:"secretStoreRef"`
		Target          target         `json:"target"`
		Data            []externalData `json:"data"`
	}
	storeRef struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	target struct {
		Name           string   `json:"name"`
		CreationPolicy string   `json:"creationPolicy"`
		DeletionPolicy string   `json:"deletionPolicy"`
		Template       template `json:"template"`
	}
	template struct {
		EngineVersion string            `json:"engineVersion"`
		MergePolicy   string            `json:"mergePolicy"` // the default, Replace, drops the store's values
		Type          string            `json:"type"`
		Metadata      templateMetadata  `json:"metadata"`
		Data          map[string]string `json:"data,omitempty"`
	}
	templateMetadata struct {
		Labels map[string]string `json:"labels"`
	}
	externalData struct {
		SecretKey string    `json:"secretKey"`
		RemoteRef remoteRef `json:"remoteRef"`
	}
	// remoteRef sets defaults explicitly: if the API server filled them in, GitOps engines would see a difference.
	remoteRef struct {
		Key                string `json:"key"`
		Property           string `json:"property"`
		ConversionStrategy string `json:"conversionStrategy"`
		DecodingStrategy   string `json:"decodingStrategy"`
		MetadataPolicy     string `json:"metadataPolicy"`
	}
)

// externalSecret returns the object for a Secret of a type with public data and one private value. The Secret is the operator's: it does
// not have relayform's label, because a prune would treat it as a leftover.
func externalSecret(p *plan.Plan, secret, of string, data map[string]string, key, digest string) manifest.Object {
	return manifest.New(manifest.ExternalSecret.APIVersion(), manifest.ExternalSecret.Name, p.Namespace, secret, nil, externalSecretSpec{
		RefreshInterval: "1h0m0s",
		SecretStoreRef:  storeRef{string(p.ExternalSecrets.Store.Name), p.ExternalSecrets.Store.Kind},
		Target: target{
			Name: secret, CreationPolicy: "Owner", DeletionPolicy: "Retain",
			Template: template{
				EngineVersion: "v2", MergePolicy: "Merge", Type: of,
				Metadata: templateMetadata{map[string]string{manifest.ManagedByLabel: "external-secrets"}}, Data: data,
			},
		},
		Data: []externalData{{key, remoteRef{entry(p, digest), Property, "Default", "None", "None"}}},
	})
}
