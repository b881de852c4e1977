package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/adopt"
	"relayform/compiler/pki"
)

// TestAdoptionIsProvedBeforeItIsWritten has a key of the mesh in the key store already, encoded differently than in the cluster. It is
// never overwritten, so the first apply would change the Secret: that is reported, and nothing is written unless it is allowed.
func TestAdoptionIsProvedBeforeItIsWritten(t *testing.T) {
	const dir = "../fixtures/adopt/chart-1.x"
	first := newTestProject(t)
	if _, err := first.adopted(dir, adopt.Answers{}); err != nil {
		t.Fatal(err)
	}
	s := newTestProject(t)
	if err := os.CopyFS(s.project.Keys, os.DirFS(first.project.Keys)); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(s.project.Keys, "*.key"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("%q: %v", kept, err)
	}
	for _, name := range kept {
		key, err := pki.ParseKey(read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		text, err := pki.MarshalKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := s.all()
	_, err = s.adopted(dir, adopt.Answers{})
	var refused adopt.Refusal
	if !errors.As(err, &refused) || len(refused) != 2 || !strings.Contains(err.Error(), "eks-mgmt: the first apply would change tls.key of Secret relay-server-tls-secret") || refused[0].Hint != "pass --rewrite if that is intended" {
		t.Errorf("got %v", err)
	}
	s.sameFiles("a refused adoption", before)
	got, err := s.adopted(dir, adopt.Answers{Rewrite: true})
	if err != nil || !slices.Equal(got.Made, []string{"eks-mgmt: tls.key of Secret relay-server-tls-secret", "eks-mgmt: tls.key of Secret relay-tls-signing-secret"}) {
		t.Errorf("where it is meant: %v, %v", got, err)
	}
	for _, name := range kept {
		if text := string(read(t, name)); text != before["keys/"+filepath.Base(name)] {
			t.Errorf("%s was overwritten", name)
		}
	}
}

// TestRewritesAreNamed allows the first apply to write Secrets with different bytes: exactly those are named.
func TestRewritesAreNamed(t *testing.T) {
	ca := func(text string) []byte { return heldValue(t, text, "relay-root-tls-secret", "ca.crt") }
	for name, c := range map[string]struct {
		cluster string
		change  func(text string) string
		made    []string
	}{
		"a line more in one": {"eks-edge-2", func(s string) string {
			return setIn(s, "relay-root-tls-secret", "ca.crt", append([]byte("\n"), ca(s)...))
		}, []string{"edge-2: ca.crt of Secret relay-root-tls-secret"}},
		"words that no file can have": {"eks-mgmt", func(s string) string {
			return setIn(s, "relay-server-tls-secret", "ca.crt", append([]byte("für alle\n"), ca(s)...))
		}, []string{"eks-mgmt: ca.crt of Secret relay-server-tls-secret"}},
		"no roots beside the server": {"eks-mgmt", func(s string) string { return setIn(s, "relay-server-tls-secret", "ca.crt", nil) }, []string{"eks-mgmt: ca.crt of Secret relay-server-tls-secret"}},
		"nothing":                    {"", nil, nil},
	} {
		s := newTestProject(t)
		dir := hostileMesh(t, c.cluster, c.change)
		got, err := s.adopted(dir, adopt.Answers{Rewrite: true})
		if err != nil || !slices.Equal(got.Made, c.made) {
			t.Errorf("%s: %v, want %q to be written (%v)", name, got, c.made, err)
			continue
		}
		if r, err := Compile(s.project, s.env(), Options{}); err != nil || len(r.Issued) > 0 {
			t.Errorf("%s: issued %v: %v", name, r, err)
		}
	}
}

// heldValue returns a value in a Secret.
func heldValue(t *testing.T, text, secret, key string) []byte {
	t.Helper()
	secrets, err := readEmitted([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(secrets, func(s emittedSecret) bool { return s.Name == secret })
	return secrets[i].Data[key]
}
