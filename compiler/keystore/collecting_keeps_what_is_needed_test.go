package keystore_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// TestCollectingTakesOnlyWhatNothingNeeds fills stores with files that the lockfile needs, files that it does not need, and users' files.
// Without a key that is set aside, a phase cannot be rolled back; without one in use, nothing can be renewed.
func TestCollectingTakesOnlyWhatNothingNeeds(t *testing.T) {
	for name, l := range locktest.Good(t) {
		for _, sealed := range []bool{false, true} {
			v := newTestStore(t, sealed)
			suffix, sealedText := "", "age-encryption.org/v1\n-> and so on"
			if sealed {
				suffix = seal.Suffix
			}
			needed := []string{lockfile.TokenFile(l.Token.SHA256)}
			for _, c := range slices.Concat(l.Certificates, asideOf(l)) {
				needed = append(needed, lockfile.KeyFile(c.SPKI))
			}
			for _, n := range needed {
				v.put(n, "is not looked into")
				v.put(n+seal.Suffix, "nor is this")
			}
			key := newKey(t)
			text, err := pki.MarshalKey(key)
			v.must(err)
			orphans := []string{v.key + suffix, v.token + suffix, zeros + ".key" + seal.Suffix, "remote/" + zeros + ".token" + seal.Suffix, keyFile(t, key)}
			v.put(orphans[2], sealedText)
			v.put(orphans[3], sealedText)
			v.put(orphans[4], string(text))
			others := []string{zeros + ".key", "remote/" + zeros + ".token", strings.Repeat("1", 64) + ".key" + seal.Suffix, keyFile(t, newKey(t))}
			for _, n := range others[:3] {
				v.put(n, "precious")
			}
			v.put(others[3], string(text)) // a key that does not match its name
			theirs := []string{            // in the wrong place, or with almost valid names
				v.token[len("remote/"):], "remote/" + v.key, "cafe.key" + seal.Suffix, "remote/cafe.token" + seal.Suffix, "license.key",
			}
			for i, text := range []string{string(v.tokenText), string(v.keyText), sealedText, sealedText, "precious"} {
				v.put(theirs[i], text)
			}
			v.link(strings.Repeat("2", 64)+".key"+seal.Suffix, sealedText)
			before := v.files()

			have, left, err := v.Orphans(l)
			v.must(err)
			v.want(name+": to be removed", have, orphans...)
			v.want(name+": not what their names say", left, others...)
			v.want(name+": only listed", v.files(), before...)
			v.must(v.RemoveOrphans(have))
			v.want(name+": kept", v.files(), slices.DeleteFunc(before, func(n string) bool { return slices.Contains(orphans, n) })...)
		}
	}
}

func asideOf(l *lockfile.File) []lockfile.Certificate {
	if l.Rotation == nil {
		return nil
	}
	return l.Rotation.Aside
}

// TestCollectingTellsWhatItCannotDo breaks the disk, and the folder of tokens: without an error, users would believe that a key was
// removed.
func TestCollectingTellsWhatItCannotDo(t *testing.T) {
	v := newTestStore(t, false)
	l := locktest.Good(t)["plain"]
	orphans, _, err := v.Orphans(l)
	v.must(err)
	v.Through(refusing("remove", ""))
	if err := v.RemoveOrphans(orphans); !errors.Is(err, errDisk) || !strings.Contains(err.Error(), v.Path()) {
		t.Errorf("not removed: %v", err)
	}
	v.must(os.RemoveAll(v.at("remote")))
	v.put("remote", "a file")
	for what, do := range map[string]func() error{
		"orphans": func() error { _, _, err := v.Orphans(l); return err },
		"settle":  v.Settle,
		"tighten": func() error { _, err := v.Tighten(); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), v.at("remote")+": ") {
			t.Errorf("%s: tokens cannot be read: %v", what, err)
		}
	}
	v.must(os.Remove(v.at("remote")))
	if _, _, err := v.Orphans(l); err != nil {
		t.Errorf("a store without tokens: %v", err)
	}
}

// TestWhatIsHereIsTold asks for a key that is plain, encrypted, or missing.
func TestWhatIsHereIsTold(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		want := keystore.Here
		if sealed {
			want = keystore.Encrypted
		}
		for name, want := range map[string]string{v.key: want, v.token: want, lockfile.KeyFile(zeros): keystore.NotHere} {
			if have := v.Has(name); have != want {
				t.Errorf("%s: %s, want %s", name, have, want)
			}
		}
	}
}

// TestPlainKeysAndTokensAreToldFromOtherFiles checks which files git must not track, whatever their names.
func TestPlainKeysAndTokensAreToldFromOtherFiles(t *testing.T) {
	for name, want := range map[string]bool{
		"keys/" + zeros + ".key": true, "keys/remote/" + zeros + ".token": true, "own.key": true, "own.token": true,
		"keys/" + zeros + ".key.age": false, "keys/.gitignore": false, "keys/.relayform": false, "keys/recipients.txt": false, "own.pem": false,
	} {
		if keystore.IsPrivate(name) != want {
			t.Errorf("%s: private %t", name, !want)
		}
	}
}
