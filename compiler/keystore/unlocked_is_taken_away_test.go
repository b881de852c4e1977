package keystore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/seal"
)

// unlockedVault returns an encrypted store whose key and token are unlocked, and the names of the unlocked files.
func unlockedVault(t *testing.T) (*testStore, []string) {
	v := newTestStore(t, true)
	v.must(v.Unlock(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
	return v, []string{"unlocked/.gitignore", "unlocked/" + held(v.key), "unlocked/" + held(v.token), "unlocked/kustomization.yaml", "unlocked/remote/kustomization.yaml"}
}

func (v *testStore) unlockedFiles() []string {
	return slices.DeleteFunc(v.files(), func(name string) bool { return !strings.HasPrefix(name, "unlocked/") })
}

// TestUnlockedKeysAreWhatOverlaysNeed unlocks, then unlocks less: an earlier plain key must not stay.
func TestUnlockedKeysAreWhatOverlaysNeed(t *testing.T) {
	v, made := unlockedVault(t)
	v.want("unlocked", v.unlockedFiles(), made...)
	for name, want := range map[string][]byte{v.component.Name: v.component.Data, v.forRemote.Name: v.forRemote.Data} {
		if v.text("unlocked/"+name) != string(want) {
			t.Errorf("%s holds something else", name)
		}
	}
	for name, want := range map[string][]byte{v.key: v.keyText, v.token: v.tokenText} {
		if value, ok := delivery.ValueIn([]byte(v.text("unlocked/" + held(name)))); !ok || !bytes.Equal(value, want) {
			t.Errorf("%s brings something else", held(name))
		}
	}
	whole := brings([]folder.File{v.component, v.forRemote}, v.key, v.token)
	if !v.Unlocked(whole) {
		t.Error("what is unlocked does not count as such")
	}
	token := v.text("unlocked/" + held(v.token))
	for _, torn := range []string{"", "# Written by somebody\n" + token, strings.Replace(token, "value: ", "value: AAAA", 1)} {
		v.put("unlocked/"+held(v.token), torn)
		if v.Unlocked(whole) {
			t.Errorf("counts as unlocked:\n%s", torn)
		}
	}
	v.must(os.Remove(v.at("unlocked/" + held(v.token))))
	if v.Unlocked(whole) {
		t.Error("counts as unlocked without the token")
	}
	v.put("unlocked/notes", precious)
	v.put("unlocked/"+zeros+".key", precious)
	v.put("unlocked/.relayform.tmp/tmp-ABCDEFGHIJKLMNOPQRSTUVWXYZ", string(v.keyText)) // an interrupted run
	v.must(v.Unlock(brings([]folder.File{v.component, v.forRemote}, v.token)))
	v.want("with less", v.unlockedFiles(), "unlocked/.gitignore", "unlocked/"+held(v.token), "unlocked/kustomization.yaml", "unlocked/remote/kustomization.yaml", "unlocked/notes", "unlocked/"+zeros+".key")
	v.must(v.Unlock(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
	v.Through(func(op, path string, _ func() error) error { t.Errorf("unlocked again: %s %s", op, path); return nil })
	v.must(v.Unlock(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
}

// TestUnlockingWithoutAKeyLeavesNothingInPlain asks for a key that is missing.
func TestUnlockingWithoutAKeyLeavesNothingInPlain(t *testing.T) {
	v := newTestStore(t, true)
	if err := v.Unlock(brings(nil, v.key, lockfile.KeyFile(zeros))); !errors.Is(err, keystore.ErrNoKey) {
		t.Errorf("unlocked: %v", err)
	}
	v.want("unlocked", v.unlockedFiles())
}

// TestLockingTakesAwayWhatUnlockMade locks again: no plain key stays, but users' files do, and are listed.
func TestLockingTakesAwayWhatUnlockMade(t *testing.T) {
	v, _ := unlockedVault(t)
	left, err := v.RemoveUnlocked()
	v.must(err)
	v.want("left", left)
	if _, err := os.Lstat(v.at("unlocked")); err == nil {
		t.Error("the folder is there still")
	}
	left, err = v.RemoveUnlocked()
	v.must(err)
	v.want("left, locked already", left)

	v, _ = unlockedVault(t)
	theirs := []string{"own/", "remote/notes", zeros + ".key", "remote/" + v.key, "kustomization.yaml", ".gitignore"}
	v.put("unlocked/own/notes", precious)
	for _, name := range theirs[1:] {
		v.put("unlocked/"+name, precious)
	}
	v.put("unlocked/remote/"+v.key, string(v.keyText))
	left, err = v.RemoveUnlocked()
	v.must(err)
	v.want("left", left, theirs...)
	v.want("kept", v.unlockedFiles(), "unlocked/own/notes", "unlocked/remote/notes", "unlocked/"+zeros+".key", "unlocked/remote/"+v.key, "unlocked/kustomization.yaml", "unlocked/.gitignore")
	v.must(os.Remove(v.at("unlocked/kustomization.yaml")))
	if err := v.Unlock(brings([]folder.File{v.component}, v.key)); err != nil { // the folder is recognized
		t.Error(err)
	}
}

// TestLockingFinishesWhatWasCutShort locks after an Unlock that was interrupted before its marker, and after one that left a plain key in a
// temporary file.
func TestLockingFinishesWhatWasCutShort(t *testing.T) {
	v := newTestStore(t, true)
	v.put("unlocked/.relayform.tmp/tmp-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "# Written by")
	left, err := v.RemoveUnlocked()
	v.must(err)
	v.want("left", left)
	v.want("unlocked", v.unlockedFiles())

	v, _ = unlockedVault(t)
	v.put("unlocked/.relayform.tmp/tmp-ABCDEFGHIJKLMNOPQRSTUVWXYZ", string(v.keyText))
	left, err = v.RemoveUnlocked()
	v.must(err)
	v.want("left", left)
	v.want("unlocked", v.unlockedFiles())
	if _, err := os.Lstat(v.at("unlocked")); err == nil {
		t.Error("the folder is there still")
	}
}

// TestPlainKeysThatCannotBeTakenAwayAreTold breaks each disk change: without an error, users would not know about a plain key on the disk.
func TestPlainKeysThatCannotBeTakenAwayAreTold(t *testing.T) {
	for name, do := range map[string]func(v *testStore) error{
		"lock":   func(v *testStore) error { _, err := v.RemoveUnlocked(); return err },
		"unlock": func(v *testStore) error { return v.Unlock(brings([]folder.File{v.component}, v.token)) },
		"plain": func(v *testStore) error {
			v.must(os.Remove(v.at("recipients.txt")), os.Remove(v.at(v.key+".age")), os.Remove(v.at(v.token+".age")))
			return v.Settle()
		},
	} {
		for at := 0; ; at++ {
			v, _ := unlockedVault(t)
			if name == "plain" {
				v.ring.Recipients = nil
				v.reopen(v.Path())
			}
			n := 0
			v.Through(func(op, path string, change func() error) error {
				if n++; n == at+1 {
					return errDisk
				}
				return unhurried(op, path, change)
			})
			err := do(v)
			if n <= at {
				v.must(err)
				break
			}
			if !errors.Is(err, errDisk) {
				t.Errorf("%s: change %d failed: %v", name, at, err)
			}
		}
	}
	v, _ := unlockedVault(t)
	v.must(os.RemoveAll(v.at("unlocked/remote")))
	v.put("unlocked/remote", precious)
	if _, err := v.RemoveUnlocked(); err == nil || !strings.Contains(err.Error(), v.at("unlocked/remote")) {
		t.Errorf("tokens cannot be read: %v", err)
	}
	if err := v.Unlock(brings(nil, v.key)); err == nil || !strings.Contains(err.Error(), v.at("unlocked/remote")) {
		t.Errorf("tokens cannot be read: %v", err)
	}
}

// TestUnlockedFoldersOfTheUsersStay locks and unlocks with a foreign folder of that name.
func TestUnlockedFoldersOfTheUsersStay(t *testing.T) {
	v := newTestStore(t, true)
	v.put("unlocked/"+v.key, string(v.keyText))
	if _, err := v.RemoveUnlocked(); err == nil || !strings.Contains(err.Error(), "holds "+v.key+" but no .relayform") {
		t.Errorf("locked: %v", err)
	}
	if err := v.Unlock(brings(nil, v.token)); err == nil || !strings.Contains(err.Error(), "holds "+v.key+" but no .relayform") {
		t.Errorf("unlocked: %v", err)
	}
	if v.Unlocked(brings(nil)) {
		t.Error("it counts as unlocked")
	}
	v.want("kept", v.unlockedFiles(), "unlocked/"+v.key)

	other := newTestStore(t, false) // nor is a separate store
	v.must(os.RemoveAll(v.at("unlocked")), os.CopyFS(v.at("unlocked"), os.DirFS(other.Path())))
	if _, err := v.RemoveUnlocked(); err == nil || !strings.Contains(err.Error(), "folder: keys") {
		t.Errorf("locked: %v", err)
	}
}

// TestStoresOfOthersAreNotOpened opens folders that relayform did not create, or created for a different topology: keys would be written
// among someone else's files.
func TestStoresOfOthersAreNotOpened(t *testing.T) {
	v, _ := unlockedVault(t)
	for _, dir := range []string{v.Path(), v.at("unlocked")} {
		if text, err := os.ReadFile(filepath.Join(dir, folder.Marker)); err != nil || !strings.Contains(string(text), "\ntopology: demo\n") {
			t.Errorf("%s is marked %q: %v", dir, text, err)
		}
	}
	if _, err := keystore.OpenStore(v.Path(), "other", seal.Ring{}, nil); err == nil || !strings.Contains(err.Error(), "belongs to another topology (topology: demo)") {
		t.Errorf("another topology's: %v", err)
	}
	dir := t.TempDir()
	v.must(os.WriteFile(filepath.Join(dir, "notes"), []byte(precious), 0o600))
	if _, err := keystore.OpenStore(dir, "demo", seal.Ring{}, nil); err == nil || !strings.Contains(err.Error(), "holds notes but no .relayform") {
		t.Errorf("somebody else's: %v", err)
	}
}
