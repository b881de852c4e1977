package lockfile

import (
	"fmt"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/source"
)

const header = `# Which certificates exist, written by relayform. Commit it; nothing in it is secret.
# Do not edit: relayform compares every fact with the certificate itself.
`

// entry is a certificate as the file has it, its fields in the order in which people read them.
type entry struct {
	Role          pki.Role `yaml:"role"`
	Generation    int      `yaml:"generation"`
	Source        string   `yaml:"source"`
	Subject       string   `yaml:"subject"`
	Issuer        string   `yaml:"issuer"`
	Serial        string   `yaml:"serial"`
	SHA256        string   `yaml:"sha256"`
	SPKI          string   `yaml:"spki"`
	NotBefore     string   `yaml:"notBefore"`
	NotAfter      string   `yaml:"notAfter"`
	Algorithm     string   `yaml:"algorithm"`
	SANs          []string `yaml:"sans,omitempty"`
	Validity      string   `yaml:"validity,omitempty"`
	Intermediates []string `yaml:"intermediates,omitempty"`
	PEM           string   `yaml:"pem"`
}

type file struct {
	APIVersion   string    `yaml:"apiVersion"`
	Topology     string    `yaml:"topology"`
	Certificates []entry   `yaml:"certificates"`
	Token        *token    `yaml:"token,omitempty"`
	Rotation     *rotation `yaml:"rotation,omitempty"`
}

type rotation struct {
	Phase          Phase   `yaml:"phase"`
	Since          string  `yaml:"since"`
	DrainUntil     string  `yaml:"drainUntil,omitempty"`
	AgentsReissued bool    `yaml:"agentsReissued,omitempty"`
	Aside          []entry `yaml:"aside,omitempty"`
}

type token struct {
	Generation int    `yaml:"generation"`
	SHA256     string `yaml:"sha256"`
}

// Marshal is the lockfile's text. The same lock always gives the same bytes.
func (l *File) Marshal() ([]byte, error) {
	f := file{APIVersion: "relayform.lock/v1", Topology: l.Topology, Certificates: []entry{}}
	for _, c := range l.Certificates {
		f.Certificates = append(f.Certificates, newEntry(c))
	}
	if l.Token != nil {
		f.Token = &token{Generation: l.Token.Generation, SHA256: l.Token.SHA256}
	}
	if r := l.Rotation; r != nil {
		f.Rotation = &rotation{Phase: r.Phase, Since: inWords(r.Since), DrainUntil: inWords(r.DrainUntil), AgentsReissued: r.AgentsReissued}
		for _, c := range r.Aside {
			f.Rotation.Aside = append(f.Rotation.Aside, newEntry(c))
		}
	}
	text, err := source.Marshal(f)
	if err != nil {
		return nil, err
	}
	return []byte(header + strings.TrimLeft(string(text), "\n")), nil
}

func newEntry(c Certificate) entry {
	e := entry{
		Role: c.Role, Generation: c.Generation, Source: c.Source,
		Subject: c.Subject, Issuer: c.Issuer, Serial: c.Serial, SHA256: c.SHA256, SPKI: c.SPKI,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Algorithm: c.Algorithm,
		SANs: c.SANs, Intermediates: c.intermediates(), PEM: string(pki.MarshalCertificates(c.Chain...)),
	}
	if c.Validity > 0 {
		e.Validity = fmt.Sprintf("%dh", int64(c.Validity/time.Hour))
	}
	return e
}

// inWords is a time as the lockfile has it, empty for none.
func inWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return pki.Stamp(t)
}
