package compiler

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"relayform/compiler/lock"
	"relayform/compiler/seal"
)

// broken is a disk whose n-th change fails, and every one after it as on a disk that stays full.
type broken struct {
	at   int
	err  error
	torn bool // half of what is written arrives
	late bool // the change is made, and then reported as failed

	mutex sync.Mutex // folders are written side by side
	seen  int
	names []string
}

func (b *broken) do(op, path string, change func() error) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.names = append(b.names, op+" "+filepath.Base(path))
	b.seen++
	if b.seen <= b.at {
		return unflushed(op, path, change)
	}
	switch {
	case b.late && b.seen == b.at+1:
		return errors.Join(b.err, change())
	case b.torn && op == "write":
		_ = os.WriteFile(path, []byte("-----BEGIN"), 0o600)
	}
	return b.err
}

// TestFailingDisk lets every single change that a run makes fail, in each of three ways: nothing is
// lost, the error says what and where, and the next run finishes the work. Only make crash takes the
// time for all of them; else it is every eighth, another one in each way.
func TestFailingDisk(t *testing.T) {
	faults := []error{syscall.ENOSPC, syscall.EIO, syscall.EACCES}
	runs := []struct {
		name string
		do   func(*site, Env) (*Result, error)
	}{
		{"first", func(s *site, e Env) (*Result, error) { return Compile(s.project, e, Options{}) }},
		{"renew", func(s *site, e Env) (*Result, error) { return Renew(s.project, e, RenewOptions{What: "signing"}) }},
		{"distribute", func(s *site, e Env) (*Result, error) {
			s.write("topology.yaml", fmt.Appendf(nil, siteTopology, own("distribute")))
			return Compile(s.project, e, Options{})
		}},
		{"encrypt", func(s *site, e Env) (*Result, error) {
			s.seal(t)
			s.write("topology.yaml", append(fmt.Appendf(nil, siteTopology, own("")), "secrets: {local: {encryptTo: ["+s.ring.Recipients[0]+"]}}\n"...))
			return Compile(s.project, e, Options{})
		}},
	}
	failed, stride := 0, 8
	if os.Getenv("RELAYFORM_KILLS") != "" {
		stride = 1
	}
	for _, run := range runs {
		for mode := range 3 {
			for at := mode; ; at += stride {
				s := newSite(t)
				s.write("topology.yaml", fmt.Appendf(nil, siteTopology, own("")))
				if run.name != "first" {
					s.compile(own(""))
				}
				before := s.all()
				disk := &broken{at: at, err: faults[at%len(faults)], torn: mode == 1, late: mode == 2}
				env := s.env()
				env.Disk = disk.do
				_, err := run.do(s, env)
				if err == nil {
					if disk.seen > at {
						t.Errorf("%s: a failed change went unnoticed: %s", run.name, disk.names[at])
					}
					if at < 10 {
						t.Fatalf("%s: only %d changes", run.name, at)
					}
					break
				}
				failed++
				what := fmt.Sprintf("%s, mode %d, change %d (%s)", run.name, mode, at, disk.names[at])
				if text := err.Error(); !strings.Contains(text, disk.err.Error()) || !strings.Contains(text, filepath.Dir(s.project.Topology)) {
					t.Errorf("%s: the error does not say what and where: %v", what, err)
				}
				s.keysAreHere(what)
				now := s.all()
				for name, text := range before {
					if strings.HasSuffix(name, ".key") && now[name] != text && now[name+seal.Suffix] == "" {
						t.Errorf("%s: %s is lost", what, name)
					}
				}
				if _, err := Compile(s.project, s.env(), Options{}); err != nil {
					t.Fatalf("%s: the next compile: %v", what, err)
				}
				s.keysAreHere(what)
				r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
				if err != nil || !r.Changes.None() {
					t.Errorf("%s: something is left to do: %v", what, err)
				}
				for name := range s.all() {
					if strings.Contains(name, "tmp") {
						t.Errorf("%s: %s is left over", what, name)
					}
				}
			}
		}
	}
	t.Logf("%d failures", failed)
}

// seal gives the site the recipient and the identity of the fixture encrypted.
func (s *site) seal(t *testing.T) {
	t.Helper()
	s.ring.Recipients = strings.Fields(string(read(t, "../fixtures/encrypted/keys/recipients.txt")))
	s.ring.Identities = read(t, "../fixtures/encrypted/identity.txt")
}

// keysAreHere finds the key of every certificate in the lockfile.
func (s *site) keysAreHere(what string) {
	s.Helper()
	l, err := s.project.readLock(&Plan{Name: "demo"})
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	store, err := lock.OpenStore(s.project.Keys, "demo")
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	store.Seal(s.ring)
	for _, c := range l.Every() {
		if _, err := store.Key(c.SPKI); err != nil {
			s.Errorf("%s: %s %d: %v", what, c.Role, c.Generation, err)
		}
	}
}

// TestFullDisk compiles on a real file system that is too small, and again when it has been made
// larger.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=20k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", out)
	}
	defer func() { _ = exec.Command("umount", "-l", dir).Run() }()
	s := newSite(t)
	s.project = NewProject(filepath.Join(dir, "topology.yaml"), "", "")
	_, err := s.try(own(""), Options{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("got %v, want no space left on device", err)
	}
	s.keysAreHere("on the full disk")
	if out, err := exec.Command("mount", "-o", "remount,size=10M", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.compile(own(""))
	r, err := s.try(own(""), Options{Locked: true, Check: true})
	if err != nil || !r.Changes.None() {
		t.Errorf("something is left to do: %v", err)
	}
}
