package lockfile_test

import (
	"bytes"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// TestAdoptedTextsStandWhileTheirCertificatesDo writes what an adopted mesh contained, byte for byte, while the same certificates are in
// use: also when a rotation begins and is rolled back, but no longer.
func TestAdoptedTextsStandWhileTheirCertificatesDo(t *testing.T) {
	good := locktest.Good(t)
	l := good["adopted"]
	text, err := l.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
	if err != nil {
		t.Fatal(err)
	}
	held := func(of *lockfile.File) [4]string {
		return [4]string{string(of.CA(pki.Root)), string(of.CA(pki.Server)), string(of.Cert(pki.Server)), of.TypeOf(pki.Server)}
	}
	want := held(l)
	if got := held(read); got != want || want[0] != l.Adopted[0].CA.Text || want[2] != l.Adopted[1].Cert.Text || want[3] != "kubernetes.io/tls" {
		t.Errorf("read back it is another:\n%q\nwant\n%q", got, want)
	}
	plain := good["external"]
	if want[1] != string(plain.CA(pki.Server)) || string(l.Cert(pki.Signing)) != string(plain.Cert(pki.Signing)) || l.TypeOf(pki.Signing) != "Opaque" {
		t.Error("what relayform writes as it always does, it writes otherwise")
	}

	now := time.Date(2027, 2, 3, 4, 5, 6, 0, time.UTC)
	next := good["external, retire"].Newest(pki.Root)
	distributing := read.Turn(lockfile.Distribute, now).With([]lockfile.Certificate{*next}, nil)
	if got := distributing.CA(pki.Root); bytes.Contains(got, []byte("\r")) || len(got) < len(plain.CA(pki.Root)) {
		t.Errorf("two roots are in force, and this stands there: %q", got)
	}
	if got := held(distributing.Turn("", now)); got != want {
		t.Errorf("given up, it is another: %q", got)
	}

	renewed := read.With([]lockfile.Certificate{lockfile.NewCertificate(pki.Server, 2, lockfile.External, 0, good["anchors"].Newest(pki.Signing).Chain...)}, nil)
	if got := held(renewed); got[0] != want[0] || got[2] == want[2] || got[3] != want[3] {
		t.Errorf("with another server certificate: %q", got)
	}
	if len(renewed.Adopted) != 2 || renewed.Adopted[1].Cert != nil || renewed.Adopted[1].Type == "" {
		t.Errorf("what counts no more is kept, or what counts is not: %+v", renewed.Adopted)
	}
}
