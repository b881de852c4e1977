package keystore_test

import (
	"crypto"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

// testStore is a key store in its own folder, with a key and a token.
type testStore struct {
	testing.TB
	*keystore.Store
	ring                 seal.Ring
	key, token           string // file names, in plain form
	keyText, tokenText   []byte
	component, forRemote folder.File
}

// newTestStore returns a plain store, or one encrypted to a person who can decrypt it.
func newTestStore(t testing.TB, sealed bool) *testStore {
	t.Helper()
	v := &testStore{TB: t}
	if sealed {
		v.ring = newRing(t)
	}
	v.reopen(filepath.Join(t.TempDir(), "keys"))
	key := newKey(t)
	text, err := pki.MarshalKey(key)
	if err != nil {
		t.Fatal(err)
	}
	token := []byte(strings.ToLower(rand.Text() + rand.Text()))
	digest := lockfile.TokenDigest(token)
	v.key, v.keyText, v.token, v.tokenText = keyFile(t, key), text, lockfile.TokenFile(digest), token
	v.must(v.Prepare(), v.PutKey(key), v.PutToken(token), v.Settle())
	head := "# " + delivery.ComponentComment + "\n"
	v.component = folder.File{Name: "kustomization.yaml", Data: []byte(head + "components: [remote]\n")}
	v.forRemote = folder.File{Name: "remote/kustomization.yaml", Data: []byte(head + "kind: Component\n")}
	return v
}

// brings returns components with the values of private files.
func brings(components []folder.File, values ...string) delivery.Parts {
	parts := delivery.Parts{Components: components}
	for _, value := range values {
		parts.Files = append(parts.Files, delivery.PrivateFile{
			Value: value, Namespace: "mesh", Secret: "relay", Key: "value", Whole: strings.HasPrefix(value, lockfile.TokenFolder),
		})
	}
	return parts
}

// held returns the component's file with a value.
func held(value string) string { return brings(nil, value).Files[0].Name() }

// reopen opens the store like the next run.
func (v *testStore) reopen(dir string) {
	v.Helper()
	s, err := keystore.OpenStore(dir, "demo", v.ring, unhurried)
	v.must(err)
	v.Store = s
}

// unhurried is a disk without fsync: no test loses power.
func unhurried(op, _ string, change func() error) error {
	if op == "sync" {
		return nil
	}
	return change()
}

// refusing is a disk that fails one kind of change at a path.
func refusing(op, path string) folder.Disk {
	return func(o, p string, change func() error) error {
		if o == op && (path == "" || filepath.ToSlash(p) == filepath.ToSlash(path)) {
			return errDisk
		}
		return unhurried(o, p, change)
	}
}

var errDisk = errors.New("the disk is broken")

func newRing(t testing.TB) seal.Ring {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return seal.Ring{Recipients: []string{identity.Recipient().String()}, Identities: []byte(identity.String() + "\n")}
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func keyFile(t testing.TB, key crypto.Signer) string {
	t.Helper()
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return lockfile.KeyFile(spki)
}

func (v *testStore) must(errs ...error) {
	v.Helper()
	if err := errors.Join(errs...); err != nil {
		v.Fatal(err)
	}
}

func (v *testStore) at(name string) string { return filepath.Join(v.Path(), filepath.FromSlash(name)) }

// put writes a file as a user would, or by accident.
func (v *testStore) put(name, text string) {
	v.Helper()
	v.must(os.MkdirAll(filepath.Dir(v.at(name)), 0o700), os.WriteFile(v.at(name), []byte(text), 0o600))
}

// link creates a symbolic link to a file outside the store.
func (v *testStore) link(name, text string) {
	v.Helper()
	target := filepath.Join(v.TempDir(), "theirs")
	v.must(os.MkdirAll(filepath.Dir(v.at(name)), 0o700), os.WriteFile(target, []byte(text), 0o600))
	_ = os.Remove(v.at(name))
	if err := os.Symlink(target, v.at(name)); err != nil {
		v.Skip(err)
	}
}

func (v *testStore) text(name string) string {
	v.Helper()
	text, err := os.ReadFile(v.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	v.must(err)
	return string(text)
}

// files returns the names of all files, links and empty folders below, without markers.
func (v *testStore) files() []string {
	v.Helper()
	var names []string
	v.must(filepath.WalkDir(v.Path(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(v.Path(), path)
		if !d.IsDir() && d.Name() != folder.Marker {
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	slices.Sort(names)
	return names
}

// missing returns what the lockfile lacks, as text.
func (v *testStore) missing(l *lockfile.File) []string {
	var missing []string
	for _, err := range v.Missing(l, func(pki.Role) bool { return true }) {
		missing = append(missing, err.Error())
	}
	return missing
}

// want compares a list of names with the wanted ones, in any order.
func (v *testStore) want(what string, have []string, want ...string) {
	v.Helper()
	have = slices.Sorted(slices.Values(have))
	slices.Sort(want)
	if !slices.Equal(have, want) {
		v.Errorf("%s:\n  %s\nwant\n  %s", what, strings.Join(have, "\n  "), strings.Join(want, "\n  "))
	}
}
