// Package verify says whether everything that clusters hold trusts each other: whether an agent's
// first contact with the relay server, and mutual TLS after it, would succeed; if not, why; and if
// so, until when. It judges bytes, wherever they come from.
package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"relayform/compiler/product"
)

// Material is what the clusters of one mesh hold, or would hold.
type Material struct {
	// Authority is the name by which agents verify the relay server.
	Authority string
	Names     SecretNames
	// Clusters is every cluster, exactly one of them the management cluster.
	Clusters []Cluster
	// Public means that private keys and tokens were left out: what needs them is not judged.
	Public bool
}

// Cluster is what one cluster holds.
type Cluster struct {
	Name       string
	Management bool
	Agent      bool // runs an agent
	Secrets    []Secret
}

// Secret is a Secret's data.
type Secret struct {
	Name string
	At   string // where it was read: a file, or a cluster
	Data map[string][]byte
}

// SecretNames are the names of a relay's Secrets.
type SecretNames struct{ Server, Signing, Root, Token, Client, TokenKey string }

// DefaultNames are those that relayform gives.
func DefaultNames() SecretNames {
	return SecretNames{
		Server: product.ServerSecret, Signing: product.SigningSecret, Root: product.RootSecret,
		Token: product.TokenSecret, Client: product.ClientSecret, TokenKey: product.TokenKey,
	}
}

// All is every name.
func (n SecretNames) All() []string {
	return []string{n.Server, n.Signing, n.Root, n.Token, n.Client}
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
	fmt.Fprintln(h, c.Management, c.Agent)
	for _, s := range c.Secrets {
		put([]byte(s.Name))
		put([]byte(fmt.Sprint(len(s.Data))))
		for _, key := range slices.Sorted(maps.Keys(s.Data)) {
			put([]byte(key))
			put(s.Data[key])
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}
