package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
)

// TestExternalFilesAreJudgedBeforeTheyAreImported provides files of an external PKI with one fault each. If imported, the mesh would not
// connect, or a key would be in the wrong place.
func TestExternalFilesAreJudgedBeforeTheyAreImported(t *testing.T) {
	swap := func(a, b string) func(*testProject) {
		return func(s *testProject) {
			files := s.all()
			s.write("pki1/"+a, []byte(files["pki1/"+b]))
		}
	}
	appended := func(a, b string) func(*testProject) {
		return func(s *testProject) {
			files := s.all()
			s.write("pki1/"+a, []byte(files["pki1/"+a]+files[b]))
		}
	}
	gone := func(name string) func(*testProject) {
		return func(s *testProject) {
			if err := os.Remove(filepath.Join(filepath.Dir(s.project.Topology), "pki1", name)); err != nil {
				s.Fatal(err)
			}
		}
	}
	later := func(d time.Duration) func(*testProject) { return func(s *testProject) { s.now = s.now.Add(d) } }
	for name, c := range map[string]struct {
		change func(*testProject)
		want   string
	}{
		"the server's key is the signing CA's":   {swap("server.key", "signing.key"), "pki.external.server.key: the private key does not belong to the certificate"},
		"the signing CA's key is the server's":   {swap("signing.key", "server.key"), "pki.external.signing.key: the private key does not belong to the certificate"},
		"the server's key is not here":           {gone("server.key"), "pki.external.server.key: no such file"},
		"the signing CA's key is not here":       {gone("signing.key"), "pki.external.signing.key: no such file"},
		"the server's certificate is not here":   {gone("server.pem"), "pki.external.server.cert: no such file"},
		"the roots are not here":                 {gone("ca.pem"), "pki.external.ca: no such file"},
		"the key's file has a certificate alone": {swap("server.key", "server.pem"), "pki.external.server.key: no private key in it"},
		"the certificate's file has a key alone": {swap("server.pem", "server.key"), "pki.external.server.cert: no certificate in it"},
		"another PKI's root":                     {func(s *testProject) { s.bring(2); s.write("pki1/ca.pem", []byte(s.all()["pki2/ca.pem"])) }, "pki.external.server.cert: the chain breaks at"},
		"no root among the roots":                {swap("ca.pem", "signing.pem"), "pki.external.ca: no root in it"},
		"a key among the roots":                  {appended("ca.pem", "pki1/ca.key"), "pki.external.ca: a private key is among the certificates"},
		"the server's certificate as signing CA": {func(s *testProject) { swap("signing.pem", "server.pem")(s); swap("signing.key", "server.key")(s) }, "pki.external.signing.cert: CN=relay server g1 "},
		"the server's certificate has expired":   {later(9600 * time.Hour), "pki.external.server.cert: CN=relay server g1 "},
		"it has expired a second ago":            {later(9552*time.Hour + time.Second), "expired on"},
		"it is not valid yet":                    {later(-2 * time.Hour), "is valid from"},
		"another authority":                      {func(*testProject) {}, "do not cover the authority relay.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestProject(t)
			s.bring(1)
			text := strings.Replace(testTopology, "%s", foreignPKI(1, ""), 1)
			c.change(s)
			if name == "another authority" {
				text = strings.Replace(text, "  ingress:", "  authority: relay.example.com\n  ingress:", 1)
			}
			s.write("topology.yaml", []byte(text))
			before := s.all()
			_, err := Compile(s.project, s.env(), Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "PRIVATE KEY") {
				t.Error("the error quotes a key")
			}
			if after := s.all(); len(after) != len(before) {
				t.Errorf("something was written: %d files, before %d", len(after), len(before))
			}
		})
	}
}

// TestExternalCertificatesAreTakenOver provides a different certificate and key for one role: only that is imported, as the next
// generation, and what was imported needs neither its key's file nor, in CI, any file.
func TestExternalCertificatesAreTakenOver(t *testing.T) {
	for _, role := range []string{"server", "signing"} {
		s := newTestProject(t)
		s.bring(1)
		first := s.compile(foreignPKI(1, ""))
		if len(first.Issued) != 4 || len(first.Missing) > 0 {
			t.Fatalf("issued %v, missing %v", first.Issued, first.Missing)
		}
		root := s.issuer("pki1/ca")
		s.reissue("pki1/"+role, pki.Role(role), root)
		r := s.compile(foreignPKI(1, ""))
		if len(r.Issued) != 1 || string(r.Issued[0].Role) != role || len(r.Missing) > 0 {
			t.Errorf("%s: issued %v, missing %v", role, r.Issued, r.Missing)
		}
		for _, each := range relayRoles {
			want := 1
			if string(each) == role {
				want = 2
			}
			if c := r.Lock.Newest(each); c.Generation != want {
				t.Errorf("%s: %s has generation %d, want %d", role, each, c.Generation, want)
			}
		}
		dir := filepath.Dir(s.project.Topology)
		for _, gone := range []string{"pki1/server.key", "pki1/signing.key"} {
			if err := os.Remove(filepath.Join(dir, gone)); err != nil {
				t.Fatal(err)
			}
		}
		if again := s.compile(foreignPKI(1, "")); len(again.Issued) > 0 || !again.Changes.None() {
			t.Errorf("%s: without the keys' files: issued %v", role, again.Issued)
		}
		if err := os.RemoveAll(filepath.Join(dir, "pki1")); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{Locked: true}, {Check: true}} {
			if _, err := s.try(foreignPKI(1, ""), o); err != nil {
				t.Errorf("%s: without any file, %+v: %v", role, o, err)
			}
		}
		if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil {
			t.Errorf("%s: a compile that may issue goes on without the PKI's files", role)
		}
		// What replaces the files, the lockfile, is checked with the current topology.
		s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", foreignPKI(1, ""), 1), "  ingress:", "  authority: relay.example.com\n  ingress:", 1)))
		if _, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err == nil || !strings.Contains(err.Error(), "do not cover the authority relay.example.com") {
			t.Errorf("%s: another authority, without files: %v", role, err)
		}
	}
}

// issuer reads a CA of an external PKI with its key.
func (s *testProject) issuer(name string) *pki.Issuer {
	s.Helper()
	files := s.all()
	certs, err := pki.ParseCertificates([]byte(files[name+".pem"]))
	if err != nil {
		s.Fatal(err)
	}
	key, err := pki.ParseKey([]byte(files[name+".key"]))
	if err != nil {
		s.Fatal(err)
	}
	return &pki.Issuer{Certificate: certs[0], Key: key}
}

// reissue writes a different certificate of a role, with its own key.
func (s *testProject) reissue(name string, role pki.Role, root *pki.Issuer) {
	s.Helper()
	facts := pki.Facts{ECDSA: true, DNSNames: []string{"enterprise-networking.gloo-mesh"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour}
	for _, r := range pki.Requests(facts) {
		if r.Role != role {
			continue
		}
		key, err := pki.GenerateKey(r.Algorithm)
		if err != nil {
			s.Fatal(err)
		}
		c, err := pki.Issue(r, "corp 1", 2, key, root, s.now)
		if err != nil {
			s.Fatal(err)
		}
		text, err := pki.MarshalKey(key)
		if err != nil {
			s.Fatal(err)
		}
		s.write(name+".pem", pki.MarshalCertificates(c))
		s.write(name+".key", text)
	}
}
