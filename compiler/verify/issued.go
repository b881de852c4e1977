package verify

import (
	"fmt"
	"slices"
	"time"

	"relayform/compiler/product"
)

// issued reports whether an issuer in the cluster makes the Secret.
func (j *judge) issued(s *Secret) bool { return s != nil && slices.Contains(j.m.Names.Issued, s.Name) }

// unseen reports whether a Secret may be in its cluster though the material does not have it.
func (j *judge) unseen(name string) bool {
	return j.m.Unseen && slices.Contains(j.m.Names.Issued, name)
}

// trusted is what the relay server verifies agents by: the ca.crt beside its certificate. Where an issuer writes that, it is what the
// issuer tells of itself, and the Secret of the roots counts, which the relay server reads at start.
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

// issuers looks whether what issuers in the clusters made leads to the roots that are brought to all of them.
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

// early is how long before its end a certificate should have been replaced. An issuer in a cluster is late with the last tenth.
func (j *judge) early(p *pair) time.Duration {
	if j.issued(p.secret) {
		return p.certs[0].NotAfter.Sub(p.certs[0].NotBefore) / 10
	}
	return product.Soon
}

// next is what to do about a certificate that ends soon, which is as given where it is brought.
func (j *judge) next(p *pair, brought string) string {
	if j.issued(p.secret) {
		return "kubectl describe certificate " + p.secret.Name + " says why cert-manager has not renewed it"
	}
	return brought
}

// end is where the chain of a pair ends, as far as the pair itself says.
func (j *judge) end(p *pair) string {
	if p.ca != nil {
		if w := j.way(p, p.ca); w.built {
			return Named(w.chain.Anchor)
		}
	}
	return p.certs[len(p.certs)-1].Issuer.String()
}
