package lockfile

import (
	"fmt"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/source"
)

const header = `# Which certificates exist, written by relayform. Commit it; nothing in it is secret.
# Do not edit: relayform compares every fact with the certificate itself.
`

// Marshal encodes the lockfile deterministically.
func (l *File) Marshal() ([]byte, error) {
	f := schema.Lock{ApiVersion: "relayform.lock/v1", Topology: schema.Name(l.Topology), Certificates: entries(l.Certificates)}
	if t := l.Token; t != nil {
		f.Token = &schema.LockedToken{Generation: schema.Generation(t.Generation), Sha256: schema.Digest(t.SHA256)}
	}
	if r := l.Rotation; r != nil {
		f.Rotation = &schema.LockedRotation{
			Phase: string(r.Phase), Since: schema.Time(inWords(r.Since)), DrainUntil: schema.Time(inWords(r.DrainUntil)),
			AgentsReissued: r.AgentsReissued, Aside: entries(r.Aside),
		}
	}
	f.Requests = l.lockedRequests()
	for _, a := range l.Adopted {
		f.Adopted = append(f.Adopted, schema.LockedAdoption{Role: string(a.Role), Type: a.Type, Ca: a.CA.locked(), Cert: a.Cert.locked()})
	}
	text, err := source.Marshal(f)
	if err != nil {
		return nil, err
	}
	return append([]byte(header+strings.TrimLeft(string(text), "\n")), l.marshalAgents()...), nil
}

// locked returns a text in the file's form.
func (t *Text) locked() *schema.LockedText {
	if t == nil {
		return nil
	}
	return &schema.LockedText{Instead: schema.Digest(t.Instead), Text: t.Text}
}

// entries returns certificates in the file's form.
func entries(certs []Certificate) []schema.LockedCertificate {
	list := make([]schema.LockedCertificate, len(certs))
	for i, c := range certs {
		list[i] = c.entry()
		list[i].Pem = string(pki.MarshalCertificates(c.Chain...))
		if c.Validity > 0 {
			list[i].Validity = schema.Hours(fmt.Sprintf("%dh", int64(c.Validity/time.Hour)))
		}
	}
	return list
}

// entry returns a certificate in the file's form, without its PEM and the requested validity.
func (c *Certificate) entry() schema.LockedCertificate {
	l := schema.LockedCertificate{
		Role: string(c.Role), Generation: schema.Generation(c.Generation), Source: c.Source,
		Subject: c.Subject, Issuer: c.Issuer, Serial: schema.Hex(c.Serial), Sha256: schema.Digest(c.SHA256), Spki: schema.Digest(c.SPKI),
		NotBefore: schema.Time(c.NotBefore), NotAfter: schema.Time(c.NotAfter), Algorithm: c.Algorithm, Sans: c.SANs,
	}
	for _, above := range c.Chain[1:] {
		l.Intermediates = append(l.Intermediates, schema.Digest(pki.Describe(above).SHA256))
	}
	return l
}

// inWords formats a time for the lockfile; empty for the zero time.
func inWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return pki.Stamp(t)
}
