package compiler

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"relayform/compiler/emit"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema/diag"
	"relayform/schema/pattern"
	"relayform/schema/secrecy"
)

// shower shows the files of a build folder without private values, and records where these are: relayform never writes them there, but they
// may get there by accident.
type shower struct {
	build   string
	tokens  []string // digests
	exposed []string
}

// show returns a file for display: a certificate file as a description of its certificates.
func (s *shower) show(name string, data []byte) []byte {
	places := secrecy.Find(data, s.tokens...)
	for _, p := range places {
		at := fmt.Sprintf("%s:%d", filepath.Join(s.build, filepath.FromSlash(name)), p.Line)
		s.exposed = append(s.exposed, fmt.Sprintf("%s: %s is here; remove it, and replace it: it may have been committed", at, p.Kind))
	}
	hidden := secrecy.Hide(data, places)
	switch path.Ext(name) {
	case ".crt":
	case ".yaml":
		return abridge(hidden)
	default:
		return hidden
	}
	return worded(hidden, places)
}

// worded describes a certificate file; one with other contents is unchanged.
func worded(text []byte, private []secrecy.Place) []byte {
	certs, err := pki.ParseCertificates(text)
	if err != nil {
		return text
	}
	return inWords(certs, private)
}

// InWords converts a certificate file, a lockfile, or YAML of the build folder for reviewers: certificates are described, and private
// values removed. A lockfile has descriptions already, so its certificates are omitted; other long values are shown as digests.
func InWords(text []byte) []byte {
	tokens := lockfile.Digests(text)
	places := secrecy.Find(text, tokens...)
	hidden := secrecy.Hide(text, places)
	switch {
	case bytes.HasPrefix(hidden, []byte(emit.Header)), bytes.Contains(hidden, []byte("\nkind: SealedValues\n")):
		return abridge(hidden)
	case !bytes.Contains(hidden, []byte("\napiVersion: relayform.lock/")):
		return worded(hidden, places)
	}
	var b bytes.Buffer
	inside := false
	for line := range bytes.Lines(hidden) {
		switch {
		case bytes.Contains(line, []byte("-----BEGIN CERTIFICATE-----")):
			inside = true
		case bytes.Contains(line, []byte("-----END CERTIFICATE-----")):
			inside = false
		case inside && base64Line().MatchString(string(bytes.TrimSpace(line))):
		case string(bytes.TrimSpace(line)) == "pem: |":
		default:
			inside = false // not part of a certificate
			b.Write(line)
		}
	}
	return b.Bytes()
}

// base64Line matches a line in a certificate's PEM.
var base64Line = pattern.Late(`^[A-Za-z0-9+/]+=*$`)

// inWords describes certificates, and notes other contents among them.
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
