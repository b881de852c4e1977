package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// TestImportedKeysNeedNoFile compiles a topology with an external PKI whose key files are gone, and then not even named: the key store has
// the keys. A key in neither place is reported.
func TestImportedKeysNeedNoFile(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	named := foreignPKI(1, "")
	s.compile(named)
	for _, role := range []string{"server", "signing"} {
		if err := os.Remove(filepath.Join(s.project.Dir(), "pki1", role+".key")); err != nil {
			t.Fatal(err)
		}
	}
	bare := strings.NewReplacer(", key: pki1/server.key", "", ", key: pki1/signing.key", "").Replace(named)
	if strings.Contains(bare, ".key") {
		t.Fatalf("keys are still named: %s", bare)
	}
	for _, text := range []string{named, bare} {
		if r := s.compile(text); len(r.Issued) > 0 {
			t.Errorf("imported again: %v", r.Issued)
		}
		if err := os.Remove(s.project.Lock); err != nil {
			t.Fatal(err)
		}
		if r, err := s.try(text, Options{NewPKI: true}); err != nil || !issue.IsDue(r.Issued, pki.Server) {
			t.Errorf("the key store has the keys of what the files hold: %v", err)
		}
	}
	if err := errors.Join(os.Remove(s.project.Lock), os.RemoveAll(s.project.Keys), os.RemoveAll(s.project.Build)); err != nil {
		t.Fatal(err)
	}
	var faults diag.List
	if _, err := s.try(bare, Options{}); !errors.As(err, &faults) || len(faults) != 2 || !strings.Contains(faults[0].Hint, "name the key's file") {
		t.Errorf("no key anywhere: %v", err)
	}
}
