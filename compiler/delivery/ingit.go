package delivery

import (
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// form writes a Secret whose private value is encrypted in git: it returns the object and the name of its file, given the public part. An
// empty name omits it, if the record cannot be parsed.
type form func(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (file string, o manifest.Object, err error)

// formOf returns the form of a plan's store.
func formOf(p *plan.Plan) form {
	if p.Sops != nil {
		return asSops
	}
	return asSealedSecret
}

// inGit adds encrypted private values to overlays. What the lockfile has no record of yet is left out.
func inGit(p *plan.Plan, l *lockfile.File, write form) (Parts, error) {
	var parts Parts
	for _, r := range p.Product.Roles {
		if r.Role == pki.Root { // nothing in it is private
			parts.publish(p, l, r)
		}
	}
	own := func(roles []product.Role) func(a plan.Audience) ([]File, error) {
		return func(a plan.Audience) ([]File, error) { return encrypted(p, l, roles, a, write) }
	}
	var tokens []product.Role
	if p.Product.Has(product.Token) {
		tokens = []product.Role{p.Product.Role(product.Token)}
	}
	var err error
	if parts.Management.Private, err = own(p.Product.Roles)(p.InGit().Management); err != nil {
		return parts, err
	}
	parts.own = own(tokens)
	if parts.Remote.Private, err = parts.own(p.InGit().Remotes); err != nil {
		return parts, err
	}
	return parts, parts.inGitClients(p, l, write)
}

// encrypted returns the files of Secrets for an audience, merging those with the same name.
func encrypted(p *plan.Plan, l *lockfile.File, roles []product.Role, a plan.Audience, write form) ([]File, error) {
	var all []File
	for _, r := range roles {
		c, ok := ciphertext(p, l, r, a)
		if !ok {
			continue
		}
		s, ok := l.FindSealed(c.Holds, c.Audience.Digest, c.Bound)
		if !ok {
			continue
		}
		name, o, err := write(p, l, r, c, s, public(p, l, r.Role))
		if err != nil {
			return nil, err
		}
		if name == "" {
			continue
		}
		if n := len(all); n == 0 || all[n-1].Name != name {
			all = append(all, File{Name: name})
		}
		last := &all[len(all)-1]
		last.Secrets = append(last.Secrets, Secret{r.Role, o})
	}
	return all, nil
}

// Recorded returns the lockfile's record of a ciphertext; false if there is none that its store can write.
func Recorded(p *plan.Plan, l *lockfile.File, c Ciphertext) (lockfile.Sealed, bool) {
	s, ok := l.FindSealed(c.Holds, c.Audience.Digest, c.Bound)
	if !ok {
		return s, false
	}
	if p.Sops != nil {
		_, ok = readSops(s)
	} else {
		_, ok = readSealed(s)
	}
	return s, ok
}
