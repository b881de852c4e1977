package verify

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"relayform/compiler/pki"
)

// chains leads each tls.crt to a root that some cluster has.
func (j *judge) chains() {
	var anchors []*x509.Certificate
	for _, g := range j.groups {
		for _, b := range g.bundles() {
			for _, root := range b.roots {
				if !slices.ContainsFunc(anchors, root.Equal) {
					anchors = append(anchors, root)
				}
			}
		}
	}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			if p.whole {
				j.chain(g, p, anchors)
			}
		}
	}
}

func (g *group) pairs() []*pair {
	return slices.DeleteFunc([]*pair{g.server, g.signing, g.client}, func(p *pair) bool { return p == nil })
}

// bundles is every ca.crt of a cluster, that of the root Secret first.
func (g *group) bundles() []*bundle {
	all := []*bundle{g.root}
	for _, p := range g.pairs() {
		all = append(all, p.ca)
	}
	return slices.DeleteFunc(all, func(b *bundle) bool { return b == nil })
}

// ranFor is how long a script may take from the root to the last certificate, of equal days: what
// its certificates outlive each other by then is no fault that shows.
const ranFor = 24 * time.Hour

func (j *judge) chain(g *group, p *pair, anchors []*x509.Certificate) {
	object := p.object(j.m.Names.Keys.Cert)
	chain, err := pki.BuildChain(p.certs[0], p.certs[1:], anchors)
	p.chain = chain
	var broken *pki.BrokenChain
	if errors.As(err, &broken) {
		if len(anchors) == 0 || slices.ContainsFunc(g.bundles(), func(b *bundle) bool { return !b.whole }) {
			return // what is missing may be in what cannot be read
		}
		code, hint := ChainIncomplete, "append the issuer's certificate to "+j.m.Names.Keys.Cert
		if broken.Namesake != nil {
			code, hint = IssuerReplaced, "issue what it signed again with the CA that is in use now, or restore the old one"
		} else if pki.SelfIssued(broken.At) {
			hint = "it is a root that no cluster trusts: add it to " + j.m.Names.Keys.CA + ", or present the chain to a root that they trust"
		}
		j.find(g, code, Error, object, p.secret, broken.Error(), hint)
		return
	}
	p.built = true
	j.order(g, p, object)
	above := slices.Concat(chain.Intermediates, []*x509.Certificate{chain.Anchor})
	child := chain.Leaf
	for _, issuer := range above {
		if child.Equal(issuer) {
			break
		}
		if child.NotAfter.Sub(issuer.NotAfter) > ranFor {
			j.find(g, OutlivesIssuer, Warning, object, p.secret, fmt.Sprintf("%s is valid until %s, and its issuer %s until %s", subject(child), pki.Day(child.NotAfter), subject(issuer), pki.Day(issuer.NotAfter)), "")
		}
		if len(child.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId) {
			j.find(g, AKIMismatch, Warning, object, p.secret, fmt.Sprintf("the authority key identifier of %s is %x, and the key identifier of its issuer %x", subject(child), child.AuthorityKeyId, issuer.SubjectKeyId), "")
		}
		child = issuer
	}
}

// order looks at what tls.crt has besides the leaf.
func (j *judge) order(g *group, p *pair, object string) {
	used := p.chain.Intermediates
	var present []*x509.Certificate
	for _, c := range p.certs[1:] {
		switch {
		case slices.ContainsFunc(used, c.Equal):
			present = append(present, c)
		case pki.SelfIssued(c):
			j.find(g, RootInChain, Note, object, p.secret, fmt.Sprintf("the root %s is in it", subject(c)), "leave it out; each side has its roots in "+j.m.Names.Keys.CA)
		default:
			j.find(g, StrayInChain, Note, object, p.secret, fmt.Sprintf("%s is not part of the chain", subject(c)), "leave it out")
		}
	}
	if len(present) == len(used) && !slices.EqualFunc(present, used, (*x509.Certificate).Equal) {
		j.find(g, ChainDisordered, Warning, object, p.secret, "the intermediates are not in the order in which one issued the other", "put each certificate's issuer behind it")
	}
}
