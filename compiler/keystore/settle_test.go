package keystore

import (
	"bytes"
	"crypto"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

func ringOf(t *testing.T) seal.Ring {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return seal.Ring{Recipients: []string{identity.Recipient().String()}, Identities: []byte(identity.String() + "\n")}
}

// theirs are users' own files in a store, under names that relayform uses, or almost.
var theirs = []string{"license.key", "notes.age", "remote/license.token", "remote/notes", folder.Staging + "/notes",
	strings.Repeat("0", 64) + ".pem", strings.Repeat("0", 63) + ".key", strings.Repeat("G", 64) + ".key", "unlocked/notes", "unlocked/license.key",
	"unlocked/remote/notes", "remote/" + strings.Repeat("0", 64) + ".key", strings.Repeat("0", 64) + ".token"}

// misnamed has the name of a key, but is not one.
var misnamed = strings.Repeat("0", 64) + ".key"

// TestSettlingLosesNothing converts a store from plain to encrypted, to other recipients, and back to plain. Each change fails in turn, as
// on a full disk; the next run completes, with every key and token in the right form, and each of the user's files unchanged.
func TestSettlingLosesNothing(t *testing.T) {
	one, other := ringOf(t), ringOf(t)
	both := seal.Ring{Recipients: other.Recipients, Identities: append(bytes.Clone(one.Identities), other.Identities...)}
	opened := seal.Ring{Identities: one.Identities}
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	token := []byte("a token of a test")
	digest := lockfile.TokenDigest(token)
	for name, way := range map[string]struct{ from, to seal.Ring }{
		"seal": {seal.Ring{}, one}, "move": {one, both}, "open": {one, opened}, "stay sealed": {one, one}, "stay plain": {seal.Ring{}, opened},
	} {
		for at := 0; ; at++ {
			s := storeWith(t, way.from, key, token)
			n := 0
			s.Seal(way.to)
			s.Through(func(_, _ string, change func() error) error {
				if n++; n > at {
					return errors.New("full")
				}
				return change()
			})
			failed := s.Settle()
			if n <= at && failed != nil {
				t.Fatalf("%s: %v", name, failed)
			}
			s.Through(nil)
			if err := errors.Join(s.Claim(), s.Settle(), s.Sweep()); err != nil {
				t.Fatalf("%s, change %d: the next run: %v", name, at, err)
			}
			settled(t, name, s, key, digest)
			if failed == nil {
				break
			}
		}
	}
}

// storeWith returns a store with a key, a token, Unlock's files, and users' files.
func storeWith(t *testing.T, ring seal.Ring, key crypto.Signer, token []byte) *Store {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "keys"), "demo", ring, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(s.Prepare(), s.Claim(), s.Settle(), s.PutKey(key), s.PutToken(token))
	if ring.Sealing() {
		err = errors.Join(err, s.Unlock(delivery.Parts{Files: []delivery.PrivateFile{{Value: lockfile.TokenFile(lockfile.TokenDigest(token)), Secret: "relay", Key: "token", Whole: true}}}))
	}
	for _, name := range append(slices.Clone(theirs), misnamed) {
		at := filepath.Join(s.Path(), filepath.FromSlash(name))
		err = errors.Join(err, os.MkdirAll(filepath.Dir(at), 0o700), os.WriteFile(at, []byte("precious"), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func settled(t *testing.T, name string, s *Store, key crypto.Signer, token string) {
	t.Helper()
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Key(spki); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if _, err := s.Token(token); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	sealing := s.ring.Sealing()
	for _, plain := range []string{lockfile.KeyFile(spki), lockfile.TokenFile(token)} {
		wanted, other := plain, plain+seal.Suffix
		if sealing {
			wanted, other = other, wanted
		}
		if _, err := s.folder.Read(wanted); err != nil {
			t.Errorf("%s: %s: %v", name, wanted, err)
		}
		if _, err := s.folder.Read(other); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %s is left: %v", name, other, err)
		}
	}
	if _, err := s.folder.Read(recipientsFile); sealing != (err == nil) {
		t.Errorf("%s: %s: %v", name, recipientsFile, err)
	}
	if unlocked, err := s.unlocked(); err == nil && !sealing {
		if left, err := unlockedFiles(unlocked); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left of what was unlocked: %v", name, left, err)
		}
	}
	if s.Exposed() || !s.folder.Same(ignoreFile, s.ignored()) {
		t.Errorf("%s: git is told something else", name)
	}
	if text, err := s.folder.Read(misnamed); err != nil || string(text) != "precious" {
		t.Errorf("%s: %s is lost: %v", name, misnamed, err)
	}
	foreign := strings.Join(s.Foreign(), " ") + " "
	for _, mine := range theirs {
		if text, err := s.folder.Read(mine); err != nil || string(text) != "precious" {
			t.Errorf("%s: %s is lost: %v", name, mine, err)
		}
		if !strings.Contains(foreign, mine+" ") && !strings.Contains(foreign, path.Dir(mine)+"/ ") {
			t.Errorf("%s: %s is not named among %s", name, mine, foreign)
		}
	}
}
