package delivery

import (
	"encoding/base64"
	"fmt"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Client is what brings a cluster the certificate of its agent, by itself: a part of the overlay that no other cluster has.
type Client struct {
	Agent     lockfile.Agent
	Data      map[string][]byte // of its Secret: what is public, and what was opened
	Private   PrivateFile       // that holds its key
	Public    Secret            // the object in the overlay
	File      string            // that has the object
	Component string            // the folder of its component, below the key store; empty for none
}

// publicFile has what is public of Secrets, where the key store brings what is private.
const publicFile = "secrets.yaml"

// Client is that of a cluster; false where it has none.
func (parts Parts) Client(cluster string) (Client, bool) {
	c, ok := parts.clients[cluster]
	return c, ok
}

// given has each agent brought its certificate. The store fills in the object and its file; a client without a file is left out, as
// what the lockfile has no record of yet is.
func (parts *Parts) given(p *plan.Plan, l *lockfile.File, fill func(r product.Role, c *Client) error) error {
	r, keys := p.Product.Role(pki.Agent), p.Product.Keys
	if !r.Own || r.Issued {
		return nil
	}
	parts.clients = map[string]Client{}
	ca := l.CA(pki.Agent)
	for _, a := range l.AgentsInForce() {
		chain := l.Presented(a)
		c := Client{
			Agent: a, Data: map[string][]byte{keys.CA: ca, keys.Cert: pki.MarshalCertificates(chain...)},
			Private: privateFile(p.Namespace, r.Secret, keys.Key, lockfile.AgentKeyFile(a.Cluster, a.SPKI)),
		}
		if err := fill(r, &c); err != nil {
			return err
		}
		if c.File != "" {
			parts.clients[a.Cluster] = c
		}
	}
	return nil
}

// clientOf is the private value of an agent for those who open it in its cluster.
func clientOf(p *plan.Plan, a lockfile.Agent) Ciphertext {
	r, cluster := p.Product.Role(pki.Agent), p.Cluster(a.Cluster)
	c := Ciphertext{
		Role: pki.Agent, What: fmt.Sprintf("agent %d of %s", a.Generation, a.Cluster), Value: lockfile.AgentKeyFile(a.Cluster, a.SPKI), Holds: a.SPKI,
		Secret: r.Secret, Key: p.Product.Keys.Key, Audience: p.AudienceOf(cluster),
	}
	c.Bound = bound(p, c)
	return c
}

// bound is what the ciphertext of a Secret's value is bound to.
func bound(p *plan.Plan, c Ciphertext) string {
	if p.SealedSecrets != nil {
		return p.SealedSecrets.Scope.Label(p.Namespace, c.Secret)
	}
	return "data:" + c.Key // SOPS: the path of a value is additional data of its encryption
}

// inGitClients has overlays hold agents' private keys encrypted.
func (parts *Parts) inGitClients(p *plan.Plan, l *lockfile.File, write form) error {
	return parts.given(p, l, func(r product.Role, c *Client) error {
		of := clientOf(p, c.Agent)
		s, ok := l.FindSealed(of.Holds, of.Audience.Digest, of.Bound)
		if !ok {
			return nil
		}
		name, o, err := write(p, l, r, of, s, c.Data)
		c.File, c.Public = name, Secret{r.Role, o}
		if o.Kind == "Secret" && o.Sops == nil { // opened
			c.Data = decoded(o)
		}
		return err
	})
}

// decoded are the values of a Secret.
func decoded(o manifest.Object) map[string][]byte {
	all := make(map[string][]byte, len(o.Data))
	for key, text := range o.Data {
		all[key], _ = base64.StdEncoding.DecodeString(text) // which relayform encoded
	}
	return all
}

// externalClients has the operator fetch agents' private keys.
func (parts *Parts) externalClients(p *plan.Plan, l *lockfile.File) {
	_ = parts.given(p, l, func(r product.Role, c *Client) error {
		c.File = externalFile
		c.Public = Secret{r.Role, externalSecret(p, r.Secret, l.TypeOf(r.Role), texts(c.Data), p.Product.Keys.Key, c.Agent.SPKI)}
		return nil
	})
}
