package locktest

import (
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// PKI is the files from an external PKI: ca.pem, signing.pem, signing.key and the server's.
type PKI map[string][]byte

// PKIs returns external PKIs of every kind, by name: with intermediates, with two anchors, with an anchor that was reissued for the same
// key, and with a root that signs agents' certificates itself.
func PKIs(t testing.TB) map[string]PKI {
	m := newMint(t)
	good := m.good()
	return map[string]PKI{
		"chains":   m.files(good["external"].Certificates),
		"anchors":  m.files(good["anchors"].Certificates),
		"reissued": m.files(good["external, shared"].Certificates[1:]),
		"signs":    m.files(good["the root signs"].Certificates),
		"next":     m.files(good["external, retire"].Certificates),
	}
}

func (m *mint) files(entries []lockfile.Certificate) PKI {
	files := PKI{}
	for _, c := range entries {
		if c.Role == pki.Root {
			files["ca.pem"] = append(files["ca.pem"], pki.MarshalCertificates(c.Chain...)...)
			continue
		}
		files[string(c.Role)+".pem"] = pki.MarshalCertificates(c.Chain...)
		key, err := pki.MarshalKey(m.keys[c.SPKI])
		if err != nil {
			m.Fatal(err)
		}
		files[string(c.Role)+".key"] = key
	}
	return files
}
