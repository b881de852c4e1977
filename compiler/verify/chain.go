package verify

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"relayform/compiler/pki"
)

// chains builds a chain from each tls.crt to what its verifiers trust.
func (j *judge) chains() {
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			if p.whole {
				j.ways(p, j.verifiers(p))
			}
		}
	}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			if p.whole {
				j.chain(g, p)
			}
		}
	}
	p := j.management.signing
	if p == nil || !p.built || !p.way.ok {
		return
	}
	var agents []string
	for _, c := range j.m.Clusters {
		if c.Agent {
			agents = append(agents, c.Name)
		}
	}
	for _, name := range pki.Excluded(p.certs, p.way.trust.certs, j.at, agents) {
		if j.shut == nil {
			j.shut = map[string]bool{}
		}
		j.shut[name] = true
	}
}

func (g *group) pairs() []*pair {
	return slices.DeleteFunc([]*pair{g.server, g.signing, g.client, g.telemetry}, func(p *pair) bool { return p == nil })
}

// issued returns the management cluster's pairs that the root issued.
func (g *group) issued() []*pair {
	return slices.DeleteFunc([]*pair{g.server, g.signing, g.telemetry}, func(p *pair) bool { return p == nil })
}

// bundles returns every ca.crt of a cluster, the root Secret's first.
func (g *group) bundles() []*bundle {
	all := []*bundle{g.root}
	for _, p := range g.pairs() {
		all = append(all, p.ca)
	}
	return slices.DeleteFunc(all, func(b *bundle) bool { return b == nil })
}

// ranFor is how long a script may take between issuing the root and the last certificate, all with the same validity in days: outliving the
// root by less is not reported.
const ranFor = 24 * time.Hour

// chain reports where a pair's chain breaks, and oddities in its links.
func (j *judge) chain(g *group, p *pair) {
	object := p.object(j.m.Names.Keys.Cert)
	if !p.built {
		j.ended(g, p, object)
		return
	}
	j.order(g, p, object)
	for _, c := range p.chains {
		child := c.Leaf
		for _, issuer := range c.Above() {
			if child.NotAfter.Sub(issuer.NotAfter) > ranFor && !j.at.After(issuer.NotAfter) {
				j.find(g, OutlivesIssuer, Warning, object, p.secret, fmt.Sprintf("%s is valid until %s, and its issuer %s until %s", subject(child), pki.Day(child.NotAfter), subject(issuer), pki.Day(issuer.NotAfter)), "")
			}
			if len(child.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId) {
				j.find(g, AKIMismatch, Warning, object, p.secret, fmt.Sprintf("the authority key identifier of %s is %x, but the key identifier of its issuer is %x", subject(child), child.AuthorityKeyId, issuer.SubjectKeyId), "")
			}
			child = issuer
		}
	}
}

// ended reports that a chain does not end at a trusted root.
func (j *judge) ended(g *group, p *pair, object string) {
	if j.issued(p.secret) {
		return // reported by issuers
	}
	broken := p.way.broken
	if broken == nil || len(j.anchors()) == 0 || slices.ContainsFunc(g.bundles(), func(b *bundle) bool { return !b.whole }) {
		return // the missing certificate may be in an unreadable file
	}
	code, hint := ChainIncomplete, "append the issuer's certificate to "+j.m.Names.Keys.Cert
	switch {
	case broken.Limit != "":
		hint = "remove from " + j.m.Names.Keys.Cert + " and " + j.m.Names.Keys.CA + " what is not part of the chain"
	case broken.Namesake != nil:
		code, hint = IssuerReplaced, "reissue what it signed with the current CA, or restore the old CA"
	case j.signsItself(broken.At):
		hint = "it is a root that no cluster trusts: add it to " + j.m.Names.Keys.CA + ", or present the chain to a root that they trust"
	}
	switch renewal := j.another("delete the Secret, and the agent gets a certificate from the current signing CA"); {
	case p == g.client && code == IssuerReplaced:
		hint = renewal
	case p == g.client:
		hint += "; or " + renewal
	}
	j.find(g, code, Error, object, p.secret, broken.Error(), hint)
}

// bridges reports whether a certificate connects two of the clusters' roots, and a chain uses it.
func (j *judge) bridges(c *x509.Certificate) bool {
	needed := slices.ContainsFunc(j.management.issued(), func(p *pair) bool { return p.presented[string(c.Raw)] })
	return needed && slices.ContainsFunc(j.anchors(), func(a *x509.Certificate) bool {
		return bytes.Equal(a.RawSubject, c.RawSubject) && bytes.Equal(a.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
	})
}

// order checks what tls.crt contains besides the leaf.
func (j *judge) order(g *group, p *pair, object string) {
	used := p.chain.Intermediates
	var present []*x509.Certificate
	for _, c := range p.certs[1:] {
		switch {
		case slices.ContainsFunc(used, c.Equal):
			present = append(present, c)
		case p.presented[string(c.Raw)] || j.bridges(c): // some cluster's chain needs it
		case j.signsItself(c):
			j.find(g, RootInChain, Note, object, p.secret, fmt.Sprintf("the root %s is in it", subject(c)), "remove it; each side has its roots in "+j.m.Names.Keys.CA)
		default:
			j.find(g, StrayInChain, Note, object, p.secret, fmt.Sprintf("%s is not part of the chain", subject(c)), "remove it")
		}
	}
	if len(present) == len(used) && !slices.EqualFunc(present, used, (*x509.Certificate).Equal) {
		j.find(g, ChainDisordered, Warning, object, p.secret, "the intermediates are out of order", "put each certificate's issuer after it")
	}
}
