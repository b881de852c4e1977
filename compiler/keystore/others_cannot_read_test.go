package keystore_test

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// TestOthersOnTheMachineCannotRead loosens the mode of each private file and folder, as a copy or a restored backup does, one bit at a
// time: each is restored, and reported once with its previous mode.
func TestOthersOnTheMachineCannotRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are no modes here")
	}
	plain, sealed := newTestStore(t, false), newTestStore(t, true)
	sealed.must(sealed.Unlock(brings([]folder.File{sealed.component, sealed.forRemote}, sealed.key, sealed.token)))
	for v, names := range map[*testStore][]string{
		plain:  {plain.key, plain.token, ".", "remote"},
		sealed: {"unlocked/" + held(sealed.key), "unlocked/" + held(sealed.token), "unlocked", "unlocked/remote"},
	} {
		for _, name := range names {
			info, err := os.Stat(v.at(name))
			v.must(err)
			tight := info.Mode().Perm()
			if want := fs.FileMode(0o700); info.IsDir() && tight != want {
				t.Errorf("%s: made with mode %04o", name, tight)
			}
			for bit := fs.FileMode(1); bit < 0o100; bit <<= 1 {
				v.must(os.Chmod(v.at(name), tight|bit))
				loose, err := v.Tighten()
				v.must(err)
				if want := fmt.Sprintf("%s: had mode %04o, so that others on this machine could read it; now they cannot", v.at(name), tight|bit); len(loose) != 1 || loose[0] != want {
					t.Errorf("told %q, want %q", loose, want)
				}
				if info, err := os.Stat(v.at(name)); err != nil || info.Mode().Perm() != tight {
					t.Errorf("%s: left with mode %04o: %v", name, info.Mode().Perm(), err)
				}
				if loose, err := v.Tighten(); err != nil || len(loose) > 0 {
					t.Errorf("%s: told again: %q, %v", name, loose, err)
				}
			}
		}
	}
}

// TestModesThatCannotBeChangedAreTold has a disk that changes no modes: users who believe that others can no longer read a key would leave
// it there.
func TestModesThatCannotBeChangedAreTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are no modes here")
	}
	v := newTestStore(t, false)
	v.must(os.Chmod(v.at(v.key), 0o644), os.Chmod(v.at(v.token), 0o644))
	v.Through(refusing("chmod", v.at(v.key)))
	loose, err := v.Tighten()
	v.must(err)
	if len(loose) != 2 || !strings.Contains(loose[0], v.key+": mode 0644, so that others on this machine can read it; it cannot be changed: ") || !strings.Contains(loose[1], "now they cannot") {
		t.Errorf("told %q", loose)
	}
	if info, err := os.Stat(v.at(v.token)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token is left with mode %04o: %v", info.Mode().Perm(), err)
	}
}

// TestModesOfWhatIsNotPrivateStay leaves the modes of public and foreign files unchanged.
func TestModesOfWhatIsNotPrivateStay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are no modes here")
	}
	v := newTestStore(t, true)
	v.put("unlocked/"+v.key, string(v.keyText)) // in a folder that unlock did not create
	v.put("license.key", "precious")
	names := []string{v.key + seal.Suffix, v.token + seal.Suffix, "unlocked/" + v.key, "license.key"}
	for _, name := range names {
		v.must(os.Chmod(v.at(name), 0o644))
	}
	loose, err := v.Tighten()
	if err != nil || slices.ContainsFunc(loose, func(text string) bool { return strings.Contains(text, ".key") }) {
		t.Errorf("told %q, %v", loose, err)
	}
	for _, name := range names {
		if info, err := os.Stat(v.at(name)); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: mode %04o: %v", name, info.Mode().Perm(), err)
		}
	}
}
