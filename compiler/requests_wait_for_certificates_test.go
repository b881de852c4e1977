package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

const requesting = "external: {ca: pki1/ca.pem, server: {keyAlgorithm: ecdsa}, signing: {cert: pki1/signing.pem, key: pki1/signing.key}}"

// TestRequestedKeysCountFirst fails each disk change while a request is created: no lockfile has a request without its key, and the next
// compile continues with a single request.
func TestRequestedKeysCountFirst(t *testing.T) {
	for fails := 1; ; fails++ {
		s := newTestProject(t)
		s.bring(1)
		s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", requesting, 1)))
		env, n := s.env(), 0
		env.Disk = func(op, path string, change func() error) error {
			if op == "sync" {
				return nil
			}
			if n++; n == fails {
				return errors.New("this disk fails")
			}
			return change()
		}
		_, err := Compile(s.project, env, Options{})
		if n < fails {
			if err != nil || fails < 5 {
				t.Fatalf("%d changes, then %v", n, err)
			}
			return
		}
		if text, err := os.ReadFile(s.project.Lock); err == nil {
			l, err := lockfile.Parse("lock", text, relay)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range l.Requests {
				if _, err := os.Stat(filepath.Join(s.project.Keys, lockfile.KeyFile(r.SPKI))); err != nil {
					t.Errorf("change %d failed: the lockfile has a request, and its key is not there", fails)
				}
			}
		}
		r, err := s.try(requesting, Options{})
		if err != nil || len(r.Lock.Requests) != 1 || !r.Held() {
			t.Errorf("change %d failed, and the next compile: %v", fails, err)
		}
	}
}

// TestRequestedKeysAreEncrypted has the key of a request in an encrypted store: it is never stored in plain text, and it signs the next
// request for other names.
func TestRequestedKeysAreEncrypted(t *testing.T) {
	s := newTestProject(t)
	s.seal(t)
	s.bring(1)
	s.write("topology.yaml", s.sealedTopology(requesting))
	first, err := Compile(s.project, s.env(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range s.all() {
		if strings.HasPrefix(name, "keys/") && strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("%s is in plain", name)
		}
	}
	topology := strings.Replace(string(s.sealedTopology(requesting)), "management:\n", "management:\n  authority: other.example.com\n", 1)
	s.write("topology.yaml", []byte(topology))
	again, err := Compile(s.project, s.env(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := first.Lock.Request(pki.Server), again.Lock.Request(pki.Server)
	if a.SPKI != b.SPKI || slices.Equal(a.SANs, b.SANs) {
		t.Errorf("%v, then %v", a.Description, b.Description)
	}
}

// TestCertificatesWithKeysOfTheirOwnAnswer has a user provide a certificate and its key while a request is pending: they are imported, and
// the request is removed. Without the key it is refused.
func TestCertificatesWithKeysOfTheirOwnAnswer(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.compile(requesting)
	var faults diag.List
	bare := strings.Replace(foreignPKI(1, ""), ", key: pki1/server.key", "", 1)
	if _, err := s.try(bare, Options{}); !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults[0].Message, "the pending request is for") {
		t.Errorf("another key: %v", err)
	}
	r := s.compile(foreignPKI(1, ""))
	if len(r.Lock.Requests) > 0 || len(r.Waiting) > 0 || !issue.IsDue(r.Issued, pki.Server) {
		t.Errorf("waiting %v", r.Waiting)
	}
}

// TestImportedPairsNeedNoSecrets removes parts of an imported pair: nothing is imported again, and nothing is refused.
func TestImportedPairsNeedNoSecrets(t *testing.T) {
	gone := map[string]func(s *testProject, key string){
		"removed":    func(s *testProject, key string) { _ = os.Remove(key) },
		"unreadable": func(s *testProject, key string) { _ = os.Chmod(key, 0) },
		"encrypted":  func(s *testProject, key string) {},
	}
	for name, take := range gone {
		t.Run(name, func(t *testing.T) {
			if name == "unreadable" && os.Geteuid() == 0 {
				t.Skip("root reads every file")
			}
			s := newTestProject(t)
			s.bring(1)
			s.compile(foreignPKI(1, ""))
			text := foreignPKI(1, "")
			if name == "encrypted" {
				text = strings.Replace(text, "key: pki1/server.key", "key: pki1/server.key, passwordEnv: NOBODY_SETS_THIS", 1)
			}
			take(s, filepath.Join(s.project.Dir(), "pki1", "server.key"))
			for _, o := range []Options{{}, {Locked: true}, {Locked: true, Check: true}} {
				if r, err := s.try(text, o); err != nil || len(r.Issued) > 0 || !r.Changes.None() {
					t.Errorf("%+v: %v", o, err)
				}
			}
			if _, err := Vet(s.project, s.env()); err != nil {
				t.Errorf("vet: %v", err)
			}
			if r, err := Renew(s.project, s.env(), RenewOptions{What: "server"}); err != nil || len(r.Waiting) != 1 {
				t.Errorf("renew: %v", err)
			}
		})
	}
}
