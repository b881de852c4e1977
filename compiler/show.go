package compiler

import (
	"crypto/x509"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// shower shows the files of a build folder without what is private in them, and notes where that stands:
// relayform never writes it there, but an accident may.
type shower struct {
	build   string
	tokens  []string // digests
	exposed []string
}

// show is a file as people may see it: a certificate file by what its certificates say.
func (s *shower) show(name string, data []byte) []byte {
	places := secrecy.Find(data, s.tokens...)
	for _, p := range places {
		at := fmt.Sprintf("%s:%d", filepath.Join(s.build, filepath.FromSlash(name)), p.Line)
		s.exposed = append(s.exposed, fmt.Sprintf("%s: %s stands here; take it out, and replace it: it may have been committed", at, p.Kind))
	}
	hidden := secrecy.Hide(data, places)
	if path.Ext(name) != ".crt" {
		return hidden
	}
	certs, err := pki.ParseCertificates(hidden)
	if err != nil {
		return hidden
	}
	return inWords(certs, places)
}

// inWords is what certificates say, and that something else is among them.
func inWords(certs []*x509.Certificate, private []secrecy.Place) []byte {
	var b strings.Builder
	for _, c := range certs {
		d := pki.Describe(c)
		fmt.Fprintf(&b, "subject %s\nissuer %s\nserial %s\nvalid %s to %s\nkey %s\nSANs %s\nsha256 %s\n",
			diag.Printable(d.Subject), diag.Printable(d.Issuer), d.Serial, d.NotBefore, d.NotAfter, d.Algorithm, diag.Printable(strings.Join(d.SANs, ", ")), d.SHA256)
	}
	for _, p := range private {
		fmt.Fprintf(&b, "line %d: %s, which is not shown\n", p.Line, p.Kind)
	}
	return []byte(b.String())
}
