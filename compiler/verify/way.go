package verify

import (
	"cmp"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"relayform/compiler/pki"
)

// way is how a pair's certificates chain to what one verifier trusts.
type way struct {
	trust  *bundle
	groups []*group    // whose verifiers trust it
	chain  pki.Chain   // the chain with which Go's crypto/x509 accepts the pair; if none, the one at fault
	built  bool        // signatures chain to an anchor
	taken  []pki.Chain // all chains that Go accepts
	ok     bool        // Go accepts one
	until  time.Time
	err    error // Go's, if it accepts none
	broken *pki.BrokenChain
}

// most is how many chains are checked to find the one at fault.
const most = 16

// ways chains a pair to what each of its verifiers trusts; without verifiers, to what any of them trusts.
func (j *judge) ways(p *pair, verifiers []verifier) {
	if len(verifiers) == 0 {
		verifiers = []verifier{{nil, &bundle{certs: j.anchors()}}}
	}
	p.byTrust = map[string]*way{}
	for _, v := range verifiers {
		key := string(v.trust.text)
		w := p.byTrust[key]
		if w == nil {
			w = j.way(p, v.trust)
			p.byTrust[key] = w
			p.ways = append(p.ways, w)
		}
		if v.group != nil {
			w.groups = append(w.groups, v.group)
		}
	}
	is := func(test func(*way) bool) *way {
		if i := slices.IndexFunc(p.ways, test); i >= 0 {
			return p.ways[i]
		}
		return nil
	}
	p.way = cmp.Or(is(func(w *way) bool { return w.ok }), is(func(w *way) bool { return w.built }), p.ways[0])
	p.chain, p.built = p.way.chain, p.way.built
	if !p.built && p.role != pki.Agent { // what an agent itself has proves nothing to the relay server
		elsewhere := j.way(p, &bundle{certs: j.anchors()})
		if p.built = elsewhere.built; p.built {
			p.way, p.chain = elsewhere, elsewhere.chain
		}
	}
	p.keep()
}

// verifier verifies a pair with what it trusts.
type verifier struct {
	group *group
	trust *bundle
}

// verifiers returns a pair's verifiers: agents verify the relay server, collectors next to them the telemetry gateway, and the relay server
// what the signing CA signed.
func (j *judge) verifiers(p *pair) []verifier {
	m := j.management
	if p.role.Serves() {
		var all []verifier
		for _, g := range j.groups {
			if g.Agent && g.root != nil && len(g.root.certs) > 0 {
				all = append(all, verifier{g, g.root})
			}
		}
		return all
	}
	if trust := j.trusted(); trust != nil && len(trust.certs) > 0 {
		return []verifier{{m, trust}}
	}
	return nil
}

// anchors returns everything that any verifier trusts.
func (j *judge) anchors() []*x509.Certificate {
	var all []*x509.Certificate
	seen := map[string]bool{}
	for _, g := range j.groups {
		for _, b := range g.bundles() {
			for _, c := range b.certs {
				if !seen[string(c.Raw)] {
					seen[string(c.Raw)] = true
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// way asks Go and, if it accepts no chain, follows the signatures to find out why.
func (j *judge) way(p *pair, trust *bundle) *way {
	w := &way{trust: trust}
	var chains []pki.Chain
	switch {
	case len(trust.certs) == 0:
	case p.role == pki.Signing:
		chains, w.err = pki.WaysBelow(p.certs, trust.certs, j.at)
	case p.role.Serves():
		chains, w.err = pki.Ways(p.certs, trust.certs, pki.Ask{At: j.at, Usage: x509.ExtKeyUsageServerAuth})
	default:
		chains, w.err = pki.Ways(p.certs, trust.certs, pki.Ask{At: j.at, Usage: x509.ExtKeyUsageClientAuth})
	}
	if w.ok = w.err == nil && len(chains) > 0; w.ok {
		w.taken, w.built, w.until, w.chain = chains, true, pki.Last(chains), j.best(p, chains)
		return w
	}
	chains, longest, err := pki.Paths(p.certs[0], p.certs[1:], trust.certs, most)
	if w.built = err == nil; w.built {
		w.chain = j.best(p, chains)
		return w
	}
	errors.As(err, &w.broken)
	w.chain = pki.Chain{Leaf: p.certs[0], Intermediates: longest[1:]}
	return w
}

// best returns the chain with the fewest faults; of those, the shortest.
func (j *judge) best(p *pair, chains []pki.Chain) pki.Chain {
	return slices.MinFunc(chains, func(a, b pki.Chain) int {
		errA, warnA := j.faults(p, a)
		errB, warnB := j.faults(p, b)
		return cmp.Or(cmp.Compare(errA, errB), cmp.Compare(len(a.Intermediates), len(b.Intermediates)), cmp.Compare(warnA, warnB), b.End().Compare(a.End()))
	})
}

// faults counts the findings that a chain would have.
func (j *judge) faults(p *pair, c pki.Chain) (errs, warnings int) {
	count := func(s Severity) {
		switch s {
		case Error:
			errs++
		case Warning:
			warnings++
		}
	}
	j.path(p, c, func(v verdict, _, _ string) { count(v.severity) })
	for _, x := range append([]*x509.Certificate{c.Leaf}, c.Above()...) {
		for _, s := range about(x, j.signsItself(x), x == c.Anchor, j.at) {
			count(s.severity)
		}
	}
	return errs, warnings
}

// by returns the way to a bundle's anchors; nil if nobody with that bundle verifies the pair.
func (p *pair) by(b *bundle) *way { return p.byTrust[string(b.text)] }

// keep records a pair's chains, and their certificates.
func (p *pair) keep() {
	seen := map[string]bool{}
	p.used, p.presented = map[string]bool{}, map[string]bool{}
	for _, w := range append([]*way{p.way}, p.ways...) {
		if !w.built {
			continue
		}
		all := append(w.chain.TLS(), w.chain.Anchor)
		id := string(pki.MarshalCertificates(all...))
		if seen[id] {
			continue
		}
		seen[id] = true
		p.chains = append(p.chains, w.chain)
		for i, c := range all {
			p.used[string(c.Raw)] = true
			if i < len(all)-1 && !c.Equal(w.chain.Anchor) {
				p.presented[string(c.Raw)] = true
			}
		}
	}
}
