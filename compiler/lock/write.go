package lock

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
	Role       pki.Role `yaml:"role"`
	Generation int      `yaml:"generation"`
	Source     string   `yaml:"source"`
	Subject    string   `yaml:"subject"`
	Issuer     string   `yaml:"issuer"`
	Serial     string   `yaml:"serial"`
	SHA256     string   `yaml:"sha256"`
	SPKI       string   `yaml:"spki"`
	NotBefore  string   `yaml:"notBefore"`
	NotAfter   string   `yaml:"notAfter"`
	Algorithm  string   `yaml:"algorithm"`
	SANs       []string `yaml:"sans,omitempty"`
	Validity   string   `yaml:"validity,omitempty"`
	PEM        string   `yaml:"pem"`
}

type file struct {
	APIVersion   string  `yaml:"apiVersion"`
	Topology     string  `yaml:"topology"`
	Certificates []entry `yaml:"certificates"`
	Token        *token  `yaml:"token,omitempty"`
}

type token struct {
	Generation int    `yaml:"generation"`
	SHA256     string `yaml:"sha256"`
}

// Marshal is the lockfile's text. The same lock always gives the same bytes.
func (l *Lock) Marshal() ([]byte, error) {
	f := file{APIVersion: "relayform.lock/v1", Topology: l.Topology, Certificates: []entry{}}
	for _, c := range l.Certificates {
		e := entry{
			Role: c.Role, Generation: c.Generation, Source: c.Source,
			Subject: c.Subject, Issuer: c.Issuer, Serial: c.Serial, SHA256: c.SHA256, SPKI: c.SPKI,
			NotBefore: c.NotBefore, NotAfter: c.NotAfter, Algorithm: c.Algorithm,
			SANs: c.SANs, PEM: string(pki.MarshalCertificates(c.Chain...)),
		}
		if c.Validity > 0 {
			e.Validity = fmt.Sprintf("%dh", int64(c.Validity/time.Hour))
		}
		f.Certificates = append(f.Certificates, e)
	}
	if l.Token != nil {
		f.Token = &token{Generation: l.Token.Generation, SHA256: l.Token.SHA256}
	}
	text, err := source.Marshal(f)
	if err != nil {
		return nil, err
	}
	return []byte(header + strings.TrimLeft(string(text), "\n")), nil
}
