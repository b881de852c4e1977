package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
)

// The limits of a chain.
const (
	MaxChain  = 8   // intermediates that it may have: beyond, certificates sign each other in circles
	MaxChecks = 256 // signatures that are checked to find it
)

// BrokenChain is a chain that ends before it reaches an anchor.
type BrokenChain struct {
	At *x509.Certificate // whose issuer is missing
	// Namesake has the missing issuer's name, but another key; nil where there is none.
	Namesake *x509.Certificate
	// Namesakes is how many certificates have the issuer's name, where they were too many to try them all; else 0.
	Namesakes int
}

// Error names the certificate at which the chain breaks, and the issuer that is missing.
func (e *BrokenChain) Error() string {
	s := fmt.Sprintf("the chain breaks at %s: its issuer %s (key identifier %s) ", e.At.Subject, e.At.Issuer, identifier(e.At.AuthorityKeyId))
	switch {
	case e.Namesakes > 0:
		return s + fmt.Sprintf("was not found among %d certificates of that name; the limit is %d signatures that are checked", e.Namesakes, MaxChecks)
	case e.Namesake != nil:
		return s + fmt.Sprintf("is not here; a certificate of that name is (key identifier %s), but another key", identifier(e.Namesake.SubjectKeyId))
	}
	return s + "is not here"
}

func identifier(id []byte) string {
	if len(id) == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%x", id)
}

// BuildChain leads from the leaf to one of the anchors, by signature, through the candidates,
// whatever their order; where one of several cross-signed issuers leads nowhere, it takes the next.
// The error is a *BrokenChain, for the longest way that was found.
func BuildChain(leaf *x509.Certificate, candidates, anchors []*x509.Certificate) (Chain, error) {
	b := builder{candidates: byName(candidates, anchors), anchors: byName(anchors, nil)}
	if !b.extend([]*x509.Certificate{leaf}) {
		return Chain{Leaf: leaf, Intermediates: b.longest[1:]}, b.broken()
	}
	return Chain{Leaf: leaf, Intermediates: b.longest[1:], Anchor: b.anchor}, nil
}

// builder has the certificates that may be issuers by their subjects.
type builder struct {
	candidates, anchors map[string][]*x509.Certificate
	checks              int
	longest             []*x509.Certificate
	anchor              *x509.Certificate
}

// byName are certificates, each once, without some.
func byName(certs, without []*x509.Certificate) map[string][]*x509.Certificate {
	seen, all := map[string]bool{}, map[string][]*x509.Certificate{}
	for _, c := range without {
		seen[string(c.Raw)] = true
	}
	for _, c := range certs {
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			all[string(c.RawSubject)] = append(all[string(c.RawSubject)], c)
		}
	}
	return all
}

// issuers are those among certificates that have the name of a certificate's issuer: first those with the key
// identifier that it names, last those with another.
func issuers(of *x509.Certificate, among map[string][]*x509.Certificate) []*x509.Certificate {
	named := slices.Clone(among[string(of.RawIssuer)])
	likely := func(c *x509.Certificate) int {
		switch {
		case len(of.AuthorityKeyId) == 0 || len(c.SubjectKeyId) == 0:
			return 1
		case bytes.Equal(of.AuthorityKeyId, c.SubjectKeyId):
			return 0
		}
		return 2
	}
	slices.SortStableFunc(named, func(a, b *x509.Certificate) int { return likely(a) - likely(b) })
	return named
}

// signed counts the signatures that are checked, and checks none beyond the limit.
func (b *builder) signed(child, parent *x509.Certificate) bool {
	if b.checks++; b.checks > MaxChecks {
		return false
	}
	return signed(child, parent)
}

func (b *builder) extend(path []*x509.Certificate) bool {
	at := path[len(path)-1]
	if len(path) > len(b.longest) {
		b.longest = slices.Clone(path)
	}
	if a := b.anchorOf(at); a != nil {
		b.longest, b.anchor = slices.Clone(path), a
		return true
	}
	if len(path) > MaxChain {
		return false
	}
	for _, c := range issuers(at, b.candidates) {
		// A cross-signed CA is the same CA: a way through both of its certificates is a detour.
		same := func(o *x509.Certificate) bool {
			return bytes.Equal(o.RawSubject, c.RawSubject) && bytes.Equal(o.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
		}
		if !slices.ContainsFunc(path, same) && b.signed(at, c) && b.extend(append(path, c)) {
			return true
		}
	}
	return false
}

// anchorOf is the anchor that a certificate is, or that signed it; nil where there is none.
func (b *builder) anchorOf(at *x509.Certificate) *x509.Certificate {
	for _, a := range b.anchors[string(at.RawSubject)] {
		if a.Equal(at) {
			return a
		}
	}
	for _, a := range issuers(at, b.anchors) {
		if b.signed(at, a) {
			return a
		}
	}
	return nil
}

// broken says why there is no chain.
func (b *builder) broken() *BrokenChain {
	at := b.longest[len(b.longest)-1]
	named := append(issuers(at, b.anchors), issuers(at, b.candidates)...)
	if b.checks > MaxChecks {
		return &BrokenChain{At: at, Namesakes: len(named)}
	}
	return breaks(at, named)
}

// breaks says that the issuer of a certificate is not among the others.
func breaks(at *x509.Certificate, others []*x509.Certificate) *BrokenChain {
	broken := &BrokenChain{At: at}
	for _, c := range others {
		if !c.Equal(at) && bytes.Equal(at.RawIssuer, c.RawSubject) && !signed(at, c) {
			broken.Namesake = c
			break
		}
	}
	return broken
}
