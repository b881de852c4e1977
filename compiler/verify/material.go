// Package verify says whether everything that clusters hold trusts each other: whether an agent's
// first contact with the relay server, and mutual TLS after it, would succeed; if not, why; and if
// so, until when. It judges bytes, wherever they come from.
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

// Material is what the clusters of one mesh hold, or would hold.
type Material struct {
	// Authority is the name by which agents verify the relay server, where their clusters have no other.
	Authority string
	// DNSNames are names that the relay server's certificate is to have beside that.
	DNSNames []string
	// Gateway is the name by which collectors verify the telemetry gateway; empty where there is none.
	Gateway string
	Names   SecretNames
	// Clusters is every cluster, exactly one of them the management cluster.
	Clusters []Cluster
	// AgentValidity is how long the certificates are valid that the relay server issues to agents.
	AgentValidity time.Duration
	// Registered are the clusters whose agents the relay server is to know; nil where that is not known.
	Registered []string
	// Unaddressed are the clusters whose agents are given no address to dial, where that is known.
	Unaddressed []string
	// Unsent are those whose collectors are given none.
	Unsent []string
	// Product is whose Helm values the clusters' are; the zero Profile where there are none.
	Product product.Profile
	// Unseen means that the Secrets of Names.Issued are not in the material, though clusters may have them.
	Unseen bool
	// Public means that private keys and tokens were left out: what needs them is not judged.
	Public bool
}

// Cluster is what one cluster holds.
type Cluster struct {
	Name       string
	Management bool
	Agent      bool   // runs an agent
	Authority  string // the name by which its agent verifies the relay server; empty for that of the mesh
	Secrets    []Secret
	Elsewhere  []Place  // Secrets of the relay's names in other namespaces than the relay's
	Values     []Values // Helm values that are to be installed there
}

// Place is where a Secret lies.
type Place struct{ Secret, Namespace string }

// Values are Helm values, and where they were read.
type Values struct {
	At   string
	Tree map[string]any
}

// Secret is a Secret's data.
type Secret struct {
	Name string
	// Namespace is that of the Secret where it is another than the relay's; else empty.
	Namespace string
	At        string   // where it was read: a file, or a cluster
	ManagedBy string   // what its label says who manages it; empty where it has none
	Owners    []string // the kinds of objects that it belongs to
	Data      map[string][]byte
}

// SecretNames are the names of a relay's Secrets, and of their keys. A name is empty where the product has no
// such Secret.
type SecretNames struct {
	Server, Signing, Root, Token, Client, Telemetry string

	Keys product.Keys
	// Given means that agents are given their certificates, so that each cluster with an agent has to hold one, and none is signed at
	// first contact.
	Given bool
	// Issued are those Secrets that issuers in the clusters make.
	Issued []string
}

// NamesOf are a product's.
func NamesOf(p product.Profile) SecretNames {
	return SecretNames{
		Server: p.Secret(pki.Server), Signing: p.Secret(pki.Signing), Root: p.Secret(pki.Root),
		Token: p.Secret(product.Token), Client: p.Client(), Telemetry: p.Secret(pki.Telemetry), Keys: p.Keys,
		Given: p.Has(pki.Agent), Issued: p.Issued(),
	}
}

// Or fills in from others what is empty.
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

// All is every name.
func (n SecretNames) All() []string {
	return slices.DeleteFunc([]string{n.Server, n.Signing, n.Root, n.Token, n.Client, n.Telemetry}, func(name string) bool { return name == "" })
}

// Secret is the cluster's Secret of that name, or nil.
func (c *Cluster) Secret(name string) *Secret {
	for i := range c.Secrets {
		if c.Secrets[i].Name == name {
			return &c.Secrets[i]
		}
	}
	return nil
}

// shape is a digest of what a cluster holds and does: clusters with the same are judged once.
func (c *Cluster) shape() [sha256.Size]byte {
	h := sha256.New()
	put := func(b []byte) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(b))) // a hash takes all
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
