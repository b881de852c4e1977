package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestOwnersAreReadFromAnyLockfile reads a lockfile line by line: keys by their certificates, the token by its own digest,
// and not the digests of certificates.
func TestOwnersAreReadFromAnyLockfile(t *testing.T) {
	const text = `topology: demo
certificates:
  - role: root
    generation: 1
    sha256: cert
    spki: rootkey
  - role: server
    generation: 12
    sha256: cert2
    spki: serverkey
token:
  generation: 3
  sha256: tokendigest
rotation:
  aside:
    - role: signing
      generation: 2
      sha256: cert3
      spki: asidekey
`
	want := map[string]string{"rootkey": "root 1", "serverkey": "server 12", "tokendigest": "token 3", "asidekey": "signing 2"}
	if got := ownersIn(text); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := ownersIn("token:\n  sha256: a\nkey: b\n"); got["a"] != "token " || len(got) != 1 {
		t.Errorf("a token without generation: %v", got)
	}
}

// TestRetiredKeysAreDatedByTheNextLockfile commits lockfiles day by day: a key is retired on the day of the first lockfile
// that does not name it, and one that comes back counts by its last.
func TestRetiredKeysAreDatedByTheNextLockfile(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	dir := t.TempDir()
	lock := filepath.Join(dir, "topology.lock.yaml")
	git := func(day string, args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_COMMITTER_DATE="+day+"T12:00:00Z")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	files := []string{"a.key", "b.key", "remote/c.token", "never.key"}
	if got := retired(lock, files); len(got) > 0 {
		t.Errorf("without git: %v", got)
	}
	git("2026-01-01", "init", "-q")
	if got := retired(lock, files); len(got) > 0 {
		t.Errorf("without a commit: %v", got)
	}
	server := func(generation, spki string) string {
		return "  - role: server\n    generation: " + generation + "\n    spki: " + spki + "\n"
	}
	for _, c := range []struct{ day, text string }{
		{"2026-01-01", server("1", "a") + "token:\n  generation: 1\n  sha256: c\n"},
		{"2026-01-02", server("2", "b") + "token:\n  generation: 1\n  sha256: c\n"},
		{"2026-01-03", ""},
		{"2026-01-04", server("1", "a")},
		{"2026-01-05", server("3", "d")},
	} {
		if c.text == "" {
			git(c.day, "rm", "-q", "topology.lock.yaml")
		} else if err := os.WriteFile(lock, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		git(c.day, "add", "-A")
		git(c.day, "commit", "-qm", c.day)
	}
	want := map[string]string{"a.key": "server 1, retired 2026-01-05", "b.key": "server 2, retired 2026-01-03", "remote/c.token": "token 1, retired 2026-01-03"}
	if got := retired(lock, files); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := retired(lock, []string{"d.key"}); got["d.key"] != "server 3, retired, and not committed yet" {
		t.Errorf("in force at the last commit: %v", got)
	}
	if got := retired(lock, nil); len(got) > 0 {
		t.Errorf("nothing is retired: %v", got)
	}
}
