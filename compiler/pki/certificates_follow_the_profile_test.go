package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"
	"time"
)

var issueTime = time.Date(2026, 1, 31, 12, 0, 0, 123456789, time.FixedZone("elsewhere", 3600))

// issueAll issues the certificates of a mesh, by role.
func issueAll(t *testing.T, f Facts) map[Role]*x509.Certificate {
	t.Helper()
	made, keys := map[Role]*x509.Certificate{}, map[Role]crypto.Signer{}
	for _, r := range Requests(f) {
		key, err := GenerateKey(r.Algorithm)
		if err != nil {
			t.Fatal(err)
		}
		var issuer *Issuer
		if r.Issuer != r.Role {
			issuer = &Issuer{made[r.Issuer], keys[r.Issuer]}
		}
		if made[r.Role], err = Issue(r, "demo", 1, key, issuer, issueTime); err != nil {
			t.Fatal(err)
		}
		keys[r.Role] = key
	}
	return made
}

func facts(ecdsa bool) Facts {
	return Facts{ECDSA: ecdsa, DNSNames: []string{"relay.example.com", "relay"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour}
}

// TestCertificatesFollowTheProfile checks each extension against the profile.
func TestCertificatesFollowTheProfile(t *testing.T) {
	for _, ecdsa := range []bool{true, false} {
		certs := issueAll(t, facts(ecdsa))
		root, signing, server := certs[Root], certs[Signing], certs[Server]
		both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		serverUsage := x509.KeyUsageDigitalSignature
		algorithms := map[Role]Algorithm{Root: ECDSAP256, Signing: ECDSAP256, Server: ECDSAP256}
		if !ecdsa {
			serverUsage |= x509.KeyUsageKeyEncipherment
			algorithms = map[Role]Algorithm{Root: RSA4096, Signing: RSA2048, Server: RSA2048}
		}
		want := []struct {
			role    Role
			cert    *x509.Certificate
			ca      bool
			pathLen int
			usage   x509.KeyUsage
			ext     []x509.ExtKeyUsage
			names   []string
			valid   time.Duration
		}{
			{Root, root, true, 1, x509.KeyUsageCertSign | x509.KeyUsageCRLSign, nil, nil, 87601 * time.Hour},
			{Signing, signing, true, 0, x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign, both, nil, 26281 * time.Hour},
			{Server, server, false, -1, serverUsage, both, []string{"relay.example.com", "relay"}, 9553 * time.Hour},
		}
		for _, w := range want {
			c := w.cert
			switch {
			case AlgorithmOf(c.PublicKey) != algorithms[w.role]:
				t.Errorf("%s: key %s, want %s", w.role, AlgorithmOf(c.PublicKey), algorithms[w.role])
			case c.IsCA != w.ca || w.ca && (c.MaxPathLen != w.pathLen || c.MaxPathLenZero != (w.pathLen == 0)):
				t.Errorf("%s: CA %v with path length %d", w.role, c.IsCA, c.MaxPathLen)
			case c.KeyUsage != w.usage:
				t.Errorf("%s: key usage %b, want %b", w.role, c.KeyUsage, w.usage)
			case !slices.Equal(c.ExtKeyUsage, w.ext) || len(c.UnknownExtKeyUsage) > 0:
				t.Errorf("%s: extended key usages %v, want %v", w.role, c.ExtKeyUsage, w.ext)
			case !slices.Equal(c.DNSNames, w.names):
				t.Errorf("%s: SANs %v, want %v", w.role, c.DNSNames, w.names)
			case c.NotAfter.Sub(c.NotBefore) != w.valid || c.NotBefore.Nanosecond() != 0 || c.NotBefore.Location() != time.UTC:
				t.Errorf("%s: valid %v to %v", w.role, c.NotBefore, c.NotAfter)
			case !c.NotBefore.Equal(issueTime.Truncate(time.Second).Add(-time.Hour)):
				t.Errorf("%s: valid from %v, want an hour before %v", w.role, c.NotBefore, issueTime)
			case len(c.SubjectKeyId) == 0 || !bytes.Equal(c.AuthorityKeyId, root.SubjectKeyId):
				t.Errorf("%s: key identifiers %x, %x", w.role, c.SubjectKeyId, c.AuthorityKeyId)
			case c.SerialNumber.Sign() <= 0 || c.SerialNumber.BitLen() < 64 || c.SerialNumber.BitLen() > 159:
				t.Errorf("%s: serial %x", w.role, c.SerialNumber)
			case c.CheckSignatureFrom(root) != nil:
				t.Errorf("%s: not signed by the root", w.role)
			}
			for _, oid := range []asn1.ObjectIdentifier{{2, 5, 29, 15}, {2, 5, 29, 19}} { // keyUsage, basicConstraints
				i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) })
				if i < 0 || !c.Extensions[i].Critical {
					t.Errorf("%s: extension %v is missing or not critical", w.role, oid)
				}
			}
		}
		if bytes.Equal(root.RawSubject, signing.RawSubject) || bytes.Equal(signing.RawSubject, server.RawSubject) {
			t.Error("two certificates share a subject")
		}
		if root.SerialNumber.Cmp(signing.SerialNumber) == 0 || signing.SerialNumber.Cmp(server.SerialNumber) == 0 {
			t.Error("two certificates share a serial number")
		}
	}
}

// TestNoCertificateOutlivesItsIssuer asks for a server certificate that would outlive its CA.
func TestNoCertificateOutlivesItsIssuer(t *testing.T) {
	f := facts(true)
	f.Server = f.Root + 1000*time.Hour
	certs := issueAll(t, f)
	if got := certs[Server].NotAfter; !got.Equal(certs[Root].NotAfter) {
		t.Errorf("the server is valid until %v, its root until %v", got, certs[Root].NotAfter)
	}
}

// TestOnlyWhatDependsDiffers changes one fact at a time.
func TestOnlyWhatDependsDiffers(t *testing.T) {
	certs := issueAll(t, facts(true))
	for _, c := range []struct {
		name   string
		change func(*Facts)
		roles  []Role
	}{
		{"nothing", func(*Facts) {}, nil},
		{"names", func(f *Facts) { f.DNSNames = []string{"other"} }, []Role{Server}},
		{"names of the telemetry gateway", func(f *Facts) { f.Telemetry = []string{"other"} }, []Role{Telemetry}},
		{"algorithm", func(f *Facts) { f.ECDSA = false }, []Role{Root, Signing, Server, Telemetry}},
		{"validity of the root", func(f *Facts) { f.Root += time.Hour }, []Role{Root}},
		{"validity of the signing CA", func(f *Facts) { f.Signing += time.Hour }, []Role{Signing}},
		{"validity of the server", func(f *Facts) { f.Server += time.Hour }, []Role{Server, Telemetry}},
	} {
		asked := map[Role]time.Duration{}
		for _, r := range Requests(facts(true)) {
			asked[r.Role] = r.Validity
		}
		f := facts(true)
		c.change(&f)
		var differ []Role
		for _, r := range Requests(f) {
			if len(Differs(r, certs[r.Role], asked[r.Role])) > 0 {
				differ = append(differ, r.Role)
			}
		}
		if !slices.Equal(differ, c.roles) {
			t.Errorf("%s: %v differ, want %v", c.name, differ, c.roles)
		}
	}
}
