package verify

import (
	"crypto/x509"
	"slices"
	"time"

	"relayform/compiler/pki"
)

// Lead returns the best chain that Go's crypto/x509 finds from a certificate to one of the anchors in its role, through the candidates;
// agents are the names that a signing CA will sign. If Go accepts none, it returns false and the chain by signatures with the fewest
// faults; the error is a *pki.BrokenChain if there is none either.
func Lead(role pki.Role, leaf *x509.Certificate, candidates, anchors []*x509.Certificate, at time.Time, agents []string) (pki.Chain, bool, error) {
	j, p := newJudge(at), &pair{role: role, certs: append([]*x509.Certificate{leaf}, candidates...)}
	refuses := func(c pki.Chain) bool { return !Takes(role, c, at, agents) }
	paths, _, err := pki.Paths(leaf, candidates, anchors, most)
	taken := slices.DeleteFunc(slices.Clone(paths), refuses)
	if len(taken) == 0 {
		more := j.way(p, &bundle{certs: anchors}).taken
		taken = slices.DeleteFunc(slices.Clone(more), refuses)
		paths = append(paths, more...)
	}
	switch {
	case len(taken) > 0:
		return j.best(p, taken), true, nil
	case len(paths) > 0:
		return j.best(p, paths), false, nil
	}
	return pki.Chain{}, false, err
}

// Takes reports whether Go's crypto/x509 accepts a chain in its role, with the names of agents below a signing CA.
func Takes(role pki.Role, c pki.Chain, at time.Time, agents []string) bool {
	if pki.Accepts(role, c, at) != nil {
		return false
	}
	return role != pki.Signing || len(pki.Excluded(c.TLS(), []*x509.Certificate{c.Anchor}, at, agents)) == 0
}
