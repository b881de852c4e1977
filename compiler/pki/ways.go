package pki

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

// Ask is what a verifier requires of a certificate: that it is valid at a time, for a usage and, unless empty, for a name.
type Ask struct {
	At    time.Time
	Usage x509.ExtKeyUsage
	Name  string
}

// Ways returns the chains that Go's crypto/x509 finds from what an endpoint presents, leaf first, to the anchors. If there is none, the
// error is Go's.
func Ways(presented, anchors []*x509.Certificate, ask Ask) ([]Chain, error) {
	chains, err := presented[0].Verify(x509.VerifyOptions{
		Roots: Pool(anchors), Intermediates: Pool(presented[1:]), CurrentTime: ask.At,
		KeyUsages: []x509.ExtKeyUsage{ask.Usage}, DNSName: ask.Name,
	})
	ways := make([]Chain, len(chains))
	for i, c := range chains {
		ways[i] = chainOf(c)
	}
	return ways, err
}

func chainOf(certs []*x509.Certificate) Chain {
	last := len(certs) - 1
	c := Chain{Leaf: certs[0], Anchor: certs[last]}
	if last > 0 {
		c.Intermediates = certs[1:last]
	}
	return c
}

// standIn is a key that replaces the signing CA's own during checks: only signatures made and checked here use it, and nothing that it
// signs leaves this package.
var standIn = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// WaysBelow returns the chains that Go's crypto/x509 finds from agents' certificates with these names to the anchors, if the signing CA
// issued them. Presented are the signing CA and its intermediates; the chains begin with the signing CA. Its key is not needed.
func WaysBelow(presented, anchors []*x509.Certificate, at time.Time, names ...string) ([]Chain, error) {
	ca := presented[0]
	own := map[*x509.Certificate]*x509.Certificate{}
	replaced := func(certs []*x509.Certificate) []*x509.Certificate {
		all := slices.Clone(certs)
		for i, c := range all {
			if bytes.Equal(c.RawSubject, ca.RawSubject) && bytes.Equal(c.RawSubjectPublicKeyInfo, ca.RawSubjectPublicKeyInfo) {
				with := *c
				with.PublicKey = standIn.Public()
				all[i], own[&with] = &with, c
			}
		}
		return all
	}
	presented, anchors = replaced(presented), replaced(anchors)
	agent, err := agentOf(presented[0], at, names)
	if err != nil {
		return nil, err
	}
	ways, err := Ways(append([]*x509.Certificate{agent}, presented...), anchors, Ask{At: at, Usage: x509.ExtKeyUsageClientAuth})
	for i, w := range ways {
		certs := append(w.TLS()[1:], w.Anchor)
		for k, c := range certs {
			if original := own[c]; original != nil {
				certs[k] = original
			}
		}
		ways[i] = chainOf(certs)
	}
	return ways, err
}

// agentOf issues an agent's certificate from a CA, with the stand-in key.
func agentOf(ca *x509.Certificate, at time.Time, names []string) (*x509.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay agent"}, DNSNames: names,
		NotBefore: at.Add(-backdate), NotAfter: at.Add(backdate), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: bothUsages,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, standIn.Public(), standIn)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

var oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

// Constrained reports whether a certificate has name constraints.
func Constrained(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNameConstraints) })
}

// Excluded returns the agents' names that no chain permits, if name constraints are the only obstacle.
func Excluded(presented, anchors []*x509.Certificate, at time.Time, names []string) []string {
	if len(names) == 0 || !slices.ContainsFunc(slices.Concat(presented, anchors), Constrained) {
		return nil
	}
	if _, err := WaysBelow(presented, anchors, at); err != nil {
		return nil
	}
	return excluded(presented, anchors, at, names)
}

// atOnce is how many names are checked with one certificate; if it is refused, its halves are checked.
const atOnce = 128

func excluded(presented, anchors []*x509.Certificate, at time.Time, names []string) []string {
	if len(names) > atOnce {
		var all []string
		for part := range slices.Chunk(names, atOnce) {
			all = append(all, excluded(presented, anchors, at, part)...)
		}
		return all
	}
	switch _, err := WaysBelow(presented, anchors, at, names...); {
	case err == nil:
		return nil
	case len(names) == 1:
		return names
	}
	half := len(names) / 2
	return append(excluded(presented, anchors, at, names[:half]), excluded(presented, anchors, at, names[half:])...)
}

// End returns when the first certificate of a chain expires.
func (c Chain) End() time.Time {
	end := c.Leaf.NotAfter
	for _, x := range append(slices.Clone(c.Intermediates), c.Anchor) {
		if x != nil && x.NotAfter.Before(end) {
			end = x.NotAfter
		}
	}
	return end
}

// Until returns when the last of the chains from a leaf to an anchor expires, for this usage and, unless empty, this name. The presented
// certificates begin with the leaf.
func Until(presented, anchors []*x509.Certificate, at time.Time, usage x509.ExtKeyUsage, name string) (time.Time, error) {
	ways, err := Ways(presented, anchors, Ask{at, usage, name})
	return Last(ways), err
}

// Last returns when the last of several chains expires.
func Last(ways []Chain) time.Time {
	var last time.Time
	for _, w := range ways {
		if end := w.End(); end.After(last) {
			last = end
		}
	}
	return last
}
