// Package lockfile parses, checks and writes the lockfile, which records the certificates that exist. It contains nothing private.
package lockfile

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/source"
)

// Sources of a certificate.
const (
	SelfSigned = "selfSigned"
	External   = "external"
)

// File is a consistent lockfile: see Parse.
type File struct {
	Topology     string
	Certificates []Certificate // those in use
	Token        *Token
	Rotation     *Rotation // nil if no rotation is in progress
	Requests     []Request // pending requests, by role
	Adopted      []Adopted // what clusters contain in a different form than relayform would write, by role
	Agents       []Agent   // agents' certificates, by cluster, then by signing CA; see AgentsInForce
	Sealed       []Sealed  // encrypted private values in git, sorted; see ReadSealed
}

// Certificate is one entry.
type Certificate struct {
	Role       pki.Role
	Generation int
	Source     string
	Validity   time.Duration       // as requested; 0 for an external one
	Chain      []*x509.Certificate // the leaf, then the intermediates below its anchor
	pki.Description
}

// Token is the public data of the identity token.
type Token struct {
	Generation int
	SHA256     string
}

// NewCertificate returns an entry for a certificate and its intermediates.
func NewCertificate(role pki.Role, generation int, source string, validity time.Duration, chain ...*x509.Certificate) Certificate {
	return Certificate{
		Role: role, Generation: generation, Source: source, Validity: validity,
		Chain: chain, Description: describe(chain[0]),
	}
}

// describe returns a certificate's facts in a form that is safe in a lockfile, whatever an external PKI wrote in its names.
func describe(c *x509.Certificate) pki.Description {
	d := pki.Describe(c)
	d.Subject, d.Issuer = source.Escape(d.Subject), source.Escape(d.Issuer)
	for i, name := range d.SANs {
		d.SANs[i] = source.Escape(name)
	}
	return d
}

// All returns every entry of a role, oldest first. A nil File has none.
func (l *File) All(role pki.Role) []Certificate {
	if l == nil {
		return nil
	}
	var all []Certificate
	for _, c := range l.Certificates {
		if c.Role == role {
			all = append(all, c)
		}
	}
	return all
}

// Newest returns the entry of a role with the highest generation, or nil.
func (l *File) Newest(role pki.Role) *Certificate {
	all := l.All(role)
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// With returns a copy in which the entries replace all others of their roles, and answer their requests. While a root is being distributed,
// it is added to the old one.
func (l *File) With(entries []Certificate, token *Token) *File {
	next := &File{Topology: l.Topology, Token: l.Token, Rotation: l.Rotation, Requests: l.unanswered(entries), Sealed: l.Sealed}
	for _, c := range l.Certificates {
		if !slices.ContainsFunc(entries, func(e Certificate) bool { return l.displaces(e, c) }) {
			next.Certificates = append(next.Certificates, c)
		}
	}
	next.Certificates = append(next.Certificates, entries...)
	sortEntries(next.Certificates)
	next.keep(l.Adopted)
	next.keepAgents(l.Agents)
	if token != nil {
		next.Token = token
	}
	return next
}

// Without returns a copy without some entries in use, and what depends on them.
func (l *File) Without(entries func(Certificate) bool) *File {
	next := *l
	next.Certificates = slices.DeleteFunc(slices.Clone(l.Certificates), entries)
	next.Adopted = slices.DeleteFunc(slices.Clone(l.Adopted), func(a Adopted) bool { return next.Newest(a.Role) == nil })
	next.keepAgents(l.Agents)
	return &next
}

func (l *File) displaces(new, old Certificate) bool {
	if new.Role == pki.Root && l.Phase() == Distribute {
		return new.SHA256 == old.SHA256
	}
	return new.Role == old.Role
}

func sortEntries(entries []Certificate) {
	slices.SortStableFunc(entries, func(a, b Certificate) int { return cmp.Or(compare(a, b), cmp.Compare(a.SHA256, b.SHA256)) })
}

// compare orders entries by role and generation.
func compare(a, b Certificate) int {
	return cmp.Or(cmp.Compare(slices.Index(pki.Roles, a.Role), slices.Index(pki.Roles, b.Role)), cmp.Compare(a.Generation, b.Generation))
}

// TokenDigest returns the SHA-256 digest of an identity token, in hexadecimal, by which the lockfile identifies it.
func TokenDigest(token []byte) string {
	sum := sha256.Sum256(token)
	return hex.EncodeToString(sum[:])
}
