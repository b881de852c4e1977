package compiler

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"relayform/compiler/certfile"
	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pbe"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// seed adds every fixture file with a suffix.
func seed(f *testing.F, suffix string) {
	f.Helper()
	err := filepath.WalkDir("../fixtures", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && len(text) < 64<<10 {
			f.Add(text)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// FuzzTopology checks that parsing or resolving any topology does not panic, and that messages are well formed.
func FuzzTopology(f *testing.F) {
	seed(f, ".yaml")
	root, err := os.OpenRoot(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		topology, doc, err := schema.ParseTopology("fuzz.yaml", text)
		if doc == nil {
			wellFormed(t, err)
			return
		}
		_, resolved := plan.Resolve(topology, doc, root, plan.Guard{})
		if err != nil && resolved == nil {
			t.Error("what parsing refused, resolving accepts")
		}
		if resolved != nil {
			wellFormed(t, resolved)
		}
	})
}

// FuzzLock checks the same for a lockfile, and that one that loads is written so that it loads again.
func FuzzLock(f *testing.F) {
	seed(f, ".lock.yaml")
	for _, c := range locktest.Cases(f) {
		f.Add(c.Text)
	}
	for _, l := range locktest.Good(f) {
		text, err := l.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := lockfile.Parse("fuzz.lock.yaml", text, product.Profiles[0])
		if err != nil {
			wellFormed(t, err)
			return
		}
		again, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lockfile.Parse("fuzz.lock.yaml", again, product.Profiles[0]); err != nil {
			t.Errorf("%v, in what was written from what loads", err)
		}
	})
}

// FuzzExternal checks that reading any file of an external PKI, and finding chains among its certificates, does not panic, and that
// messages are one line without the password.
func FuzzExternal(f *testing.F) {
	for _, suffix := range []string{".pem", ".der", ".key", ".p12", ".pfx", ".p7b", ".b64"} {
		seed(f, suffix)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const word = "correct horse"
		few := &certfile.Allowance{Work: pbe.Work{Rounds: pbe.MaxRounds - 50_000}}
		c, err := certfile.Read(data, func() (string, error) { return word, nil }, few)
		if err != nil {
			if text := err.Error(); strings.Contains(text, word) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q", text)
			}
		}
		anchors := pki.Anchors(c.Certificates)
		for _, leaf := range c.Certificates {
			chain, err := pki.BuildChain(leaf, c.Certificates, anchors)
			if err != nil {
				_ = err.Error()
				continue
			}
			for _, role := range []pki.Role{pki.Server, pki.Signing} {
				pki.Stands(role, chain)
			}
			pki.Describe(leaf)
		}
		if len(c.Certificates) > 0 {
			issue.Match(c.Certificates, c.Keys, nil)
		}
		pki.ReadPEM(data)
	})
}

// wellFormed fails on an error that is not a diag.List, on positions outside the file, and on text that a terminal would interpret.
func wellFormed(t *testing.T, err error) {
	t.Helper()
	var faults diag.List
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("%v (%T) is no list of faults", err, err)
	}
	if len(faults) > diag.MaxFaults+1 {
		t.Errorf("%d faults", len(faults))
	}
	for _, d := range faults {
		soundPosition(t, "fuzz", d)
	}
	var text strings.Builder
	if err := faults.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(text.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("unprintable text at %d of %q", i, text.String())
	}
	if err := errors.Join(faults.WriteJSON(io.Discard), faults.WriteGitHub(io.Discard), faults.WriteSARIF(io.Discard, "")); err != nil {
		t.Error(err)
	}
}
