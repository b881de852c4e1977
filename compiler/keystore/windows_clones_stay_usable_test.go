package keystore_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"relayform/compiler/seal"
)

// TestStoresCheckedOutOnWindowsStayUsable has an encrypted store whose text files got Windows line ends from git. Its list of recipients
// still counts as relayform's: without an identity one can still compile, nothing is re-encrypted, and recipients can be removed or the
// store converted to plain.
func TestStoresCheckedOutOnWindowsStayUsable(t *testing.T) {
	other := newRing(t)
	for name, ring := range map[string]func(was seal.Ring) seal.Ring{
		"the same recipients": func(was seal.Ring) seal.Ring { return seal.Ring{Recipients: was.Recipients} },
		"one more": func(was seal.Ring) seal.Ring {
			return seal.Ring{Recipients: append(other.Recipients, was.Recipients...), Identities: was.Identities}
		},
		"back to plain": func(was seal.Ring) seal.Ring { return seal.Ring{Identities: was.Identities} },
	} {
		v := newTestStore(t, true)
		list := strings.ReplaceAll(v.text("recipients.txt"), "\n", "\r\n")
		v.put("recipients.txt", list)
		v.put(".gitignore", strings.ReplaceAll(v.text(".gitignore"), "\n", "\r\n"))
		before := v.text(v.key + seal.Suffix)
		v.ring = ring(v.ring)
		v.reopen(v.Path())
		if v.ring.Sealing() {
			v.want(name+": taken for somebody else's", v.Foreign())
		}
		if err := errors.Join(v.Claim(), v.Settle()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var left string
		switch after := v.text(v.key + seal.Suffix); name {
		case "the same recipients":
			left = list
			if after != before {
				t.Errorf("%s: %s is sealed again", name, v.key)
			}
		case "one more":
			left = strings.Join(v.ring.Recipients, "\n") + "\n"
			if after == before {
				t.Errorf("%s: %s is not sealed to them", name, v.key)
			}
		}
		if have := v.text("recipients.txt"); have != left {
			t.Errorf("%s: recipients.txt says %q, want %q", name, have, left)
		}
	}
	v := newTestStore(t, false) // written by hand before the store is encrypted
	to := newRing(t)
	v.put("recipients.txt", to.Recipients[0]+"\r\n")
	v.ring = to
	v.reopen(v.Path())
	v.must(v.Claim(), v.Settle())
	if _, err := os.Stat(v.at(v.key + seal.Suffix)); err != nil {
		t.Error(err)
	}
}
