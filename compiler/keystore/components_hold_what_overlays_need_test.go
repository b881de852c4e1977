package keystore_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/seal"
)

// TestPlainComponentsHoldTheirValues adds components to a plain store, for a key and a token and then for the token only: the values that
// kubectl applies are next to the kustomization, readable by the owner only, and the earlier key is removed.
func TestPlainComponentsHoldTheirValues(t *testing.T) {
	v := newTestStore(t, false)
	v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
	for name, want := range map[string]string{v.key: string(v.keyText), v.token: string(v.tokenText)} {
		if value, ok := delivery.ValueIn([]byte(v.text(held(name)))); !ok || string(value) != want {
			t.Errorf("%s brings something else", held(name))
		}
		if info, err := os.Stat(v.at(held(name))); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", held(name), info.Mode(), err)
		}
	}
	v.put(zeros+delivery.PrivateSuffix, precious)
	v.must(v.PutComponents(brings([]folder.File{v.forRemote}, v.token)))
	files := v.files()
	for name, want := range map[string]bool{held(v.key): false, held(v.token): true, v.key: true, v.token: true, zeros + delivery.PrivateSuffix: true} {
		if slices.Contains(files, name) != want {
			t.Errorf("%s: there is %v, want %v", name, !want, want)
		}
	}
	if _, others, err := v.Orphans(&lockfile.File{}); err != nil || !slices.Contains(others, zeros+delivery.PrivateSuffix) {
		t.Errorf("a file of the user's is not told: %v, %v", others, err)
	}
}

// TestSealingTakesWhatComponentsHold encrypts a store whose components contain a plain key and token: both are removed.
func TestSealingTakesWhatComponentsHold(t *testing.T) {
	v := newTestStore(t, false)
	v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
	v.ring = newRing(t)
	v.reopen(v.Path())
	v.must(v.Settle())
	for _, name := range v.files() {
		if strings.HasSuffix(name, delivery.PrivateSuffix) || strings.HasSuffix(name, delivery.PrivateSuffix+seal.Suffix) {
			t.Errorf("%s is left in a sealed store", name)
		}
	}
}

// TestComponentsOfAMissingKeyAreNotPut leaves the components unchanged if a key is missing: a component without its key would be useless.
func TestComponentsOfAMissingKeyAreNotPut(t *testing.T) {
	v := newTestStore(t, false)
	v.must(os.Remove(v.at(v.key)))
	if err := v.PutComponents(brings([]folder.File{v.component}, v.key)); err == nil || v.text(v.component.Name) != "" {
		t.Errorf("a component without its key: %v", err)
	}
}

// TestWhatWasUnlockedGoesWithItsOverlays switches to overlays that need no keys while the key store is unlocked: plain keys are removed and
// other files stay; while overlays need the keys, they stay.
func TestWhatWasUnlockedGoesWithItsOverlays(t *testing.T) {
	v := newTestStore(t, true)
	whole := brings([]folder.File{v.component, v.forRemote}, v.key, v.token)
	v.must(v.Unlock(whole), v.PutComponents(whole))
	if !v.Unlocked(whole) {
		t.Error("what overlays need was taken away")
	}
	v.must(v.PutComponents(delivery.Parts{}))
	for _, name := range v.files() {
		if strings.HasPrefix(name, "unlocked/") {
			t.Errorf("%s is left", name)
		}
	}
	v.must(v.Unlock(whole))
	v.put("unlocked/notes", precious)
	v.must(v.PutComponents(delivery.Parts{}))
	for _, name := range v.files() {
		if strings.HasPrefix(name, "unlocked/") && name != "unlocked/notes" {
			t.Errorf("%s is left beside what is not relayform's", name)
		}
	}
	if v.text("unlocked/notes") != precious {
		t.Error("what is not relayform's is gone")
	}
}
