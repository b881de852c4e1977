package keystore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/seal"
)

// TestGitTakesNothingPrivate asks git what it would add from a store, plain and encrypted, with other files beside it, and with only the
// store's own .gitignore.
func TestGitTakesNothingPrivate(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git here")
	}
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		var taken []string
		if sealed {
			v.must(v.Unlock(brings([]folder.File{v.component}, v.key)))
			v.must(os.Remove(v.at("unlocked/.gitignore"))) // the store's .gitignore excludes it, too
			taken = []string{"keys/.gitignore", "keys/.relayform", "keys/recipients.txt", "keys/" + v.key + seal.Suffix, "keys/" + v.token + seal.Suffix}
		} else {
			v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote})))
		}
		for _, name := range []string{zeros + ".key", "remote/" + zeros + ".token", "own/server.key", "notes", ".relayform.tmp/" + zeros, "unlocked/server.key", "unlocked/x.age"} {
			v.put(name, precious)
		}
		run := func(args ...string) string {
			c := exec.Command(git, args...)
			c.Dir = filepath.Dir(v.Path())
			c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CEILING_DIRECTORIES="+filepath.Dir(c.Dir))
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("git %s: %v\n%s", args, err, out)
			}
			return string(out)
		}
		run("init", "-q")
		run("add", "-A")
		v.want("git takes", strings.Fields(run("ls-files")), taken...)
	}
	v := newTestStore(t, true) // unlocked/ excludes itself if the store's .gitignore is missing
	v.must(v.Unlock(brings(nil, v.key)))
	if text := v.text("unlocked/.gitignore"); !strings.HasSuffix(text, "\n*\n") {
		t.Errorf("unlocked/.gitignore: %q", text)
	}
}

// TestExposedKeysAreTold changes a store's .gitignore in every way: if it no longer excludes keys, that is reported and it is rewritten;
// otherwise there is no alarm.
func TestExposedKeysAreTold(t *testing.T) {
	plainText, sealedText := newTestStore(t, false).text(".gitignore"), newTestStore(t, true).text(".gitignore")
	for _, sealed := range []bool{false, true} {
		for _, c := range []struct {
			name    string
			change  func(v *testStore)
			exposed bool
		}{
			{"as it is", func(*testStore) {}, false},
			{"as a plain store has it", func(v *testStore) { v.put(".gitignore", plainText) }, false},
			{"as a sealed store has it", func(v *testStore) { v.put(".gitignore", sealedText) }, false},
			{"as git checks it out on Windows", func(v *testStore) { v.put(".gitignore", strings.ReplaceAll(v.text(".gitignore"), "\n", "\r\n")) }, false},
			{"with a line more", func(v *testStore) { v.put(".gitignore", v.text(".gitignore")+"!*.key\n") }, true},
			{"empty", func(v *testStore) { v.put(".gitignore", "") }, true},
			{"a link", func(v *testStore) { v.link(".gitignore", v.text(".gitignore")) }, true},
			{"a folder", func(v *testStore) { v.must(os.Remove(v.at(".gitignore")), os.Mkdir(v.at(".gitignore"), 0o700)) }, true},
			{"removed", func(v *testStore) { v.must(os.Remove(v.at(".gitignore"))) }, !sealed},
			{"removed, with a plain token", func(v *testStore) { v.must(os.Remove(v.at(".gitignore"))); v.put(v.token, string(v.tokenText)) }, true},
			{"removed, and no keys", func(v *testStore) { v.must(v.RemoveOrphans([]string{v.key, v.token, ".gitignore"})) }, false},
		} {
			v := newTestStore(t, sealed)
			c.change(v)
			if v.Exposed() != c.exposed {
				t.Errorf("sealed %t, %s: exposed %t", sealed, c.name, !c.exposed)
			}
			if c.name == "a folder" {
				continue
			}
			v.must(v.Prepare())
			if v.Exposed() {
				t.Errorf("sealed %t, %s: exposed still", sealed, c.name)
			}
			v.must(v.Settle()) // both forms exclude keys until then
			want := plainText
			if sealed {
				want = sealedText
			}
			if info, err := os.Lstat(v.IgnoreFile()); err != nil || !info.Mode().IsRegular() || strings.ReplaceAll(v.text(".gitignore"), "\r", "") != want || v.Exposed() {
				t.Errorf("sealed %t, %s: not written again", sealed, c.name)
			}
		}
	}
	s, err := keystore.OpenStore(filepath.Join(t.TempDir(), "keys"), "demo", seal.Ring{}, nil)
	if err != nil || s.Exposed() {
		t.Errorf("where there is no store: %v", err)
	}
}

// TestGitIsToldBeforeKeysAreInPlain changes .gitignore, then has keys written in plain text: whichever disk change fails after the first,
// git adds none of them.
func TestGitIsToldBeforeKeysAreInPlain(t *testing.T) {
	for name, do := range map[string]func(v *testStore) error{
		"unlock": func(v *testStore) error { return v.Unlock(brings([]folder.File{v.component}, v.key)) },
		"back to plain": func(v *testStore) error {
			v.ring.Recipients = nil
			v.reopen(v.Path())
			return nil
		},
		"stay sealed": func(*testStore) error { return nil },
	} {
		v := newTestStore(t, true)
		v.put(".gitignore", "")
		settle := func() error { return v.Settle() }
		if name == "unlock" {
			settle = func() error { return do(v) }
		} else {
			v.must(do(v))
		}
		watch := func(op, path string, change func() error) error {
			if base := filepath.Base(path); op == "rename" && (base == v.key || base == filepath.Base(v.token)) && v.Exposed() {
				t.Errorf("%s: %s is in plain, and git takes it", name, base)
			}
			return unhurried(op, path, change)
		}
		v.Through(watch)
		v.must(settle())
		if name == "unlock" && v.text("unlocked/"+held(v.key)) == "" {
			t.Error("git is told, and nothing is unlocked")
		}
		if v.Exposed() {
			t.Errorf("%s: git is told something else still", name)
		}
		v.put(".gitignore", "")
		v.Through(refusing("rename", v.IgnoreFile()))
		if err := settle(); !errors.Is(err, errDisk) {
			t.Errorf("%s: git could not be told: %v", name, err)
		}
	}
}
