package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

// person has an age identity.
type person struct{ recipient, identity string }

func newPerson(t *testing.T) person {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return person{i.Recipient().String(), i.String()}
}

// ring encrypts to some people, and decrypts with the identities of all given.
func ring(to []person, all ...person) seal.Ring {
	var r seal.Ring
	for _, p := range to {
		r.Recipients = append(r.Recipients, p.recipient)
	}
	for _, p := range all {
		r.Identities = append(r.Identities, p.identity+"\n"...)
	}
	return r
}

// flaky is a disk whose n-th change fails, once.
type flaky struct {
	at         int
	torn, late bool // the write is truncated; the change is made, but reported as failed
	seen       int
	failed     string
}

func (f *flaky) do(op, path string, change func() error) error {
	f.seen++
	if f.seen != f.at {
		return unflushed(op, path, change)
	}
	f.failed = op + " " + path
	switch {
	case f.late:
		return errors.Join(syscall.EIO, change())
	case f.torn && op == "write":
		_ = os.WriteFile(path, []byte("-----BEGIN"), 0o600)
	}
	return syscall.EIO
}

// unflushed is a disk without fsync: no test loses power.
func unflushed(op, _ string, change func() error) error {
	if op == "sync" {
		return nil
	}
	return change()
}

// sealedStore creates a store with a key and a token, in the form the ring requires. Contents are those of its private files, by name.
func sealedStore(t *testing.T, dir string, r seal.Ring) (contents map[string][]byte) {
	t.Helper()
	s := storeAt(t, dir, r, unflushed)
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	contents = map[string][]byte{}
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutKey(key); err != nil {
		t.Fatal(err)
	}
	contents[lockfile.KeyFile(spki)] = nil
	token := []byte(strings.Repeat("5eed", 16))
	if err := s.PutToken(token); err != nil {
		t.Fatal(err)
	}
	contents[lockfile.TokenFile(lockfile.TokenDigest(token))] = nil
	if err := s.Settle(); err != nil {
		t.Fatal(err)
	}
	for name := range contents {
		if contents[name], err = s.Private(name); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}

func storeAt(t *testing.T, dir string, r seal.Ring, disk folder.Disk) *Store {
	t.Helper()
	s, err := OpenStore(dir, "demo", r, disk)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// passages lists every conversion between two forms of a store. Two of the people stay or join, and one leaves.
func passages(t *testing.T) map[string]struct{ from, to, other seal.Ring } {
	a, b, c := newPerson(t), newPerson(t), newPerson(t)
	to := func(who ...person) seal.Ring { return ring(who, a, b, c) }
	return map[string]struct{ from, to, other seal.Ring }{
		"plain to encrypted":  {to(), to(a), to(b)},
		"encrypted to plain":  {to(a), to(), to(b)},
		"a recipient leaves":  {to(a, b), to(a), to(c)},
		"a recipient comes":   {to(a), to(a, b), to(c)},
		"recipients exchange": {to(a), to(b), to()},
		"nothing changes":     {to(a), to(a), to(b)},
		"plain stays plain":   {to(), to(), to(a)},
	}
}

// TestSettlingSurvivesADiskThatFailsOnce fails each change once, in each of three ways, in every conversion: the error is returned, nothing
// private is lost, and the next run reaches the form that is wanted then: the same, the previous one, or a third.
func TestSettlingSurvivesADiskThatFailsOnce(t *testing.T) {
	for name, p := range passages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := filepath.Join(t.TempDir(), "keys")
			contents := sealedStore(t, from, p.from)
			for at := 1; ; at++ {
				failed := false
				for mode := range 3 {
					for next, ring := range []seal.Ring{p.to, p.from, p.other} {
						if mode > 0 && next > 0 { // one failure mode is enough for the changes of mind
							continue
						}
						dir := filepath.Join(t.TempDir(), "keys")
						if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
							t.Fatal(err)
						}
						disk := &flaky{at: at, torn: mode == 1, late: mode == 2}
						s := storeAt(t, dir, p.to, disk.do)
						err := s.Prepare() // as when something is issued
						if err == nil {
							err = s.Settle()
						}
						if disk.failed == "" {
							continue
						}
						failed = true
						what := fmt.Sprintf("change %d (%s), mode %d, next %d", at, disk.failed, mode, next)
						if !errors.Is(err, syscall.EIO) {
							t.Errorf("%s: the error is lost: %v", what, err)
						}
						everythingOpens(t, what, dir, p.to, contents)
						s = storeAt(t, dir, ring, unflushed)
						if err := errors.Join(s.Settle(), s.Sweep()); err != nil {
							t.Fatalf("%s: the next run: %v", what, err)
						}
						everythingOpens(t, what, dir, ring, contents)
						settledAs(t, what, dir, ring, contents)
					}
				}
				if !failed {
					return
				}
			}
		})
	}
}

func everythingOpens(t *testing.T, what, dir string, r seal.Ring, contents map[string][]byte) {
	t.Helper()
	s := storeAt(t, dir, r, unflushed)
	for name, want := range contents {
		if text, err := s.Private(name); err != nil || !bytes.Equal(text, want) {
			t.Fatalf("%s: %s is lost: %v", what, name, err)
		}
	}
}

// settledAs checks that the store has the ring's form and nothing else: who can decrypt each file, and what .gitignore says.
func settledAs(t *testing.T, what, dir string, r seal.Ring, contents map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch plain, sealed := strings.CutSuffix(filepath.ToSlash(name), seal.Suffix); {
		case name == folder.Marker || name == ignoreFile || name == recipientsFile && r.Sealing():
		case contents[plain] == nil || sealed != r.Sealing():
			t.Errorf("%s: %s is left", what, name)
		case sealed:
			opensForRecipientsAlone(t, what, path, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := storeAt(t, dir, r, unflushed)
	if !s.folder.Same(ignoreFile, s.ignored()) {
		t.Errorf("%s: git is told otherwise", what)
	}
	before := bytesBelow(t, dir)
	if err := s.Settle(); err != nil {
		t.Fatal(err)
	}
	for name, text := range bytesBelow(t, dir) {
		if before[name] != text {
			t.Errorf("%s: settled, and %s changes again", what, name)
		}
	}
}

func opensForRecipientsAlone(t *testing.T, what, path string, r seal.Ring) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, identity := range strings.Fields(string(r.Identities)) {
		who, err := age.ParseX25519Identity(identity)
		if err != nil {
			t.Fatal(err)
		}
		is := strings.Contains(strings.Join(r.Recipients, " "), who.Recipient().String())
		if _, err := (seal.Ring{Identities: []byte(identity)}).Open(text); (err == nil) != is {
			t.Errorf("%s: %s opens for %s: %t, want %t", what, filepath.Base(path), who.Recipient(), err == nil, is)
		}
	}
}

func bytesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSettlingWithoutAnIdentityChangesNothing checks that a missing identity is an error before anything changes.
func TestSettlingWithoutAnIdentityChangesNothing(t *testing.T) {
	for name, p := range passages(t) {
		dir := filepath.Join(t.TempDir(), "keys")
		sealedStore(t, dir, p.from)
		before := bytesBelow(t, dir)
		p.to.Identities = nil
		err := storeAt(t, dir, p.to, unflushed).Settle()
		if needs := p.from.Sealing() && name != "nothing changes"; needs != errors.Is(err, seal.ErrNoIdentity) {
			t.Errorf("%s: %v", name, err)
		}
		for path, text := range bytesBelow(t, dir) {
			if err != nil && before[path] != text {
				t.Errorf("%s: refused, and %s changed", name, filepath.Base(path))
			}
		}
	}
}
