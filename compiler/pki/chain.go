package pki

import (
	"bytes"
	"cmp"
	"container/heap"
	"crypto/x509"
	"fmt"
	"slices"
)

// Limits of a chain.
const (
	MaxChain  = 64   // intermediates in one chain; Go gives up after 100 signature checks
	MaxChecks = 256  // signature checks in one search
	maxSteps  = 4096 // paths extended in one search
)

// BrokenChain says that a chain ends before it reaches a trust anchor.
type BrokenChain struct {
	At *x509.Certificate // whose issuer is missing
	// Namesake is a certificate with the missing issuer's name but a different key, or nil.
	Namesake *x509.Certificate
	// Namesakes is how many certificates have the issuer's name if a limit was reached before all were tried; otherwise 0.
	Namesakes int
	// Limit describes the limit that was reached, if any.
	Limit string
}

// Error names the certificate at which the chain breaks, and the missing issuer.
func (e *BrokenChain) Error() string {
	s := fmt.Sprintf("the chain breaks at %s: its issuer %s (key identifier %s) ", e.At.Subject, e.At.Issuer, identifier(e.At.AuthorityKeyId))
	switch {
	case e.Limit != "":
		return s + fmt.Sprintf("was not found among %d certificates of that name; the limit is %s", e.Namesakes, e.Limit)
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

// BuildChain finds the shortest chain from the leaf to one of the anchors, by signature, through candidates in any order. The error is a
// *BrokenChain that describes the longest path found.
func BuildChain(leaf *x509.Certificate, candidates, anchors []*x509.Certificate) (Chain, error) {
	chains, longest, err := Paths(leaf, candidates, anchors, 1)
	if err != nil {
		return Chain{Leaf: leaf, Intermediates: longest[1:]}, err
	}
	return chains[0], nil
}

// Paths finds up to most chains from the leaf to the anchors, by signature only, shortest first. If there are none, longest is the longest
// path found and the error is a *BrokenChain.
func Paths(leaf *x509.Certificate, candidates, anchors []*x509.Certificate, most int) (chains []Chain, longest []*x509.Certificate, err error) {
	s := &search{candidates: byName(candidates, anchors), anchors: byName(anchors, nil), longest: []*x509.Certificate{leaf}, checked: map[[2]*x509.Certificate]bool{}}
	s.measure()
	s.push([]*x509.Certificate{leaf})
	for s.queue.Len() > 0 && len(chains) < most && len(s.checked) < MaxChecks {
		if s.steps++; s.steps > maxSteps {
			s.limit = fmt.Sprintf("%d paths that are tried", maxSteps)
			break
		}
		path := heap.Pop(&s.queue).(way).path
		if last := len(path) - 1; last > 0 && !s.signed(path[last-1], path[last]) {
			continue
		}
		if len(path) > len(s.longest) {
			s.longest = path
		}
		for _, a := range s.anchorsOf(path[len(path)-1]) {
			if len(chains) < most {
				chains = append(chains, Chain{Leaf: leaf, Intermediates: path[1:], Anchor: a})
			}
		}
		s.extend(path)
	}
	if len(chains) == 0 {
		return nil, s.longest, s.broken()
	}
	return chains, nil, nil
}

// search tries the paths with the fewest certificates first, as far as names can tell.
type search struct {
	candidates, anchors map[string][]*x509.Certificate // by subject
	far                 map[string]int                 // certificates between a subject and an anchor, judged by names only
	checked             map[[2]*x509.Certificate]bool
	queue               queue
	steps               int
	limit               string // the limit that was reached
	longest             []*x509.Certificate
}

// way is the beginning of a path.
type way struct {
	path []*x509.Certificate
	cost int // its length plus the estimated distance to an anchor
	turn int // paths of equal cost and length keep the order in which they were found
}

type queue []way

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].cost, q[j].cost), cmp.Compare(len(q[j].path), len(q[i].path)), cmp.Compare(q[i].turn, q[j].turn)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(w any)   { *q = append(*q, w.(way)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	*q = (*q)[:last]
	return w
}

// nowhere is a distance longer than any chain.
const nowhere = 1 << 20

func (s *search) push(path []*x509.Certificate) {
	far := s.distance(string(path[len(path)-1].RawIssuer))
	heap.Push(&s.queue, way{path, len(path) + far, s.queue.Len() + s.steps*maxSteps})
}

// measure computes the distance of each name from an anchor's, breadth first from the anchors.
func (s *search) measure() {
	issued := map[string][]string{} // subjects by issuer
	for subject, certs := range s.candidates {
		for _, c := range certs {
			issued[string(c.RawIssuer)] = append(issued[string(c.RawIssuer)], subject)
		}
	}
	s.far = map[string]int{}
	var level []string
	for subject := range s.anchors {
		s.far[subject] = 0
		level = append(level, subject)
	}
	for depth := 1; len(level) > 0; depth++ {
		var next []string
		for _, issuer := range level {
			for _, subject := range issued[issuer] {
				if _, ok := s.far[subject]; !ok {
					s.far[subject] = depth
					next = append(next, subject)
				}
			}
		}
		level = next
	}
}

func (s *search) distance(name string) int {
	if far, ok := s.far[name]; ok {
		return far
	}
	return nowhere
}

// byName groups certificates by subject, without duplicates and without those excluded.
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

// issuers returns the certificates that have the name of a certificate's issuer: those with a matching key identifier first, those with a
// different one last.
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

// signed checks each signature once, and stops checking at the limit.
func (s *search) signed(child, parent *x509.Certificate) bool {
	pair := [2]*x509.Certificate{child, parent}
	if is, ok := s.checked[pair]; ok {
		return is
	}
	if len(s.checked) == MaxChecks {
		return false
	}
	s.checked[pair] = signed(child, parent)
	return s.checked[pair]
}

// extend extends a path with each possible issuer of its end, those nearest to an anchor first.
func (s *search) extend(path []*x509.Certificate) {
	at := path[len(path)-1]
	named := issuers(at, s.candidates)
	if len(path) > MaxChain {
		if len(named) > 0 {
			s.limit = fmt.Sprintf("%d intermediates", MaxChain)
		}
		return
	}
	slices.SortStableFunc(named, func(a, b *x509.Certificate) int {
		return cmp.Compare(s.distance(string(a.RawIssuer)), s.distance(string(b.RawIssuer)))
	})
	for _, c := range named {
		// A cross-signed CA is the same CA: a path through both of its certificates is a detour.
		same := func(o *x509.Certificate) bool {
			return bytes.Equal(o.RawSubject, c.RawSubject) && bytes.Equal(o.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
		}
		if !slices.ContainsFunc(path, same) {
			s.push(append(path[:len(path):len(path)], c))
		}
	}
}

// anchorsOf returns the anchors that are this certificate, or that signed it.
func (s *search) anchorsOf(at *x509.Certificate) []*x509.Certificate {
	for _, a := range s.anchors[string(at.RawSubject)] {
		if a.Equal(at) {
			return []*x509.Certificate{a}
		}
	}
	var all []*x509.Certificate
	for _, a := range issuers(at, s.anchors) {
		if s.signed(at, a) {
			all = append(all, a)
		}
	}
	return all
}

// broken says why there is no chain.
func (s *search) broken() *BrokenChain {
	at := s.longest[len(s.longest)-1]
	named := append(issuers(at, s.anchors), issuers(at, s.candidates)...)
	if len(s.checked) == MaxChecks && s.limit == "" {
		s.limit = fmt.Sprintf("%d signatures that are checked", MaxChecks)
	}
	if s.limit != "" {
		return &BrokenChain{At: at, Namesakes: len(named), Limit: s.limit}
	}
	return breaks(at, named)
}

// breaks describes a certificate whose issuer is not among the others.
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
