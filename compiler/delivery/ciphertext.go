package delivery

import (
	"fmt"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// Ciphertext is a private value that git contains, encrypted for an audience.
type Ciphertext struct {
	Role     pki.Role
	What     string // description: server 2
	Value    string // the plain file in the key store
	Holds    string // the digest of its public key, or of the token
	Secret   string
	Key      string // of the value in the Secret
	Bound    string // what it is bound to
	Audience plan.Audience
}

// Ciphertexts lists what git must contain for the clusters of a plan, without duplicates; none if the store does not use git.
func Ciphertexts(p *plan.Plan, l *lockfile.File) []Ciphertext {
	store := p.InGit()
	if store == nil {
		return nil
	}
	var all []Ciphertext
	for _, r := range p.Product.Roles {
		if c, ok := ciphertext(p, l, r, store.Management); ok {
			all = append(all, c)
		}
	}
	if p.Product.Brings(pki.Agent) {
		for _, a := range l.AgentsInForce() {
			all = append(all, clientOf(p, a))
		}
	}
	token := p.Product.Role(product.Token)
	if !p.Product.Has(product.Token) {
		return all
	}
	known := map[string]bool{store.Management.Digest: true}
	for _, remote := range p.Remotes {
		a := p.AudienceOf(remote)
		if known[a.Digest] {
			continue
		}
		known[a.Digest] = true
		if c, ok := ciphertext(p, l, token, a); ok {
			all = append(all, c)
		}
	}
	return all
}

// ciphertext returns the private value of a role for an audience; false if it has none, or the lockfile does not have it yet.
func ciphertext(p *plan.Plan, l *lockfile.File, r product.Role, a plan.Audience) (Ciphertext, bool) {
	c := Ciphertext{Role: r.Role, Secret: r.Secret, Audience: a}
	switch {
	case r.Role == pki.Root:
		return c, false
	case r.Role == product.Token:
		if l.Token == nil {
			return c, false
		}
		c.What, c.Value, c.Holds, c.Key = fmt.Sprintf("%s %d", r.Role, l.Token.Generation), lockfile.TokenFile(l.Token.SHA256), l.Token.SHA256, p.Product.Keys.Token
	default:
		have := l.Newest(r.Role)
		if have == nil {
			return c, false
		}
		c.What, c.Value, c.Holds, c.Key = fmt.Sprintf("%s %d", r.Role, have.Generation), lockfile.KeyFile(have.SPKI), have.SPKI, p.Product.Keys.Key
	}
	c.Bound = bound(p, c)
	return c, true
}

// Keeps returns a predicate for records that are still useful: for an existing audience, bound as ciphertexts are now, and with a value
// that is in the lockfile, in use or set aside.
func Keeps(p *plan.Plan, l *lockfile.File) func(lockfile.Sealed) bool {
	holds, audiences, places := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range l.Every() {
		holds[c.SPKI] = true
	}
	for _, a := range l.Agents {
		holds[a.SPKI] = true
	}
	if l.Token != nil {
		holds[l.Token.SHA256] = true
	}
	if store := p.InGit(); store != nil {
		audiences[store.Management.Digest] = true
		for _, c := range p.Remotes {
			audiences[p.AudienceOf(c).Digest] = true
		}
		for _, r := range p.Product.Roles {
			if c, ok := ciphertext(p, l, r, store.Management); ok {
				places[c.Bound] = true
			}
		}
		if p.Product.Brings(pki.Agent) {
			places[clientOf(p, lockfile.Agent{}).Bound] = true
		}
	}
	return func(s lockfile.Sealed) bool { return holds[s.Holds] && audiences[s.For] && places[s.Bound] }
}
