package keystore_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

// TestOnlyWhatItsNameSaysIsGivenOut has a key or token file with wrong content, with truncated content, or missing: a cluster would get a
// key that does not match its certificate.
func TestOnlyWhatItsNameSaysIsGivenOut(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		suffix := ""
		written := func(text []byte) string { return string(text) }
		if sealed {
			suffix = seal.Suffix
			written = func(text []byte) string {
				text, err := v.ring.Seal(text)
				v.must(err)
				return string(text)
			}
		}
		another, err := pki.MarshalKey(newKey(t))
		v.must(err)
		spki, digest := strings.TrimSuffix(v.key, ".key"), strings.TrimSuffix(strings.TrimPrefix(v.token, "remote/"), ".token")
		key := func() error { _, err := v.Key(spki); return err }
		token := func() error { _, err := v.Token(digest); return err }
		v.must(key(), token())
		for _, c := range []struct {
			name, text, want string
			read             func() error
		}{
			{v.key, written(another), "holds the private key of another certificate", key},
			{v.key, written(v.keyText[:40]), "no private key in it", key},
			{v.token, written([]byte(zeros)), "not the token that the lockfile names: half copied, or changed", token},
			{v.token, written(v.tokenText[:40]), "not the token that the lockfile names: half copied, or changed", token},
			{v.token, written(nil), "not the token that the lockfile names: half copied, or changed", token},
		} {
			before := v.text(c.name + suffix)
			v.put(c.name+suffix, c.text)
			if err := c.read(); err == nil || errors.Is(err, keystore.ErrNoKey) || !strings.Contains(err.Error(), v.at(c.name+suffix)+": "+c.want) {
				t.Errorf("sealed %t: got %v, want %s", sealed, err, c.want)
			}
			v.must(os.Remove(v.at(c.name + suffix)))
			if err := c.read(); !errors.Is(err, keystore.ErrNoKey) || !strings.Contains(err.Error(), v.at(c.name+suffix)+": ") {
				t.Errorf("sealed %t: %s is missing: %v", sealed, c.name, err)
			}
			v.must(os.Mkdir(v.at(c.name+suffix), 0o700))
			if err := c.read(); err == nil || errors.Is(err, keystore.ErrNoKey) || !strings.Contains(err.Error(), v.at(c.name+suffix)+": ") {
				t.Errorf("sealed %t: %s is a folder: %v", sealed, c.name, err)
			}
			v.must(os.Remove(v.at(c.name + suffix)))
			v.put(c.name+suffix, before)
			v.must(c.read())
		}
		v.must(key(), token())
	}
}

// TestBrokenKeysAreReplacedByGoodOnes stores a key and a token where a copy was truncated: if the truncated file counted as the key, the
// lockfile would name a certificate without a key.
func TestBrokenKeysAreReplacedByGoodOnes(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		key, err := pki.ParseKey(v.keyText)
		v.must(err)
		suffix := ""
		if sealed {
			suffix = seal.Suffix
		}
		for _, torn := range []string{"", "-----BEGIN", "age-encryption.org/v", precious} {
			v.put(v.key+suffix, torn)
			v.put(v.token+suffix, torn)
			v.must(v.PutKey(key), v.PutToken(v.tokenText))
			for name, want := range map[string][]byte{v.key: v.keyText, v.token: v.tokenText} {
				if text, err := v.Private(name); err != nil || string(text) != string(want) {
					t.Errorf("sealed %t: over %q: %v", sealed, torn, err)
				}
			}
		}
		v.must(os.RemoveAll(v.at("remote")))
		v.must(v.PutToken(v.tokenText)) // and creates the folder
		before := v.text(v.key + suffix)
		v.must(v.PutKey(key))
		if v.text(v.key+suffix) != before {
			t.Errorf("sealed %t: a key that is kept already is written again", sealed)
		}
		if identities := v.ring.Identities; sealed { // and even without an identity
			v.ring.Identities = nil
			v.reopen(v.Path())
			token := v.text(v.token + suffix)
			v.must(v.PutKey(key), v.PutToken(v.tokenText))
			if v.text(v.key+suffix) != before || v.text(v.token+suffix) != token {
				t.Error("what is sealed already is sealed again")
			}
			v.ring.Identities = identities
			v.reopen(v.Path())
		}
		v.Through(refusing("rename", ""))
		v.must(os.Remove(v.at(v.key+suffix)), os.Remove(v.at(v.token+suffix)))
		if err := v.PutKey(key); !errors.Is(err, errDisk) {
			t.Errorf("sealed %t: a key could not be kept: %v", sealed, err)
		}
		if err := v.PutToken(v.tokenText); !errors.Is(err, errDisk) {
			t.Errorf("sealed %t: a token could not be kept: %v", sealed, err)
		}
	}
}

// TestSealedStoresKeepNothingInPlain stores a key in an encrypted store, and in one with an invalid recipient, which must not leave the key
// in plain text.
func TestSealedStoresKeepNothingInPlain(t *testing.T) {
	v := newTestStore(t, true)
	v.must(v.PutKey(newKey(t)), v.PutToken([]byte(zeros)))
	v.ring.Recipients = []string{"age1nobody"}
	v.reopen(v.Path())
	if err := v.PutKey(newKey(t)); err == nil || !strings.Contains(err.Error(), "age1nobody: not an age recipient") {
		t.Errorf("sealed to nobody: %v", err)
	}
	for _, name := range v.files() {
		if strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".token") || strings.Contains(v.text(name), "PRIVATE KEY") || strings.Contains(v.text(name), zeros) {
			t.Errorf("%s is in plain", name)
		}
	}
}

// TestPlainKeysNeedNoIdentity reads a key that exists in both forms, as after an interrupted encryption.
func TestPlainKeysNeedNoIdentity(t *testing.T) {
	v := newTestStore(t, true)
	v.put(v.key, string(v.keyText))
	v.ring.Identities = nil
	v.reopen(v.Path())
	if text, err := v.Private(v.key); err != nil || string(text) != string(v.keyText) {
		t.Errorf("a plain key beside a sealed one: %v", err)
	}
	if _, err := v.Private(v.token); !errors.Is(err, seal.ErrNoIdentity) || !strings.Contains(err.Error(), v.at(v.token+seal.Suffix)) {
		t.Errorf("a sealed token: %v", err)
	}
}

// TestWhatOverlaysLackIsTold removes or damages each file that kubectl needs, one at a time: without a message, an incomplete overlay would
// be applied.
func TestWhatOverlaysLackIsTold(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		suffix := ""
		if sealed {
			suffix = seal.Suffix
		}
		certificate := func(role pki.Role, file string) lockfile.Certificate {
			return lockfile.Certificate{Role: role, Generation: 1, Description: pki.Description{SPKI: strings.TrimSuffix(file, ".key")}}
		}
		server, signing := newKey(t), newKey(t)
		v.must(v.PutKey(server), v.PutKey(signing))
		l := &lockfile.File{
			Certificates: []lockfile.Certificate{certificate(pki.Root, zeros), certificate(pki.Signing, keyFile(t, signing)), certificate(pki.Server, keyFile(t, server))},
			Token:        &lockfile.Token{Generation: 1, SHA256: strings.TrimSuffix(strings.TrimPrefix(v.token, "remote/"), ".token")},
		}
		v.ring.Identities = nil // encrypted files are not decrypted for this check
		v.reopen(v.Path())
		v.want("everything is here", v.missing(l))
		for _, name := range []string{keyFile(t, signing), keyFile(t, server), v.token} {
			before := v.text(name + suffix)
			v.must(os.Remove(v.at(name + suffix)))
			v.want("missing", v.missing(l), v.at(name+suffix)+": "+keystore.ErrNoKey.Error())
			v.put(name+suffix, "-----BEGIN")
			if missing := v.missing(l); len(missing) != 1 || !strings.HasPrefix(missing[0], v.at(name+suffix)+": ") {
				t.Errorf("%s is torn: %q", name, missing)
			}
			v.put(name+suffix, before)
		}
		v.want("a lock of nothing", v.missing(&lockfile.File{}))
		if sealed { // it is to be plain, and someone must decrypt it
			v.ring.Recipients = nil
			v.reopen(v.Path())
			if missing := v.missing(l); len(missing) != 3 || !strings.Contains(missing[0], seal.ErrNoIdentity.Error()) {
				t.Errorf("encrypted, in a plain store: %q", missing)
			}
		}
	}
}

// TestMovedRecipientsReachEveryFile re-encrypts a store to a different person: the previous one can decrypt nothing, and if nothing
// changes, no file is written.
func TestMovedRecipientsReachEveryFile(t *testing.T) {
	v := newTestStore(t, true)
	was := v.ring
	other := newRing(t)
	v.put("notes.age", precious)
	v.ring = seal.Ring{Recipients: other.Recipients, Identities: slices.Concat(was.Identities, other.Identities)}
	v.reopen(v.Path())
	v.must(v.Claim(), v.Settle())
	for _, name := range []string{v.key, v.token} {
		text := []byte(v.text(name + seal.Suffix))
		if _, err := was.Open(text); !errors.Is(err, seal.ErrNoIdentity) {
			t.Errorf("%s opens for who left: %v", name, err)
		}
		if _, err := other.Open(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v.text("recipients.txt") != other.Recipients[0]+"\n" || v.text("notes.age") != precious {
		t.Errorf("recipients.txt says %q, notes.age %q", v.text("recipients.txt"), v.text("notes.age"))
	}
	v.Through(func(op, path string, _ func() error) error { t.Errorf("settled, and %s %s", op, path); return nil })
	v.must(v.Settle())
}

// TestSettlingToPlainOverwritesNoFileOfTheUsers has a user's file where a plain key is to be written: it stays, and so does the encrypted
// key.
func TestSettlingToPlainOverwritesNoFileOfTheUsers(t *testing.T) {
	v := newTestStore(t, true)
	v.put(v.key, precious)
	before := v.text(v.key + seal.Suffix)
	v.ring.Recipients = nil
	v.reopen(v.Path())
	if err := v.Settle(); err == nil || !strings.Contains(err.Error(), v.at(v.key)+": not written by relayform") {
		t.Errorf("settled: %v", err)
	}
	if v.text(v.key) != precious || v.text(v.key+seal.Suffix) != before {
		t.Error("a file of the user's or a key is lost")
	}
	v.must(os.Remove(v.at(v.key)), os.RemoveAll(v.at("unlocked")))
	v.put("unlocked/notes", precious) // foreign as a whole
	v.must(v.Settle())
	v.want("plain", v.files(), ".gitignore", v.key, v.token, "unlocked/notes")
}

// TestSettlingLeavesFilesThatAreNoKeys encrypts a store with a file that has a key's name but is not a key: if it were encrypted and
// removed, its owner would lose it.
func TestSettlingLeavesFilesThatAreNoKeys(t *testing.T) {
	v := newTestStore(t, false)
	v.put(zeros+".key", precious)
	v.put("remote/"+zeros+".token", precious)
	v.ring = newRing(t)
	v.reopen(v.Path())
	v.must(v.Claim(), v.Settle())
	v.want("sealed", v.files(), ".gitignore", "recipients.txt", v.key+seal.Suffix, v.token+seal.Suffix, zeros+".key", "remote/"+zeros+".token")
}
