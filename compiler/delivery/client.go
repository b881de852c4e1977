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

// Client is the delivery of a cluster's agent certificate: a part of the overlay that no other cluster has.
type Client struct {
	Agent     lockfile.Agent
	Data      map[string][]byte // data of its Secret: public, and decrypted
	Private   PrivateFile       // the file with its key
	Public    Secret            // the object in the overlay
	File      string            // the file of the object
	Component string            // the folder of its component, relative to the key store; may be empty
}

// publicFile contains the public part of Secrets, if the key store provides the private part.
const publicFile = "secrets.yaml"

// Client returns a cluster's, or false if it has none.
func (parts Parts) Client(cluster string) (Client, bool) {
	c, ok := parts.clients[cluster]
	return c, ok
}

// given delivers its certificate to each agent. The store fills in the object and its file; a client without a file is left out, because
// the lockfile has no record of it yet.
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

// clientOf returns the private value of an agent for its cluster's audience.
func clientOf(p *plan.Plan, a lockfile.Agent) Ciphertext {
	r, cluster := p.Product.Role(pki.Agent), p.Cluster(a.Cluster)
	c := Ciphertext{
		Role: pki.Agent, What: fmt.Sprintf("agent %d of %s", a.Generation, a.Cluster), Value: lockfile.AgentKeyFile(a.Cluster, a.SPKI), Holds: a.SPKI,
		Secret: r.Secret, Key: p.Product.Keys.Key, Audience: p.AudienceOf(cluster),
	}
	c.Bound = bound(p, c)
	return c
}

// bound returns what the ciphertext of a Secret's value is bound to.
func bound(p *plan.Plan, c Ciphertext) string {
	if p.SealedSecrets != nil {
		return p.SealedSecrets.Scope.Label(p.Namespace, c.Secret)
	}
	return "data:" + c.Key // SOPS: the path of a value is additional data of its encryption
}

// inGitClients adds agents' encrypted private keys to overlays.
func (parts *Parts) inGitClients(p *plan.Plan, l *lockfile.File, write form) error {
	return parts.given(p, l, func(r product.Role, c *Client) error {
		of := clientOf(p, c.Agent)
		s, ok := l.FindSealed(of.Holds, of.Audience.Digest, of.Bound)
		if !ok {
			return nil
		}
		name, o, err := write(p, l, r, of, s, c.Data)
		c.File, c.Public = name, Secret{r.Role, o}
		if o.Kind == "Secret" && o.Sops == nil { // decrypted
			c.Data = decoded(o)
		}
		return err
	})
}

// decoded returns the values of a Secret.
func decoded(o manifest.Object) map[string][]byte {
	all := make(map[string][]byte, len(o.Data))
	for key, text := range o.Data {
		all[key], _ = base64.StdEncoding.DecodeString(text) // relayform encoded it
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
