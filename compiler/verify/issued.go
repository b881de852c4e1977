package verify

import (
	"fmt"
	"slices"
	"time"

	"relayform/compiler/product"
)

// issued reports whether an issuer in the cluster creates the Secret.
func (j *judge) issued(s *Secret) bool { return s != nil && slices.Contains(j.m.Names.Issued, s.Name) }

// unseen reports whether a Secret may be in its cluster but not in the material.
func (j *judge) unseen(name string) bool {
	return j.m.Unseen && slices.Contains(j.m.Names.Issued, name)
}

// trusted returns the roots with which the relay server verifies agents: the ca.crt next to its certificate. If an issuer writes that, the
// Secret of the roots is used instead, which the relay server reads at start.
func (j *judge) trusted() *bundle {
	m := j.management
	switch {
	case m.server == nil:
		return nil
	case j.issued(m.server.secret) && m.root != nil && len(m.root.certs) > 0:
		return m.root
	}
	return m.server.ca
}

// issuers checks that what issuers in the clusters created chains to the roots that are deployed to all of them.
func (j *judge) issuers() {
	j.strayed = map[*pair]bool{}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			if !j.issued(p.secret) || !g.root.usable() {
				continue
			}
			if p.whole && !j.way(p, g.root).built {
				j.strayed[p] = true
				j.find(g, IssuerStrays, Error, p.object(j.m.Names.Keys.Cert), p.secret,
					fmt.Sprintf("%s: the chain of its issuer ends at %s; want one of the roots of pki.certManager.ca: %s", subject(p.certs[0]), j.end(p), rootsInWords(g.root.roots)), "")
				continue
			}
			if p.ca.usable() && !sameSet(p.ca.certs, g.root.certs) {
				j.find(g, IssuerTells, Warning, p.ca.object(), p.secret,
					fmt.Sprintf("cert-manager wrote what the issuer reports: %s; %s has %s", rootsInWords(p.ca.certs), g.root.secret.Name, rootsInWords(g.root.roots)), "")
			}
		}
	}
}

// early returns how long before expiry a certificate should have been replaced. An issuer in a cluster is late in the last tenth.
func (j *judge) early(p *pair) time.Duration {
	if j.issued(p.secret) {
		return p.certs[0].NotAfter.Sub(p.certs[0].NotBefore) / 10
	}
	return product.Soon
}

// next says what to do about a certificate that expires soon; for one that is provided, as given.
func (j *judge) next(p *pair, brought string) string {
	if j.issued(p.secret) {
		return "kubectl describe certificate " + p.secret.Name + " says why cert-manager has not renewed it"
	}
	return brought
}

// end names the issuer at the end of a pair's chain, as far as the pair itself tells.
func (j *judge) end(p *pair) string {
	if p.ca != nil {
		if w := j.way(p, p.ca); w.built {
			return Named(w.chain.Anchor)
		}
	}
	return p.certs[len(p.certs)-1].Issuer.String()
}
