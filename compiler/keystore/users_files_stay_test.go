package keystore_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

const precious = "precious\n"

// TestComponentsOfTheUsersAreNotWrittenOver puts a user's kustomization where relayform writes one: it is refused before anything is
// written, and stays.
func TestComponentsOfTheUsersAreNotWrittenOver(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		for _, name := range []string{"kustomization.yaml", "remote/kustomization.yaml"} {
			v := newTestStore(t, sealed)
			components := []folder.File{v.component, v.forRemote}
			claim := v.Claim
			if sealed {
				name, claim = "unlocked/"+name, func() error { return v.Unlock(brings(components)) }
				v.must(v.Unlock(brings(nil)))
			}
			for what, put := range map[string]func(){
				"a file":             func() { v.put(name, precious) },
				"a file that quotes": func() { v.put(name, precious+string(v.component.Data)) },
				"a link":             func() { v.link(name, precious) },
				"a link to nothing":  func() { v.link(name, precious); v.must(removeTarget(v.at(name))) },
			} {
				_ = os.Remove(v.at(name))
				put()
				if err := claim(); err == nil || !strings.Contains(err.Error(), v.at(name)+": not written by relayform, which needs this name; move it elsewhere") {
					t.Errorf("%s: %s: %v", name, what, err)
				}
				v.must(v.Withhold(components))
				if _, err := os.Lstat(v.at(name)); err != nil {
					t.Errorf("%s: %s is gone", name, what)
				}
			}
			v.must(os.Remove(v.at(name)))
			v.put(name, string(v.component.Data))
			if err := claim(); err != nil {
				t.Errorf("%s: relayform's own: %v", name, err)
			}
		}
	}
}

func removeTarget(link string) error {
	target, err := os.Readlink(link)
	return errors.Join(err, os.Remove(target))
}

// TestComponentsThatDoNotFitAreWithheld renews and keeps the earlier components: kubectl could combine a certificate with the wrong key.
func TestComponentsThatDoNotFitAreWithheld(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		before := []folder.File{v.component, v.forRemote}
		dir := ""
		put := func() error { return v.PutComponents(brings(before)) }
		if sealed {
			dir, put = "unlocked/", func() error { return v.Unlock(brings(before, v.key)) }
		}
		v.must(put())
		v.must(v.Withhold(before))
		if v.text(dir+v.component.Name) == "" || v.text(dir+v.forRemote.Name) == "" || !v.Unlocked(brings(before)) {
			t.Error("components that fit are withheld")
		}
		after := []folder.File{{Name: v.component.Name, Data: append([]byte(nil), append(v.component.Data, "# another key\n"...)...)}, v.forRemote}
		if v.Unlocked(brings(after)) {
			t.Error("a component that does not fit counts as in place")
		}
		v.Through(refusing("remove", v.at(dir+v.component.Name)))
		if err := v.Withhold(after); !errors.Is(err, errDisk) {
			t.Errorf("a component could not be withheld: %v", err)
		}
		v.Through(unhurried)
		v.must(v.Withhold(after))
		if v.text(dir+v.component.Name) != "" || v.text(dir+v.forRemote.Name) == "" {
			t.Errorf("want %s withheld alone", v.component.Name)
		}
		if v.Unlocked(brings(before)) || v.Unlocked(brings(after)) {
			t.Error("a component that is withheld counts as in place")
		}
		v.put(dir+v.component.Name, precious)
		v.must(v.Withhold(after))
		if v.text(dir+v.component.Name) != precious {
			t.Error("the user's own is withheld")
		}
	}
}

// TestSealedStoresHaveNoComponentsInPlain writes components for encrypted keys: they would refer to files that do not exist.
func TestSealedStoresHaveNoComponentsInPlain(t *testing.T) {
	v := newTestStore(t, true)
	v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote})))
	v.want("a sealed store", v.files(), ".gitignore", "recipients.txt", v.key+seal.Suffix, v.token+seal.Suffix)
	v = newTestStore(t, false)
	v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote})))
	v.want("a plain store", v.files(), ".gitignore", v.key, v.token, v.component.Name, v.forRemote.Name)
	v.Through(refusing("rename", ""))
	if err := v.PutComponents(brings([]folder.File{{Name: v.component.Name, Data: v.forRemote.Data}})); !errors.Is(err, errDisk) {
		t.Errorf("a component could not be written: %v", err)
	}
	v.Through(unhurried)
	v.must(v.Sweep()) // its values are encrypted next
	v.ring = newRing(t)
	v.reopen(v.Path())
	v.put("remote/kustomization.yaml", precious)
	v.must(v.Settle())
	v.want("once sealed", v.files(), ".gitignore", "recipients.txt", v.key+seal.Suffix, v.token+seal.Suffix, "remote/kustomization.yaml")
	v.put("kustomization.yaml", string(v.component.Data))
	v.Through(refusing("remove", ""))
	if err := v.Settle(); !errors.Is(err, errDisk) {
		t.Errorf("a component could not be removed: %v", err)
	}
}

// TestListsOfRecipientsThatAreTheUsersStay has a store's list of recipients, written by relayform or by someone else. What is overwritten
// is lost; an unnecessary refusal stops a run.
func TestListsOfRecipientsThatAreTheUsersStay(t *testing.T) {
	to, other := newRing(t), newRing(t)
	mine, theirs := to.Recipients[0]+"\n", other.Recipients[0]+"\n"
	for _, c := range []struct {
		name, text string
		was        bool // encrypted before
		refused    bool
	}{
		{"what is to be written, in a sealed store", mine, true, false},
		{"what is to be written, in a plain store", mine, false, false},
		{"others, in a sealed store", theirs, true, false},
		{"others, in a plain store", theirs, false, true},
		{"two others, in a sealed store", mine + theirs, true, false},
		{"a remark", "# mine\n" + theirs, true, true},
		{"an empty line", theirs + "\n", true, true},
		{"a space", " " + theirs, true, true},
		{"no line end", strings.TrimSpace(theirs), true, true},
		{"no line end after the second", theirs + "and so on", true, true},
		{"an empty file", "", true, true},
		{"a line that is none", theirs + "age1nobody\n", true, true},
		{"something else", precious, true, true},
		{"something else, in a plain store", precious, false, true},
	} {
		v := newTestStore(t, c.was)
		identities := v.ring.Identities
		v.put("recipients.txt", c.text)
		v.ring = to
		v.ring.Identities = append(v.ring.Identities, identities...)
		v.reopen(v.Path())
		err := v.Claim()
		if refused := err != nil; refused != c.refused || refused && !strings.Contains(err.Error(), v.at("recipients.txt")+": not written by relayform") {
			t.Errorf("%s: refused %t: %v", c.name, refused, err)
		}
		if c.was { // and back to plain: relayform's own is removed, the user's stays
			v.ring.Recipients = nil
			v.reopen(v.Path())
			v.must(v.Settle())
			if left := v.text("recipients.txt"); c.refused != (left == c.text) && c.text != "" {
				t.Errorf("%s: back to plain: %q is left", c.name, left)
			}
		}
	}
	v := newTestStore(t, false)
	v.put("recipients.txt", theirs)
	v.must(v.Settle())
	if v.text("recipients.txt") != theirs {
		t.Error("a plain store lost a list that is the user's")
	}
	v.ring = to
	v.must(os.Remove(v.at("recipients.txt")))
	v.reopen(v.Path())
	if err := v.Claim(); err != nil {
		t.Errorf("no list yet: %v", err)
	}
}

// TestWhatIsLeftAloneIsNamed finds files in stores that relayform did not write: an unreported plain key in an encrypted store would be
// believed to be encrypted.
func TestWhatIsLeftAloneIsNamed(t *testing.T) {
	plain := newTestStore(t, false)
	plain.must(plain.PutComponents(brings([]folder.File{plain.component, plain.forRemote})))
	plain.want("a plain store", plain.Foreign())
	plain.put("recipients.txt", newRing(t).Recipients[0]+"\n")
	plain.put("z/notes", precious)
	plain.put(".relayform.tmp/notes", precious)
	plain.put("remote/deep/notes", precious)
	plain.put("unlocked/notes", precious)
	plain.put("kustomization.yaml", precious)
	plain.link(zeros+".key", string(plain.keyText))
	have := strings.Join(plain.Foreign(), " ")
	if want := ".relayform.tmp/notes " + zeros + ".key kustomization.yaml recipients.txt remote/deep/ unlocked/notes z/"; have != want {
		t.Errorf("a plain store: %s\nwant %s", have, want)
	}

	sealed := newTestStore(t, true)
	sealed.must(sealed.Unlock(brings([]folder.File{sealed.component, sealed.forRemote}, sealed.key, sealed.token)))
	sealed.want("a sealed store", sealed.Foreign())
	sealed.put(sealed.key, string(sealed.keyText))
	sealed.put("kustomization.yaml", string(sealed.component.Data))
	sealed.put("recipients.txt", precious)
	sealed.put("notes.age", precious)
	sealed.put("unlocked/"+zeros+".key", string(sealed.keyText))
	sealed.put("unlocked/remote/"+zeros+".token", precious)
	sealed.put("unlocked/kustomization.yaml", precious)
	sealed.put("unlocked/.gitignore", precious)
	sealed.put("unlocked/own.key", precious)
	sealed.put("unlocked/remote/"+sealed.key, string(sealed.keyText)) // nothing looks for it there
	sealed.want("a sealed store", sealed.Foreign(), sealed.key, "recipients.txt", "notes.age",
		"unlocked/"+zeros+".key", "unlocked/remote/"+zeros+".token", "unlocked/kustomization.yaml", "unlocked/.gitignore", "unlocked/own.key", "unlocked/remote/"+sealed.key)

	files := newTestStore(t, false) // instead of folders
	files.must(os.RemoveAll(files.at("remote")))
	files.put("remote", precious)
	files.put("unlocked", precious)
	files.want("files", files.Foreign(), "remote", "unlocked")

	none := newTestStore(t, false)
	none.must(os.RemoveAll(none.Path()))
	none.reopen(none.Path())
	none.want("no store", none.Foreign())
}
