package lockfile

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"

	"relayform/compiler/pki"
	"relayform/schema"
)

// Adopted is what the Secret of a role contained when its mesh was adopted, where relayform would write it differently. It applies while
// the certificates in it are in use; for others, relayform writes its usual form.
type Adopted struct {
	Role     pki.Role
	Type     string // the Secret's type; empty for Opaque
	CA, Cert *Text
}

// Text is text that replaces, byte for byte, what relayform would write.
type Text struct {
	Instead string // SHA-256 of what it replaces
	Text    string
}

// SecretType is the type of all Secrets that relayform writes; the type of an existing Secret cannot be changed.
const SecretType = "Opaque"

// TypeOf returns the type of a role's Secret.
func (l *File) TypeOf(role pki.Role) string {
	if a := l.adopted(role); a != nil && a.Type != "" {
		return a.Type
	}
	return SecretType
}

// CA returns the trust anchors in a role's Secret, as PEM.
func (l *File) CA(role pki.Role) []byte {
	text := bundle(l.All(pki.Root))
	if a := l.adopted(role); a != nil {
		return a.CA.or(text)
	}
	return text
}

// Cert returns the certificate in a role's Secret, as PEM, or nil.
func (l *File) Cert(role pki.Role) []byte {
	have := l.Newest(role)
	if have == nil {
		return nil
	}
	text := pki.MarshalCertificates(have.Chain...)
	if a := l.adopted(role); a != nil {
		return a.Cert.or(text)
	}
	return text
}

func (l *File) adopted(role pki.Role) *Adopted {
	if l == nil {
		return nil
	}
	if i := slices.IndexFunc(l.Adopted, func(a Adopted) bool { return a.Role == role }); i >= 0 {
		return &l.Adopted[i]
	}
	return nil
}

// NewText returns what replaces a text, or nil if it is the same.
func NewText(text, instead []byte) *Text {
	if bytes.Equal(text, instead) {
		return nil
	}
	return &Text{Instead: digestOf(instead), Text: string(text)}
}

func (t *Text) or(text []byte) []byte {
	if t != nil && t.Instead == digestOf(text) {
		return []byte(t.Text)
	}
	return text
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// bundle encodes roots as PEM.
func bundle(roots []Certificate) []byte {
	all := []byte{}
	for _, c := range roots {
		all = append(all, pki.MarshalCertificates(c.Chain...)...)
	}
	return all
}

// standing returns the digests of what relayform would write to a role's Secret, now or when a rotation is rolled back.
func (l *File) standing(role pki.Role) (ca, cert map[string]bool) {
	ca, cert = map[string]bool{}, map[string]bool{}
	byGeneration := map[int][]Certificate{}
	for _, c := range l.Every() {
		if c.Role == pki.Root {
			byGeneration[c.Generation] = append(byGeneration[c.Generation], c)
		}
		if c.Role == role && role != pki.Root {
			cert[digestOf(pki.MarshalCertificates(c.Chain...))] = true
		}
	}
	for _, roots := range byGeneration {
		ca[digestOf(bundle(roots))] = true
	}
	ca[digestOf(bundle(l.All(pki.Root)))] = true
	return ca, cert
}

// keep copies from another lockfile the adopted texts that may still apply.
func (l *File) keep(adopted []Adopted) {
	for _, a := range adopted {
		ca, cert := l.standing(a.Role)
		if a.CA != nil && !ca[a.CA.Instead] {
			a.CA = nil
		}
		if a.Cert != nil && !cert[a.Cert.Instead] {
			a.Cert = nil
		}
		if a.Type != "" || a.CA != nil || a.Cert != nil {
			l.Adopted = append(l.Adopted, a)
		}
	}
}

// adoptions parses the adopted texts.
func (p *parser) adoptions(raw []schema.LockedAdoption) {
	text := func(t *schema.LockedText) *Text {
		if t == nil {
			return nil
		}
		return &Text{string(t.Instead), t.Text}
	}
	for _, r := range raw {
		p.lock.Adopted = append(p.lock.Adopted, Adopted{pki.Role(r.Role), r.Type, text(r.Ca), text(r.Cert)})
	}
}

// adopted refuses texts with certificates that are not in the lockfile: its reviewers must see everything that clusters trust.
func (p *parser) adopted() {
	known := p.known()
	for i, a := range p.lock.Adopted {
		at := []string{"adopted", fmt.Sprint(i)}
		if first := slices.IndexFunc(p.lock.Adopted, func(o Adopted) bool { return o.Role == a.Role }); first < i {
			p.faultAt(append(at, "role"), "adopted[%d] has the role %s already", first, a.Role)
		}
		if a.Type != "" && a.Role == pki.Root {
			p.faultAt(append(at, "type"), "a Secret of this type holds a private key, but the %s's holds none", a.Role)
		}
		ca, cert := p.lock.standing(a.Role)
		for _, t := range []struct {
			field string
			text  *Text
			of    map[string]bool
			first func(c *x509.Certificate) bool
		}{
			{"ca", a.CA, ca, func(c *x509.Certificate) bool { return true }},
			{"cert", a.Cert, cert, func(c *x509.Certificate) bool { return p.leads(a.Role, c) }},
		} {
			if t.text == nil {
				continue
			}
			where := append(slices.Clone(at), t.field)
			certs, err := t.text.certificates()
			switch stray := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return !known(c, certs) }); {
			case err != nil:
				p.faultAt(append(where, "text"), "%s", err)
			case !t.of[t.text.Instead]:
				p.faultAt(append(where, "instead"), "relayform would write no such text for this lockfile")
			case !t.first(certs[0]):
				p.faultAt(append(where, "text"), "it begins with %q, which is not a certificate of the %s", pki.SubjectOf(certs[0]), a.Role)
			case stray >= 0:
				p.faultAt(append(where, "text"), "%q in it is neither a certificate of this lockfile, nor issued by one", pki.SubjectOf(certs[stray]))
			}
		}
	}
}

// leads reports whether a certificate is the first of an entry of a role.
func (p *parser) leads(role pki.Role, c *x509.Certificate) bool {
	return slices.ContainsFunc(p.lock.Every(), func(e Certificate) bool { return e.Role == role && e.Chain[0].Equal(c) })
}

// known returns a predicate: a certificate is known if it is in the lockfile, or signed by one that is, or by a known one beside it.
func (p *parser) known() func(c *x509.Certificate, beside []*x509.Certificate) bool {
	var all []*x509.Certificate
	for _, e := range p.lock.Every() {
		all = append(all, e.Chain...)
	}
	return func(c *x509.Certificate, beside []*x509.Certificate) bool {
		if slices.ContainsFunc(all, c.Equal) {
			return true
		}
		_, err := pki.BuildChain(c, beside, all)
		return err == nil
	}
}

// maxText is the maximum size of a text, in bytes.
const maxText = 512 << 10

// certificates parses a text, every block of which must be readable.
func (t *Text) certificates() ([]*x509.Certificate, error) {
	if len(t.Text) > maxText {
		return nil, fmt.Errorf("%d bytes; the limit is %d (512 KiB)", len(t.Text), maxText)
	}
	if err := Plain([]byte(t.Text)); err != nil {
		return nil, err
	}
	c := pki.ReadPEM([]byte(t.Text))
	switch {
	case len(c.Keys)+c.Encrypted > 0:
		return nil, fmt.Errorf("a private key is among the certificates")
	case len(c.Unreadable) > 0:
		return nil, fmt.Errorf("%s", c.Unreadable[0].Message)
	case len(c.Certificates) == 0:
		return nil, fmt.Errorf("no certificate in it")
	}
	return c.Certificates, nil
}

// Plain refuses a text that a lockfile cannot contain verbatim: only printable ASCII, tabs and line ends are permitted.
func Plain(text []byte) error {
	i := bytes.IndexFunc(text, func(r rune) bool { return (r < ' ' || r > '~') && r != '\t' && r != '\n' && r != '\r' })
	if i < 0 {
		return nil
	}
	return fmt.Errorf("it holds the byte %#02x, which no lockfile can hold", text[i])
}
