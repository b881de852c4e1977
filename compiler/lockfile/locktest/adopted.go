package locktest

import (
	"crypto/x509"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// adopted returns the lockfile of a mesh whose Secrets contain the same certificates in a different encoding.
func adopted(entries []lockfile.Certificate) *lockfile.File {
	l := newLock(entries, nil)
	crlf := func(text []byte) *lockfile.Text {
		return lockfile.NewText([]byte("Certificate:\t of Corp \r\n"+strings.ReplaceAll(string(text), "\n", "\r\n")+"\r\n"), text)
	}
	root := l.Newest(pki.Root).Chain[0]
	server := pki.MarshalCertificates(l.Newest(pki.Server).Chain...)
	l.Adopted = []lockfile.Adopted{
		{Role: pki.Root, CA: crlf(l.CA(pki.Root))},
		{Role: pki.Server, Type: "kubernetes.io/tls", Cert: lockfile.NewText(append(append([]byte{}, server...), pki.MarshalCertificates(root)...), server)},
	}
	return l
}

// adoption changes the adopted text of a role.
func adoption(i int, change func(m *mint, l *lockfile.File, a *lockfile.Adopted)) func(*mint, *lockfile.File) {
	return func(m *mint, l *lockfile.File) { change(m, l, &l.Adopted[i]) }
}

func text(t *lockfile.Text, certs ...*x509.Certificate) *lockfile.Text {
	return &lockfile.Text{Instead: t.Instead, Text: string(pki.MarshalCertificates(certs...))}
}

// adoptions are contents that no adopted Secret can have had.
var adoptions = []tampering{
	{"a text of another PKI", "adopted", adoption(0, func(m *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = text(a.CA, m.external("Other", 1)[0].Chain...)
	}), nil, "adopted[0].ca.text", "is neither a certificate of this lockfile, nor issued by one"},
	{"another root behind the text", "adopted", adoption(0, func(m *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = &lockfile.Text{Instead: a.CA.Instead, Text: a.CA.Text + string(pki.MarshalCertificates(m.external("Other", 1)[0].Chain...))}
	}), nil, "adopted[0].ca.text", "is neither a certificate of this lockfile, nor issued by one"},
	{"the signing CA as the server's text", "adopted", adoption(1, func(_ *mint, l *lockfile.File, a *lockfile.Adopted) {
		a.Cert = text(a.Cert, l.Newest(pki.Signing).Chain...)
	}), nil, "adopted[1].cert.text", "which is not a certificate of the server"},
	{"no certificate in the text", "adopted", adoption(0, func(_ *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = &lockfile.Text{Instead: a.CA.Instead, Text: "nothing"}
	}), nil, "adopted[0].ca.text", "no certificate in it"},
	{"half a certificate in the text", "adopted", adoption(0, func(_ *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = &lockfile.Text{Instead: a.CA.Instead, Text: a.CA.Text[:300]}
	}), nil, "adopted[0].ca.text", "cut short or damaged"},
	{"a character that is not ASCII in the text", "adopted", adoption(0, func(_ *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = &lockfile.Text{Instead: a.CA.Instead, Text: "é" + a.CA.Text}
	}), nil, "adopted[0].ca.text", "which no lockfile can hold"},
	{"a long text", "adopted", adoption(0, func(_ *mint, _ *lockfile.File, a *lockfile.Adopted) {
		a.CA = &lockfile.Text{Instead: a.CA.Instead, Text: strings.Repeat("#", 1<<20) + a.CA.Text}
	}), nil, "adopted[0].ca.text", "the limit is 524288 (512 KiB)"},
	{"a text in place of nothing", "adopted", nil, in(3, line("instead", strings.Repeat("ab", 32))), "adopted[0].ca.instead", "relayform would write no such text"},
	{"a root's Secret with a key", "adopted", adoption(0, func(_ *mint, _ *lockfile.File, a *lockfile.Adopted) { a.Type = "kubernetes.io/tls" }), nil, "adopted[0].type", "holds a private key"},
	{"another type", "adopted", nil, replace("type: kubernetes.io/tls", "type: helm.sh/release.v1"), "adopted[1].type", "kubernetes.io/tls"},
	{"a role adopted twice", "adopted", func(_ *mint, l *lockfile.File) { l.Adopted = append(l.Adopted, lockfile.Adopted{Role: pki.Server}) }, nil, "adopted[2].role", "adopted[1] has the role server already"},
}
