package keystore_test

import (
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// TestUnlockingBesideAPlainKeyIsRefused has a plain key where only encrypted ones belong, as before the compile that encrypts it: unlock
// reports it, since overlays do not look there.
func TestUnlockingBesideAPlainKeyIsRefused(t *testing.T) {
	for _, plain := range []bool{true, false} {
		v := newTestStore(t, true)
		if plain {
			v.put(v.token, string(v.tokenText))
		}
		err := v.Unlock(brings([]folder.File{v.component, v.forRemote}, v.key, v.token))
		if refused := err != nil && strings.HasPrefix(err.Error(), v.at(v.token)+": not encrypted yet"); refused != plain {
			t.Errorf("a plain token is there: %v; unlocked: %v", plain, err)
		}
		if made := v.unlockedFiles(); (len(made) > 0) == plain {
			t.Errorf("a plain token is there: %v; unlocked %v", plain, made)
		}
	}
}
