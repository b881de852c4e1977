package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"
)

// TestEveryNameIsTold describes a certificate with names of each kind. A name missing from the description would be in no lockfile and no
// report, and reviewers would not see what the certificate is valid for.
func TestEveryNameIsTold(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	spiffe := &url.URL{Scheme: "spiffe", Host: "mesh", Path: "/relay"}
	key, err := GenerateKey(ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	d := Describe(&x509.Certificate{
		Raw: []byte("raw"), RawSubjectPublicKeyInfo: []byte("spki"), PublicKey: key.Public(), SerialNumber: big.NewInt(0xbeef), NotBefore: at, NotAfter: at.AddDate(1, 0, 0),
		DNSNames: []string{"a.example", "b.example"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1), net.ParseIP("2001:db8::1")}, URIs: []*url.URL{spiffe}, EmailAddresses: []string{"ops@example"},
	})
	digest := func(text string) string { sum := sha256.Sum256([]byte(text)); return hex.EncodeToString(sum[:]) }
	if want := []string{"a.example", "b.example", "192.0.2.1", "2001:db8::1", "spiffe://mesh/relay", "ops@example"}; !slices.Equal(d.SANs, want) {
		t.Errorf("%q, want %q", d.SANs, want)
	}
	if d.Serial != "beef" || d.SHA256 != digest("raw") || d.SPKI != digest("spki") || d.NotBefore != "2030-01-02T02:04:05Z" || d.NotAfter != "2031-01-02T02:04:05Z" || d.Algorithm != string(ECDSAP256) {
		t.Errorf("%+v", d)
	}
}
