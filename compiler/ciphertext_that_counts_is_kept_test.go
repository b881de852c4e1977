package compiler

import (
	"os"
	"slices"
	"testing"
)

// TestACompileThatIsCutShortKeepsTheCiphertextThatCounts fails a renewal at the write of the lockfile, after the new ciphertext was
// recorded: the old lockfile remains valid, and a clone without keys has everything that it needs.
func TestACompileThatIsCutShortKeepsTheCiphertextThatCounts(t *testing.T) {
	for _, s := range inGitStores {
		p := newInGitProject(t, s)
		p.asked(func(*inGitProject) {})
		before := p.records()
		env := p.env()
		failed := false
		env.Disk = func(op, path string, change func() error) error {
			if op == "rename" && path == p.project.Lock {
				failed = true
				return os.ErrPermission
			}
			return change()
		}
		if _, err := Renew(p.project, env, RenewOptions{What: "server"}); err == nil || !failed {
			t.Fatalf("%s: the renewal was not cut short: %v", s.name, err)
		}
		if now := p.records(); len(now) <= len(before) {
			t.Errorf("%s: nothing was recorded before the lockfile", s.name)
		}
		away := p.project.Keys + "-away"
		if err := os.Rename(p.project.Keys, away); err != nil {
			t.Fatal(err)
		}
		if r, err := Compile(p.project, p.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() {
			t.Errorf("%s: a clone without keys: %v", s.name, err)
		}
		if err := os.Rename(away, p.project.Keys); err != nil {
			t.Fatal(err)
		}
		if again := p.asked(func(*inGitProject) {}); len(again) > 0 || !slices.Equal(p.records(), before) {
			t.Errorf("%s: the next compile encrypts %q, and leaves %d records of %d", s.name, again, len(p.records()), len(before))
		}
	}
}
