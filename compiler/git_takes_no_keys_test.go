package compiler

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"relayform/schema/diag"
)

// tracks returns an Env in which git tracks these files.
func (s *testProject) tracks(names ...string) Env {
	env := s.env()
	env.Tracked = func(path string) ([]string, error) {
		if path != s.project.Keys {
			s.Errorf("git is asked about %s", path)
		}
		return slices.Clone(names), nil
	}
	return env
}

// TestNoKeyIsWrittenWhereGitTakesThem renews where git tracks a key or a token: the new one would be committed with the next change. If
// nothing is written, it is only reported.
func TestNoKeyIsWrittenWhereGitTakesThem(t *testing.T) {
	for _, c := range []struct {
		tracked []string
		names   string // the relevant ones
	}{
		{[]string{"keys/" + strings.Repeat("0", 64) + ".key"}, "keys/" + strings.Repeat("0", 64) + ".key"},
		{[]string{"keys/remote/1.token"}, "keys/remote/1.token"},
		{[]string{"keys/.gitignore", "keys/license.key", "keys/1.key.age", "keys/2.token"}, "keys/license.key, keys/2.token"},
		{[]string{"keys/.gitignore", "keys/.relayform", "keys/recipients.txt", "keys/1.key.age", "keys/remote/2.token.age"}, ""},
		{nil, ""},
	} {
		s := newTestProject(t)
		s.compile(own(""))
		before := s.all()
		env := s.tracks(c.tracked...)
		want := s.project.Keys + ": git tracks " + c.names + "; private keys are never committed: run git rm -r --cached " + s.project.Keys + ", or choose another folder with --keys"

		r, err := Compile(s.project, env, Options{})
		if err != nil {
			t.Fatalf("%v: nothing to write: %v", c.tracked, err)
		}
		var told []string
		if c.names != "" {
			told = []string{want + "; then renew what they belong to: it may have been seen"}
		}
		if !slices.Equal(r.Loose, told) {
			t.Errorf("%v: told %q, want %q", c.tracked, r.Loose, told)
		}
		for _, what := range []string{"server", "token"} {
			_, err = Renew(s.project, env, RenewOptions{What: what})
			if c.names == "" {
				if err != nil {
					t.Errorf("%v: %v", c.tracked, err)
				}
				continue
			}
			if err == nil || err.Error() != want {
				t.Errorf("%v: renewed: %v\nwant %s", c.tracked, err, want)
			}
			s.sameFiles(what, before)
		}
	}
}

// sameFiles reports files that were added, removed or changed.
func (s *testProject) sameFiles(what string, before map[string]string) {
	s.Helper()
	after := s.all()
	for name, text := range before {
		if now, here := after[name]; !here || now != text {
			s.Errorf("%s: %s is not as before", what, name)
		}
	}
	for name := range after {
		if _, here := before[name]; !here {
			s.Errorf("%s: %s is new", what, name)
		}
	}
}

// TestGitThatDoesNotAnswerIsTold has git fail: what it tracks is unknown, and nothing is written.
func TestGitThatDoesNotAnswerIsTold(t *testing.T) {
	broken := errors.New("git: the index is broken")
	s := newTestProject(t)
	s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
	env := s.env()
	env.Tracked = func(string) ([]string, error) { return nil, broken }
	before := s.all()
	if _, err := Compile(s.project, env, Options{}); !errors.Is(err, broken) {
		t.Errorf("a first compile: %v", err)
	}
	s.sameFiles("a first compile", before)
	s.compile(own(""))
	before = s.all()
	if _, err := Compile(s.project, env, Options{}); !errors.Is(err, broken) {
		t.Errorf("nothing to write: %v", err)
	}
	if _, err := Renew(s.project, env, RenewOptions{What: "token"}); !errors.Is(err, broken) {
		t.Errorf("a renewal: %v", err)
	}
	s.sameFiles("a renewal", before)
}

// TestChecksAskNoGit checks without git's answer: CI has only what is in git, and no keys.
func TestChecksAskNoGit(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	env, asked := s.env(), atomic.Int32{}
	env.Tracked = func(string) ([]string, error) { asked.Add(1); return nil, errors.New("no repository") }
	if _, err := Compile(s.project, env, Options{Locked: true, Check: true}); err != nil || asked.Load() > 0 {
		t.Errorf("git is asked %d times: %v", asked.Load(), err)
	}
}

// TestExposedKeysAreRefusedWhereNothingIsWritten changes the key store's .gitignore. A check that passed would let keys into git; a compile
// repairs it, and reports it once.
func TestExposedKeysAreRefusedWhereNothingIsWritten(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	good := s.all()
	ignore := filepath.Join(s.project.Keys, ".gitignore")
	refused := func(what string, err error) {
		t.Helper()
		var faults diag.List
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != diag.KeysExposed || faults[0].File != ignore || !strings.Contains(faults[0].Hint, "run relayform compile") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, o := range []Options{{}, {Locked: true}} {
		s.write("keys/.gitignore", []byte("*\n!*.key\n"))
		exposed := s.all()
		_, err := Vet(s.project, s.env())
		refused("vet", err)
		_, err = Compile(s.project, s.env(), Options{Locked: true, Check: true})
		refused("check", err)
		s.sameFiles("a check", exposed)
		r, err := Compile(s.project, s.env(), o)
		if err != nil || len(r.Loose) != 1 || r.Loose[0] != ignore+": was changed or removed, so that git could have taken private keys; it is written again" {
			t.Errorf("%+v: told %q, %v", o, r.Loose, err)
		}
		s.sameFiles("a compile", good)
		if _, err := Vet(s.project, s.env()); err != nil {
			t.Error(err)
		}
		if r, err := Compile(s.project, s.env(), o); err != nil || len(r.Loose) > 0 {
			t.Errorf("%+v: told again %q, %v", o, r.Loose, err)
		}
	}
	// Even if the rest is refused, .gitignore is repaired.
	s.write("keys/.gitignore", nil)
	if _, err := Renew(s.project, s.tracks("keys/1.key"), RenewOptions{What: "server"}); err == nil || !strings.Contains(err.Error(), "git tracks") {
		t.Errorf("renewed: %v", err)
	}
	s.sameFiles("a refused renewal", good)
	// Both are reported, exposed keys first.
	s.write("keys/.gitignore", nil)
	if r, err := Compile(s.project, s.tracks("keys/1.key"), Options{}); err != nil || len(r.Loose) != 2 || !strings.Contains(r.Loose[0], ".gitignore") || !strings.Contains(r.Loose[1], "git tracks") {
		t.Errorf("told %q, %v", r.Loose, err)
	}
}

// TestCommandsForGitNameTheFolderAsTheShellReadsIt has a key folder with a $ in its name: the command that removes keys from git must name
// exactly that folder.
func TestCommandsForGitNameTheFolderAsTheShellReadsIt(t *testing.T) {
	s := newTestProject(t)
	s.project.Keys = filepath.Join(filepath.Dir(s.project.Topology), "our$keys")
	s.compile(own(""))
	r, err := Compile(s.project, s.tracks("our$keys/1.key"), Options{})
	if err != nil || len(r.Loose) != 1 || !strings.Contains(r.Loose[0], "run git rm -r --cached '"+s.project.Keys+"', or") {
		t.Errorf("told %q, %v", r.Loose, err)
	}
}
