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
		s.exposed = append(s.exposed, fmt.Sprintf("%s: %s is here; take it out, and replace it: it may have been committed", at, p.Kind))
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

// worded is a certificate file in words; one that holds something else as it is.
func worded(text []byte, private []secrecy.Place) []byte {
	certs, err := pki.ParseCertificates(text)
	if err != nil {
		return text
	}
	return inWords(certs, private)
}

// InWords is a certificate file, a lockfile, or YAML of the build folder, as a reviewer reads it: certificates by what they say,
// and without what is private. A lockfile says it beside its certificates, which are left out; of other long values the digest
// is shown.
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
			inside = false // whatever it is, it is no part of a certificate
			b.Write(line)
		}
	}
	return b.Bytes()
}

// base64Line is a line of a certificate's PEM.
var base64Line = pattern.Late(`^[A-Za-z0-9+/]+=*$`)

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
