// Package lock keeps what survives a compile: the lockfile, which says which certificates exist,
// and the store of their private keys.
package lock

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// The sources of a certificate.
const (
	SelfSigned = "selfSigned"
	External   = "external"
)

// Lock is a lockfile whose certificates are parsed and agree with their facts.
type Lock struct {
	Topology     string
	Certificates []Certificate // those in force
	Token        *Token
	Rotation     *Rotation // nil where no root is being rotated
}

// Certificate is one entry.
type Certificate struct {
	Role       pki.Role
	Generation int
	Source     string
	Validity   time.Duration       // asked for when it was issued; 0 for an external one
	Chain      []*x509.Certificate // itself, then the intermediates up to its anchor
	pki.Description
}

// Token is what is known of the identity token.
type Token struct {
	Generation int
	SHA256     string
}

// NewCertificate is an entry for a certificate and the intermediates above it.
func NewCertificate(role pki.Role, generation int, source string, validity time.Duration, chain ...*x509.Certificate) Certificate {
	return Certificate{
		Role: role, Generation: generation, Source: source, Validity: validity,
		Chain: chain, Description: pki.Describe(chain[0]),
	}
}

// All is every entry of a role, the oldest first. A nil lock has none.
func (l *Lock) All(role pki.Role) []Certificate {
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

// Newest is the entry of a role with the highest generation, or nil.
func (l *Lock) Newest(role pki.Role) *Certificate {
	all := l.All(role)
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// With is a copy of the lock in which the entries take the place of all others of their roles. While
// a root is being distributed, another one stands beside it.
func (l *Lock) With(entries []Certificate, token *Token) *Lock {
	next := &Lock{Topology: l.Topology, Token: l.Token, Rotation: l.Rotation}
	for _, c := range l.Certificates {
		if !slices.ContainsFunc(entries, func(e Certificate) bool { return l.displaces(e, c) }) {
			next.Certificates = append(next.Certificates, c)
		}
	}
	next.Certificates = append(next.Certificates, entries...)
	sortEntries(next.Certificates)
	if token != nil {
		next.Token = token
	}
	return next
}

func (l *Lock) displaces(new, old Certificate) bool {
	if new.Role == pki.Root && l.Phase() == Distribute {
		return new.SHA256 == old.SHA256
	}
	return new.Role == old.Role
}

func sortEntries(entries []Certificate) {
	slices.SortStableFunc(entries, func(a, b Certificate) int {
		return cmp.Or(
			cmp.Compare(slices.Index(pki.Roles, a.Role), slices.Index(pki.Roles, b.Role)),
			cmp.Compare(a.Generation, b.Generation),
			cmp.Compare(a.SHA256, b.SHA256),
		)
	})
}

// Parse reads a lockfile. The name is what diagnostics call it. The error is a diag.List.
func Parse(name string, text []byte) (*Lock, error) {
	raw, doc, err := schema.ParseLock(name, text)
	if err != nil {
		return nil, hinted(err)
	}
	p := parser{doc: doc, seen: map[string]string{}}
	l := &Lock{Topology: string(raw.Topology), Certificates: p.entries(raw.Certificates, "certificates")}
	if raw.Rotation != nil {
		l.Rotation = p.rotation(*raw.Rotation)
	}
	if raw.Token != nil {
		l.Token = &Token{Generation: int(raw.Token.Generation), SHA256: string(raw.Token.Sha256)}
	}
	if err := p.faults.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

const restoreHint = "relayform writes this file; take it from git again"

// hinted adds to each fault of the form what to do about a file that nobody should edit.
func hinted(err error) error {
	list, ok := err.(diag.List)
	if !ok {
		return err
	}
	for i := range list {
		if list[i].Path == "apiVersion" {
			list[i].Hint = "a newer relayform wrote this lockfile: use that version, or a later one"
		} else if list[i].Hint == "" {
			list[i].Hint = restoreHint
		}
	}
	return list
}

type parser struct {
	doc    *schema.Document
	at     []string          // the list that is read
	seen   map[string]string // where each certificate stands, by its digest
	faults diag.List
}

func (p *parser) fault(entry int, field, message string) {
	path := append(slices.Clone(p.at), strconv.Itoa(entry), field)
	p.faults = append(p.faults, p.doc.Fault(diag.BadLockfile, path, message, restoreHint))
}

// entries parses a list of certificates. None may stand in the lockfile twice.
func (p *parser) entries(raw []schema.LockedCertificate, at ...string) []Certificate {
	p.at = at
	var entries []Certificate
	for i, c := range raw {
		entries = append(entries, p.certificate(i, c))
		where := fmt.Sprintf("entry %d of %s", i, strings.Join(at, "."))
		if first, ok := p.seen[string(c.Sha256)]; ok {
			p.fault(i, "sha256", "the certificate stands here a second time; the first is "+first)
		}
		p.seen[string(c.Sha256)] = where
	}
	sortEntries(entries)
	return entries
}

// certificate parses an entry's PEM and holds the facts against it.
func (p *parser) certificate(i int, raw schema.LockedCertificate) Certificate {
	c := Certificate{Role: pki.Role(raw.Role), Generation: int(raw.Generation), Source: raw.Source}
	if raw.Validity != "" {
		v, err := time.ParseDuration(string(raw.Validity))
		if err != nil {
			p.fault(i, "validity", "want hours, as 9552h")
		}
		c.Validity = v
	}
	chain, err := pki.ParseCertificates([]byte(raw.Pem))
	if err != nil {
		p.fault(i, "pem", err.Error())
		return c
	}
	c.Chain, c.Description = chain, pki.Describe(chain[0])
	for _, f := range c.facts() {
		if have := f.of(raw); have != f.want {
			p.fault(i, f.name, fmt.Sprintf("the certificate in pem says %q, and this says %q", f.want, have))
		}
	}
	if !slices.Equal(raw.Sans, c.SANs) {
		p.fault(i, "sans", fmt.Sprintf("the certificate in pem has %q, and this says %q", c.SANs, raw.Sans))
	}
	return c
}

type fact struct {
	name string
	want string
	of   func(schema.LockedCertificate) string
}

func (c *Certificate) facts() []fact {
	return []fact{
		{"subject", c.Subject, func(r schema.LockedCertificate) string { return r.Subject }},
		{"issuer", c.Issuer, func(r schema.LockedCertificate) string { return r.Issuer }},
		{"serial", c.Serial, func(r schema.LockedCertificate) string { return string(r.Serial) }},
		{"sha256", c.SHA256, func(r schema.LockedCertificate) string { return string(r.Sha256) }},
		{"spki", c.SPKI, func(r schema.LockedCertificate) string { return string(r.Spki) }},
		{"notBefore", c.NotBefore, func(r schema.LockedCertificate) string { return string(r.NotBefore) }},
		{"notAfter", c.NotAfter, func(r schema.LockedCertificate) string { return string(r.NotAfter) }},
		{"algorithm", c.Algorithm, func(r schema.LockedCertificate) string { return r.Algorithm }},
	}
}
