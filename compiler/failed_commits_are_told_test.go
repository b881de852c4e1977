package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
)

// TestFailedCommitsAreTold fails one kind of disk change at a time: the run returns an error, and the next one, on a working disk,
// completes it. Without the error, a renewal may be in nobody's lockfile, or a key lost.
func TestFailedCommitsAreTold(t *testing.T) {
	tmp := ".relayform-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp"
	for _, c := range []struct {
		name, op, path string // of the change; path is a pattern
		before         func(s *testProject)
		renew          string // empty for a compile
		unrecorded     bool   // the lockfile is unchanged
	}{
		{"a key", "rename", "keys/????*.key", nil, "server", true},
		{"a token", "rename", "keys/remote/*.token", nil, "token", true},
		{"the lockfile", "rename", "topology.lock.yaml", nil, "signing", true},
		{"a component that does not fit any more", "remove", "keys/kustomization.yaml", nil, "server", false},
		{"a component of the remotes", "remove", "keys/remote/kustomization.yaml", nil, "token", false},
		{"a component that fits", "rename", "keys/kustomization.yaml", nil, "server", false},
		{"sealing", "rename", "keys/*.age", func(s *testProject) { s.seal(t); s.write("topology.yaml", s.sealedTopology(own(""))) }, "", true},
		{"what a run left beside the lockfile", "remove", ".topology.lock.yaml*", func(s *testProject) { s.write(".topology.lock.yaml"+tmp, nil) }, "", true},
		{"what a run left beside the topology", "remove", ".topology.yaml*", func(s *testProject) { s.write(".topology.yaml"+tmp, nil) }, "", true},
		{"what a run left in the key store", "remove", "keys/.relayform.tmp/*", func(s *testProject) { s.write("keys/.relayform.tmp/tmp-ABCDEFGHIJKLMNOPQRSTUVWXYZ", nil) }, "", true},
	} {
		s := newTestProject(t)
		s.compile(own(""))
		if c.before != nil {
			c.before(s)
		}
		before := s.all()
		dir := filepath.Dir(s.project.Topology)
		env, broken, met := s.env(), errors.New("the disk is broken"), false
		env.Disk = func(op, path string, change func() error) error {
			rel, err := filepath.Rel(dir, path)
			if match, _ := filepath.Match(filepath.FromSlash(c.path), rel); err == nil && match && op == c.op {
				met = true
				return broken
			}
			return unflushed(op, path, change)
		}
		run := func(env Env) error {
			if c.renew != "" {
				_, err := Renew(s.project, env, RenewOptions{What: c.renew})
				return err
			}
			_, err := Compile(s.project, env, Options{})
			return err
		}
		if err := run(env); !errors.Is(err, broken) || !met {
			t.Errorf("%s: not told (met %t): %v", c.name, met, err)
		}
		if now := s.all()["topology.lock.yaml"]; c.unrecorded != (now == before["topology.lock.yaml"]) {
			t.Errorf("%s: recorded %t", c.name, c.unrecorded)
		}
		s.keysAreHere(c.name)
		if at := s.pairs(); at != "" {
			t.Errorf("%s: %s", c.name, at)
		}
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatalf("%s: the next compile: %v", c.name, err)
		}
		s.keysAreHere(c.name)
		for file := range s.all() {
			if strings.Contains(file, "tmp") || s.ring.Sealing() && (strings.HasSuffix(file, ".key") || strings.HasSuffix(file, ".token")) {
				t.Errorf("%s: %s is left", c.name, file)
			}
		}
		if r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() || len(r.Missing) > 0 || r.Sealed != s.ring.Sealing() {
			t.Errorf("%s: something is left to do: %v", c.name, err)
		}
	}
}

// TestWhatLiesInTheStoreIsTold has a compile that changes nothing report foreign files in the key store and files that others can read, and
// nothing about locking a plain store.
func TestWhatLiesInTheStoreIsTold(t *testing.T) {
	s := newTestProject(t)
	l := s.compile(own("")).Lock
	key := lockfile.KeyFile(l.Newest("root").SPKI)
	s.write("keys/license.key", []byte("precious"))
	if err := os.Chmod(filepath.Join(s.project.Keys, key), 0o640); err != nil {
		t.Fatal(err)
	}
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil || !slices.Equal(r.Foreign, []string{"license.key"}) || r.Sealed || len(r.Missing) > 0 {
		t.Errorf("foreign %q, locked %t, missing %q: %v", r.Foreign, r.Sealed, r.Missing, err)
	}
	if runtime.GOOS != "windows" && (len(r.Loose) != 1 || !strings.Contains(r.Loose[0], key+": had mode 0640")) {
		t.Errorf("loose %q", r.Loose)
	}
	if err := os.Remove(filepath.Join(s.project.Keys, lockfile.KeyFile(l.Newest("server").SPKI))); err != nil {
		t.Fatal(err)
	}
	if r, err := Compile(s.project, s.env(), Options{}); err != nil || len(r.Missing) != 1 || r.Sealed {
		t.Errorf("locked %t, missing %q: %v", r.Sealed, r.Missing, err)
	}
}

// TestWhatIsInTheWayIsRefusedBeforeAnythingIsIssued has a user's file in place of a component: if the renewal were refused later, the
// lockfile would already be changed.
func TestWhatIsInTheWayIsRefusedBeforeAnythingIsIssued(t *testing.T) {
	for _, name := range []string{"keys/kustomization.yaml", "keys/remote/kustomization.yaml"} {
		s := newTestProject(t)
		s.compile(own(""))
		s.write(name, []byte("precious"))
		before := s.all()
		for _, what := range []string{"server", "token"} {
			if _, err := Renew(s.project, s.env(), RenewOptions{What: what}); err == nil || !strings.Contains(err.Error(), "not written by relayform") {
				t.Errorf("%s: renewed: %v", name, err)
			}
			s.sameFiles(name, before)
		}
	}
}

// TestLockedCompilesNeedNoCertificateFiles compiles in CI, without the files of an external PKI: the lockfile is enough there, and only
// there.
func TestLockedCompilesNeedNoCertificateFiles(t *testing.T) {
	s := newTestProject(t)
	s.bring(1)
	s.compile(foreignPKI(1, ""))
	if err := os.RemoveAll(filepath.Join(filepath.Dir(s.project.Topology), "pki1")); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{Locked: true}, {Check: true}, {Locked: true, Check: true}} {
		if r, err := s.try(foreignPKI(1, ""), o); err != nil || !r.Changes.None() {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := s.try(foreignPKI(1, ""), Options{}); err == nil || !strings.Contains(err.Error(), "pki.external.ca: no such file") {
		t.Errorf("compiled without them: %v", err)
	}
}
