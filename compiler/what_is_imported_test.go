package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// TestNothingIsImportedWithoutItsKey replaces a certificate file but not the key: with a certificate in the lockfile but no key, the relay
// server would not start.
func TestNothingIsImportedWithoutItsKey(t *testing.T) {
	for _, role := range []string{"server", "signing"} {
		s := newTestProject(t)
		s.bring(1)
		s.compile(foreignPKI(1, ""))
		key := filepath.Join(filepath.Dir(s.project.Topology), "pki1", role+".key")
		s.reissue("pki1/"+role, pki.Role(role), s.issuer("pki1/ca"))
		renewed := read(t, key)
		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{}, {Locked: true}, {Check: true}} {
			if _, err := s.try(foreignPKI(1, ""), o); err == nil || !strings.Contains(err.Error(), "pki.external."+role+".key: no such file") {
				t.Errorf("%s, %+v: without its key: %v", role, o, err)
			}
		}
		s.write("pki1/"+role+".key", renewed)
		if r := s.compile(foreignPKI(1, "")); len(r.Issued) != 1 || len(r.Missing) > 0 {
			t.Errorf("%s: with its key: issued %v, missing %v", role, r.Issued, r.Missing)
		}
	}
}

// TestLatestOfSeveralCertificatesIsImported leaves the replaced certificate in the file, before and after its successor, which has the same
// key: the one that expires last is imported.
func TestLatestOfSeveralCertificatesIsImported(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	first := s.compile(foreignPKI(1, "")).Lock.Newest(pki.Server)
	key, old := s.issuer("pki1/server").Key, s.all()["pki1/server.pem"]
	request := pki.Requests(pki.Facts{ECDSA: true, DNSNames: []string{"enterprise-networking.gloo-mesh"}, Root: 87600 * time.Hour, Signing: 26280 * time.Hour, Server: 9552 * time.Hour})
	for _, r := range request {
		if r.Role != pki.Server {
			continue
		}
		c, err := pki.Issue(r, "corp 1", 2, key, s.issuer("pki1/ca"), s.now.Add(10*day))
		if err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(11 * day)
		for i, text := range []string{old + string(pki.MarshalCertificates(c)), string(pki.MarshalCertificates(c)) + old} {
			s.write("pki1/server.pem", []byte(text))
			have := s.compile(foreignPKI(1, "")).Lock.Newest(pki.Server)
			if !have.Chain[0].Equal(c) || have.Generation != 2 || have.SPKI != first.SPKI {
				t.Errorf("%d: generation %d, valid until %s", i, have.Generation, have.Chain[0].NotAfter)
			}
		}
	}
}

// TestExpiredRootIsNotImported compiles with a PKI whose root has expired: agents would refuse it at once.
func TestExpiredRootIsNotImported(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.now = s.now.Add(87601 * time.Hour)
	if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil || !strings.Contains(err.Error(), "pki.external.ca: CN=relay root g1 ") {
		t.Errorf("an expired root: %v", err)
	}
}

// TestFirstImportNeedsItsFiles compiles for the first time while nothing may be issued and the files are missing: the lockfile cannot
// replace what it does not contain.
func TestFirstImportNeedsItsFiles(t *testing.T) {
	for _, o := range []Options{{Locked: true}, {Check: true}, {}} {
		s := newTestProject(t)
		if _, err := s.try(foreignPKI(1, ""), o); err == nil || strings.Count(err.Error(), "no such file") != 3 {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestOldPKIServesTheAuthorityUntilIssue changes the authority while another PKI's anchors are distributed: the certificate in use is from
// the old PKI, and does not cover it.
func TestOldPKIServesTheAuthorityUntilIssue(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.bring(2)
	s.compile(foreignPKI(1, ""))
	s.compile(foreignPKI(2, "distribute"))
	s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", foreignPKI(2, "distribute"), 1), "  ingress:", "  authority: relay.example.com\n  ingress:", 1)))
	if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), "do not cover the authority relay.example.com") {
		t.Errorf("another authority while the old PKI serves: %v", err)
	}
}

// TestPasswordIsTheFirstLine writes the password's file with Windows line ends, and with a note below.
func TestPasswordIsTheFirstLine(t *testing.T) {
	for _, end := range []string{"", "\n", "\r\n", "\r\na note\r\n", "\n\n"} {
		s := newTestProject(t)
		if err := os.CopyFS(filepath.Dir(s.project.Topology), os.DirFS("../fixtures/imported")); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(s.project.Lock); err != nil {
			t.Fatal(err)
		}
		const name = "pki/relay.password"
		s.write(name, []byte(strings.TrimSpace(s.all()[name])+end))
		s.project.Keys = filepath.Join(filepath.Dir(s.project.Topology), "imported")
		env := s.env()
		env.LookupEnv = func(string) (string, bool) { return "correct horse", true }
		if _, err := Compile(s.project, env, Options{}); err != nil {
			t.Errorf("the password ends in %q: %v", end, err)
		}
	}
}

// TestTokenCannotBeGuessed issues tokens: each has 256 bits in hexadecimal, is the next generation, and differs from the others.
func TestTokenCannotBeGuessed(t *testing.T) {
	s := newTestProject(t)
	r := s.compile(own(""))
	seen := map[string]bool{}
	for generation := 1; generation <= 4; generation++ {
		text := s.all()["keys/remote/"+filepath.Base(lockfile.TokenFile(r.Lock.Token.SHA256))]
		if len(text) != 64 || strings.Trim(text, "0123456789abcdef") != "" || seen[text] || r.Lock.Token.Generation != generation {
			t.Errorf("generation %d, recorded as %d: %d characters, seen before %t", generation, r.Lock.Token.Generation, len(text), seen[text])
		}
		seen[text] = true
		var err error
		if r, err = Renew(s.project, s.env(), RenewOptions{What: string(product.Token)}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoValidityIsLongerThanTheRoots compares validities with the root's: equal is accepted, longer is not.
func TestNoValidityIsLongerThanTheRoots(t *testing.T) {
	for block, want := range map[string]string{
		"{root: 20000h, signing: 20000h, server: 2000h}": "",
		"{root: 20000h, signing: 20001h}":                "pki.selfSigned.validity.signing: 20001h is longer than the root's 20000h",
		"{root: 20000h, signing: 2000h, server: 20001h}": "pki.selfSigned.validity.server: 20001h is longer than the root's 20000h",
		"{root: 20000h}": "pki.selfSigned.validity.signing: the default of 3y is longer than the root's 20000h",
	} {
		s := newTestProject(t)
		_, err := s.try("selfSigned: {keyAlgorithm: ecdsa, validity: "+block+"}", Options{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", block, err, want)
		}
	}
}
