package lockfile_test

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// TestGoodLockfilesLoad parses what relayform would write, and writes it unchanged.
func TestGoodLockfilesLoad(t *testing.T) {
	for name, good := range locktest.Good(t) {
		text, err := good.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		l, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, err := l.Marshal(); err != nil || !bytes.Equal(text, again) {
			t.Errorf("%s: written again it differs (%v)", name, err)
		}
	}
}

// TestTamperingIsRefused checks the field and message for each tampered lockfile.
func TestTamperingIsRefused(t *testing.T) {
	cases := locktest.Cases(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			_, err := lockfile.Parse("topology.lock.yaml", c.Text, product.Profiles[0])
			var faults diag.List
			if !errors.As(err, &faults) {
				t.Fatalf("got %v\n%s", err, c.Text)
			}
			i := slices.IndexFunc(faults, func(d diag.Diagnostic) bool { return d.Path == c.At && strings.Contains(d.Message, c.Want) })
			if i < 0 || len(faults) > c.Faults {
				t.Fatalf("want %d at %s: %s\ngot %v", c.Faults, c.At, c.Want, err)
			}
			if d := faults[i]; d.Line == 0 || d.Code == diag.BadLockfile && !strings.Contains(d.Hint, "restore it from git") {
				t.Errorf("%+v: want a place, and what to do", d)
			}
		})
	}
	if len(cases) < 100 {
		t.Errorf("%d cases", len(cases))
	}
}

var intermediates = regexp.MustCompile(`(?m)^ +intermediates:\n( +- [0-9a-f"]+\n)+`)

// TestOlderLockfilesLoad parses chains without digests, which older versions did not write, and writes them with the next change.
func TestOlderLockfilesLoad(t *testing.T) {
	text, err := locktest.Good(t)["external"].Marshal()
	if err != nil {
		t.Fatal(err)
	}
	older := intermediates.ReplaceAll(text, nil)
	if bytes.Equal(older, text) {
		t.Fatal("no digests in it")
	}
	l, err := lockfile.Parse("topology.lock.yaml", older, product.Profiles[0])
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.Marshal(); err != nil || !bytes.Equal(again, text) {
		t.Errorf("written again it lacks them (%v)", err)
	}
}

// TestLinesMayEndAsOnWindows parses a lockfile that git checked out with CR LF.
func TestLinesMayEndAsOnWindows(t *testing.T) {
	for name, l := range locktest.Good(t) {
		text, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lockfile.Parse("topology.lock.yaml", bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), product.Profiles[0]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTakingDigestsOutGainsNothing tampers with chains and removes the digests too.
func TestTakingDigestsOutGainsNothing(t *testing.T) {
	n := 0
	for _, c := range locktest.Cases(t) {
		older := intermediates.ReplaceAll(c.Text, nil)
		if bytes.Equal(older, c.Text) || strings.HasSuffix(c.At, ".intermediates") || strings.Contains(c.At, ".intermediates[") {
			continue
		}
		n++
		if _, err := lockfile.Parse("topology.lock.yaml", older, product.Profiles[0]); err == nil {
			t.Errorf("%s: taken", c.Name)
		}
	}
	if n < 15 {
		t.Errorf("only %d of them", n)
	}
}
