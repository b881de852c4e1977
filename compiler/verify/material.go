// Package verify checks whether everything in the clusters trusts each other: whether an agent's first contact with the relay server, and
// mutual TLS after it, would succeed; if not, why; and if so, until when. It checks bytes, wherever they come from.
package verify

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// Material is what the clusters of one mesh contain, or would contain.
type Material struct {
	// Authority is the name by which agents verify the relay server, unless their cluster has its own.
	Authority string
	// DNSNames are further names that the relay server's certificate must have.
	DNSNames []string
	// Gateway is the name by which collectors verify the telemetry gateway; empty without one.
	Gateway string
	Names   SecretNames
	// Clusters contains exactly one management cluster.
	Clusters []Cluster
	// AgentValidity is the validity of the certificates that the relay server issues to agents.
	AgentValidity time.Duration
	// Registered are the clusters whose agents are registered with the relay server; nil if unknown.
	Registered []string
	// Unaddressed are the clusters whose agents have no address to dial, if known.
	Unaddressed []string
	// Unsent are those whose collectors have no address.
	Unsent []string
	// Product is the product of the Helm values; the zero Profile if there are none.
	Product product.Profile
	// Unseen means that the Secrets in Names.Issued are not in the material, though clusters may have them.
	Unseen bool
	// Public means that private keys and tokens were left out: what needs them is not checked.
	Public bool
}

// Cluster is the contents of one cluster.
type Cluster struct {
	Name       string
	Management bool
	Agent      bool   // runs an agent
	Authority  string // the name by which its agent verifies the relay server; empty for the mesh's
	Secrets    []Secret
	Elsewhere  []Place  // the relay's Secrets in other namespaces than the relay's
	Values     []Values // Helm values to be installed there
}

// Place is the location of a Secret.
type Place struct{ Secret, Namespace string }

// Values are Helm values, and where they were read from.
type Values struct {
	At   string
	Tree map[string]any
}

// Secret is a Secret's data.
type Secret struct {
	Name string
	// Namespace is the Secret's namespace if it is not the relay's; otherwise empty.
	Namespace string
	At        string   // where it was read from: a file, or a cluster
	ManagedBy string   // value of its managed-by label
	Owners    []string // kinds of its owners
	Data      map[string][]byte
}

// SecretNames are the names of a relay's Secrets, and of their keys. A name is empty if the product has no such Secret.
type SecretNames struct {
	Server, Signing, Root, Token, Client, Telemetry string

	Keys product.Keys
	// Given means that agents are given their certificates: each cluster with an agent must have one, and none is signed at first contact.
	Given bool
	// Issued are the Secrets that issuers in the clusters create.
	Issued []string
}

// NamesOf returns a product's names.
func NamesOf(p product.Profile) SecretNames {
	return SecretNames{
		Server: p.Secret(pki.Server), Signing: p.Secret(pki.Signing), Root: p.Secret(pki.Root),
		Token: p.Secret(product.Token), Client: p.Client(), Telemetry: p.Secret(pki.Telemetry), Keys: p.Keys,
		Given: p.Has(pki.Agent), Issued: p.Issued(),
	}
}

// Or fills in empty names from others.
func (n SecretNames) Or(others SecretNames) SecretNames {
	return SecretNames{
		Server: cmp.Or(n.Server, others.Server), Signing: cmp.Or(n.Signing, others.Signing), Root: cmp.Or(n.Root, others.Root),
		Token: cmp.Or(n.Token, others.Token), Client: cmp.Or(n.Client, others.Client), Telemetry: cmp.Or(n.Telemetry, others.Telemetry),
		Keys: product.Keys{
			CA: cmp.Or(n.Keys.CA, others.Keys.CA), Cert: cmp.Or(n.Keys.Cert, others.Keys.Cert),
			Key: cmp.Or(n.Keys.Key, others.Keys.Key), Token: cmp.Or(n.Keys.Token, others.Keys.Token),
		},
		Given: n.Given || others.Given, Issued: slices.Concat(n.Issued, others.Issued),
	}
}

// All returns every name.
func (n SecretNames) All() []string {
	return slices.DeleteFunc([]string{n.Server, n.Signing, n.Root, n.Token, n.Client, n.Telemetry}, func(name string) bool { return name == "" })
}

// Secret returns the cluster's Secret with a name, or nil.
func (c *Cluster) Secret(name string) *Secret {
	for i := range c.Secrets {
		if c.Secrets[i].Name == name {
			return &c.Secrets[i]
		}
	}
	return nil
}

// shape returns a digest of a cluster's contents: clusters with the same are verified once.
func (c *Cluster) shape() [sha256.Size]byte {
	h := sha256.New()
	put := func(b []byte) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(b))) // writes to a hash do not fail
		h.Write(b)
	}
	fmt.Fprintln(h, c.Management, c.Agent, c.Elsewhere)
	for _, s := range c.Secrets {
		put([]byte(s.Name + "/" + s.Namespace))
		put([]byte(fmt.Sprint(len(s.Data))))
		for _, key := range slices.Sorted(maps.Keys(s.Data)) {
			put([]byte(key))
			put(s.Data[key])
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}
