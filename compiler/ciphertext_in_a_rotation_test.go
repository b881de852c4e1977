package compiler

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
)

// turning is a phase to compile, and what is encrypted for it.
type turning struct{ phase, encrypts string }

// rotations are paths through a rotation, to its end and back. What is set aside keeps its ciphertext, so that a rollback encrypts nothing.
var rotations = map[string][]turning{
	"given up": {
		{"", "server 1, signing 1, token 1"}, {"distribute", ""}, {"issue", "server 2, signing 2"}, {"drain", ""}, {"issue", ""},
		{"distribute", ""}, {"distribute, agentsReissued: true", ""}, {"", ""},
	},
	"back and forth": {
		{"", "server 1, signing 1, token 1"}, {"distribute", ""}, {"issue", "server 2, signing 2"}, {"distribute", ""}, {"issue", "server 2, signing 2"}, // new ones: the previous ones were never used
		{"drain", ""}, {"retire, agentsReissued: true", ""}, {"drain", ""}, {"retire, agentsReissued: true", ""}, {"", ""},
	},
}

// TestEveryPhaseBringsTheKeyOfItsCertificate runs rotations: after each phase every cluster decrypts the key of its certificate, remotes'
// identities decrypt no key of the management cluster, and only new values are encrypted.
func TestEveryPhaseBringsTheKeyOfItsCertificate(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	t.Parallel()
	for i, s := range inGitStores {
		for j, name := range slices.Sorted(maps.Keys(rotations)) {
			way := rotations[name]
			if !sampled(i + j) {
				continue
			}
			t.Run(s.name+" "+name, func(t *testing.T) {
				p := newInGitProject(t, s)
				for n, step := range way {
					what := fmt.Sprintf("step %d, %q", n, step.phase)
					var made []string
					for _, m := range p.asked(func(p *inGitProject) { p.rotation = step.phase }) {
						if word, _, _ := strings.Cut(m, ","); !slices.Contains(made, word) {
							made = append(made, word)
						}
					}
					slices.Sort(made)
					if have := strings.Join(made, ", "); have != step.encrypts {
						t.Errorf("%s: encrypted %q, want %q", what, have, step.encrypts)
					}
					p.opensIn(t, what)
					l, err := p.project.ReadLock(demo)
					if err != nil {
						t.Fatal(err)
					}
					if want := p.needed(t); len(l.Sealed) != want {
						t.Errorf("%s: %d records, want %d: of what is in force and set aside alone", what, len(l.Sealed), want)
					}
				}
			})
		}
	}
}

// needed returns how many records are needed: the token for three audiences, and the management cluster's keys that are in use or set
// aside.
func (p *inGitProject) needed(t *testing.T) int {
	t.Helper()
	l, err := p.project.ReadLock(demo)
	if err != nil {
		t.Fatal(err)
	}
	n := 3
	for _, c := range l.Every() {
		if c.Role != pki.Root {
			n++
		}
	}
	return n
}

// TestRenewalsEncryptWhatTheyMake renews each thing with a new key: its ciphertext changes for all its audiences, the previous one is
// removed, and no other changes. Renewing only the ciphertext changes all of it and no certificate.
func TestRenewalsEncryptWhatTheyMake(t *testing.T) {
	for _, s := range inGitStores {
		t.Run(s.name, func(t *testing.T) {
			p := newInGitProject(t, s)
			p.asked(func(*inGitProject) {})
			for what, n := range map[string]int{"server": 1, "signing": 1, "token": 3} {
				before := p.records()
				r, err := Renew(p.project, p.env(), RenewOptions{What: what})
				if err != nil || len(r.Newly) != n || slices.ContainsFunc(r.Newly, func(s issue.Sealing) bool { return string(s.Role) != what }) {
					t.Errorf("%s: encrypted %v: %v", what, newly(r), err)
				}
				after := p.records()
				if gone := slices.DeleteFunc(slices.Clone(before), func(line string) bool { return slices.Contains(after, line) }); len(gone) != n || len(after) != len(before) {
					t.Errorf("%s: of %d records %d changed, and there are %d", what, len(before), len(gone), len(after))
				}
				p.opensIn(t, what)
			}
			before, lock := p.records(), p.all()["topology.lock.yaml"]
			if _, err := Renew(p.project, p.env(), RenewOptions{What: "server", Reseal: true}); err != nil {
				t.Fatal(err)
			}
			for _, line := range p.records() {
				if slices.Contains(before, line) {
					t.Errorf("encrypted again it is the same: %.90s", line)
				}
			}
			if p.all()["topology.lock.yaml"] != lock {
				t.Error("encrypting again changed a certificate")
			}
			p.opensIn(t, "encrypted again")
		})
	}
}
