package lockfile

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// Parse parses a lockfile, and accepts only what relayform writes: facts match their certificates, the certificates are those of the phase,
// and each is issued by the root that should have issued it. It needs neither keys nor clock: an expired certificate is not a fault of the
// lockfile. Diagnostics use the name for the file; the product determines the required roles. The error is a diag.List.
func Parse(name string, text []byte, product product.Profile) (*File, error) {
	raw, doc, err := schema.ParseLock(name, text, Digests(text)...)
	if err != nil {
		return nil, hinted(err)
	}
	if err := count(doc, raw); err != nil {
		return nil, err
	}
	head, section := schema.SplitLock(text)
	p := parser{doc: doc, topology: string(raw.Topology), product: product, given: section != nil, bring: bytes.Contains(section, []byte(broughtLine))}
	p.read(raw)
	agents := func() {
		if section != nil {
			p.agents(name, bytes.Count(head, []byte("\n")), section)
		}
	}
	all := []func(){p.named, p.forms, p.shape, p.times, p.issued, p.adopted, agents}
	if p.lock.onlyRequests() && !p.given {
		all = nil // no certificates yet
	}
	for _, holds := range all { // further faults would be consequences
		if err := p.faults.Err(); err != nil {
			return nil, err
		}
		holds()
	}
	return p.lock, p.faults.Err()
}

const restoreHint = "relayform writes this file; restore it from git"

// hinted adds to each schema fault what to do about a file that must not be edited.
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
	doc      *schema.Document
	topology string
	product  product.Profile
	faults   diag.List
	given    bool // it contains agents' certificates
	bring    bool // some of them from an external PKI

	lock           *File
	inForce, aside []placed // by role, generation and position
}

// placed is an entry with its position.
type placed struct {
	Certificate
	at []string
}

// String returns the entry's path.
func (c placed) String() string {
	last := len(c.at) - 1
	return fmt.Sprintf("%s[%s]", strings.Join(c.at[:last], "."), c.at[last])
}

// fault reports a fault at the field of an entry.
func (p *parser) fault(c placed, field, format string, args ...any) {
	p.faultAt(append(slices.Clone(c.at), field), format, args...)
}

func (p *parser) faultAt(path []string, format string, args ...any) {
	p.faults = append(p.faults, p.doc.Fault(path, diag.BadLockfile.Fault(fmt.Sprintf(format, args...), restoreHint)))
}

func (p *parser) read(raw *schema.Lock) {
	p.lock = &File{Topology: p.topology}
	p.inForce = p.entries(raw.Certificates, "certificates")
	p.lock.Certificates = certificates(p.inForce)
	if raw.Token != nil {
		p.lock.Token = &Token{Generation: int(raw.Token.Generation), SHA256: string(raw.Token.Sha256)}
	}
	p.adoptions(raw.Adopted)
	p.requests(raw.Requests)
	if r := raw.Rotation; r != nil {
		p.aside = p.entries(r.Aside, "rotation", "aside")
		p.lock.Rotation = &Rotation{
			Phase: Phase(r.Phase), AgentsReissued: r.AgentsReissued, Aside: certificates(p.aside),
			Since: p.time("since", string(r.Since)), DrainUntil: p.time("drainUntil", string(r.DrainUntil)),
		}
	}
}

// entries parses a list of certificates, with at most one per role.
func (p *parser) entries(raw []schema.LockedCertificate, at ...string) []placed {
	var entries []placed
	seen := map[[2]string]placed{}
	for i, r := range raw {
		c := placed{at: append(slices.Clone(at), strconv.Itoa(i))}
		c.Certificate = p.certificate(c, r)
		if first, ok := seen[[2]string{r.Role, string(r.Sha256)}]; ok {
			p.fault(c, "sha256", "the certificate is here a second time; the first is %s", first)
		}
		seen[[2]string{r.Role, string(r.Sha256)}] = c
		entries = append(entries, c)
	}
	slices.SortStableFunc(entries, func(a, b placed) int { return compare(a.Certificate, b.Certificate) })
	return entries
}

func certificates(entries []placed) []Certificate {
	var list []Certificate
	for _, c := range entries {
		list = append(list, c.Certificate)
	}
	sortEntries(list)
	return list
}

// ofRole returns the entries with one of the roles.
func ofRole(entries []placed, roles ...pki.Role) []placed {
	var list []placed
	for _, c := range entries {
		if slices.Contains(roles, c.Role) {
			list = append(list, c)
		}
	}
	return list
}

// time parses a time of the rotation; empty means none.
func (p *parser) time(field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.faultAt([]string{"rotation", field}, "no such time: %s", text)
	}
	return t
}
