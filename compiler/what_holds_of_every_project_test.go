package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/seal"
	"relayform/compiler/verify"
	"relayform/fixtures/receive"
)

// The invariants of a project at every moment, and those after a successful run. Each check returns what is violated, or nil.

// sound checks the invariants that hold at every moment, even after an interruption: the lockfile is complete, each of its certificates has
// its key, no private value is lost, and an overlay that builds has the key of its certificate. It returns the store's contents.
func (s *testProject) sound(before map[string]string, removed func(name string) bool) (map[string]string, error) {
	now, err := s.private()
	if err != nil {
		return nil, err
	}
	for name, text := range before {
		if now[name] != text && (now[name] != "" || !removed(name)) {
			err = errors.Join(err, fmt.Errorf("%s is lost", name))
		}
	}
	l, broken := s.project.ReadLock(demo)
	if broken != nil {
		return nil, fmt.Errorf("the lockfile is torn: %w", broken)
	}
	for _, c := range l.Every() {
		if now[lockfile.KeyFile(c.SPKI)] == "" {
			err = errors.Join(err, fmt.Errorf("%s %d has no key", c.Role, c.Generation))
		}
	}
	if l.Token != nil && now[lockfile.TokenFile(l.Token.SHA256)] == "" {
		err = errors.Join(err, fmt.Errorf("token %d is not here", l.Token.Generation))
	}
	_, pairs := s.kubectl()
	return now, errors.Join(err, pairs)
}

// private returns the decrypted keys and tokens in the store, by name.
func (s *testProject) private() (map[string]string, error) {
	held := map[string]string{}
	err := s.storeFiles(func(name string, text []byte) error {
		plain, sealed := strings.CutSuffix(name, seal.Suffix)
		if !strings.HasSuffix(plain, ".key") && !strings.HasSuffix(plain, ".token") {
			return nil
		}
		var err error
		if sealed {
			text, err = s.ring.Open(text)
		}
		if have := held[plain]; have != "" && have != string(text) {
			err = errors.Join(err, errors.New("the sealed one and the plain one differ"))
		}
		held[plain] = string(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	return held, err
}

// storeFiles visits the files in the store, except unlocked and temporary ones.
func (s *testProject) storeFiles(do func(name string, text []byte) error) error {
	return filepath.WalkDir(s.project.Keys, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == keystore.UnlockedFolder || d.Name() == folder.Staging):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.project.Keys, path)
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(name), text)
	})
}

// kubectl builds the management cluster's overlay as kubectl does, and checks each certificate's key, which the cluster decrypts if
// encrypted. If it does not build, kubectl applies nothing, which is not a fault.
func (s *testProject) kubectl() (built bool, err error) {
	secrets, built, err := s.opens.Secrets(filepath.Join(s.project.Build, "mgmt-cluster"))
	return built, errors.Join(err, receive.Belong(secrets, relay.Keys, ""))
}

// done checks what must be true after a successful run.
func (s *testProject) done(want shape, people []person) error {
	l, err := s.project.ReadLock(demo)
	if err != nil {
		return err
	}
	return errors.Join(s.formed(want, people), s.nothingLeft(want), s.concealed(), s.served(want, l), s.opened(want, l), s.verified(), s.unchangedBy("the next compile", func() error {
		r, err := Compile(s.project, s.env(), Options{})
		if err == nil && (len(r.Issued) > 0 || !r.Changes.None()) {
			err = fmt.Errorf("issued %v, changed %+v", r.Issued, r.Changes)
		}
		return err
	}))
}

// formed checks the form of each private file: encrypted to exactly the recipients, or plain.
func (s *testProject) formed(want shape, people []person) error {
	return s.storeFiles(func(name string, text []byte) error {
		plain, sealed := strings.CutSuffix(name, seal.Suffix)
		switch {
		case name == "recipients.txt" && !want.sealed(), strings.HasSuffix(name, ".yaml") && want.store != "":
			return fmt.Errorf("%s is left over", name)
		case !strings.HasSuffix(plain, ".key") && !strings.HasSuffix(plain, ".token"):
			return nil
		case sealed != want.sealed():
			return fmt.Errorf("%s: sealed %t, want %t", name, sealed, want.sealed())
		case !sealed:
			return nil
		}
		for _, p := range people {
			_, err := seal.Ring{Identities: []byte(p.identity)}.Open(text)
			if is := slices.ContainsFunc(want.sealedTo, func(r person) bool { return r.name == p.name }); is != (err == nil) {
				return fmt.Errorf("%s: opens for %s: %t, want %t", name, p.name, err == nil, is)
			}
		}
		return nil
	})
}

// nothingLeft finds leftovers of an interrupted run, and unneeded folders.
func (s *testProject) nothingLeft(want shape) error {
	dir := filepath.Dir(s.project.Topology)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == keystore.UnlockedFolder { // the next unlock completes an interrupted one
			return fs.SkipDir
		}
		if name := filepath.Base(path); path != dir && (strings.Contains(name, "tmp") || strings.HasSuffix(name, ".held")) {
			return fmt.Errorf("%s is left over", path)
		}
		return err
	})
	entries, listed := os.ReadDir(s.project.Build)
	for _, e := range entries {
		if e.IsDir() && e.Name() != "bases" && !slices.Contains(want.clusters(), e.Name()) {
			err = errors.Join(err, fmt.Errorf("build/%s is of no cluster", e.Name()))
		}
	}
	if _, unlocked := os.Stat(filepath.Join(s.project.Keys, keystore.UnlockedFolder)); unlocked == nil && !want.sealed() {
		err = errors.Join(err, errors.New("a plain store has unlocked keys"))
	}
	if _, none := os.Stat(s.project.Sealed); (none == nil) != (want.store != "") {
		err = errors.Join(err, fmt.Errorf("%s is there: %t", s.project.Sealed, none == nil))
	}
	return errors.Join(err, listed)
}

// concealed finds private values where others can read them: everywhere but in the store.
func (s *testProject) concealed() error {
	held, err := s.private()
	if err != nil {
		return err
	}
	dir := filepath.Dir(s.project.Topology)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == s.project.Keys {
			return cmpSkip(err)
		}
		if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		for name, private := range held {
			if bytes.Contains(text, []byte(strings.TrimSpace(private))) {
				return fmt.Errorf("%s holds %s", path, name)
			}
		}
		return err
	})
}

func cmpSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// served checks that kubectl finds what it needs: always in a plain store, in an encrypted one if the components are unlocked.
func (s *testProject) served(want shape, l *lockfile.File) error {
	for _, role := range relayRoles {
		if l.Newest(role) == nil {
			return fmt.Errorf("no %s", role)
		}
	}
	if l.Phase() != lockfile.Phase(strings.Split(want.rotation, ",")[0]) {
		return fmt.Errorf("the lockfile is at phase %q, want %q", l.Phase(), want.rotation)
	}
	unlocked := true
	for _, component := range []string{"kustomization.yaml", lockfile.TokenFolder + "/kustomization.yaml"} {
		_, err := os.Stat(filepath.Join(s.project.Keys, keystore.UnlockedFolder, component))
		unlocked = unlocked && err == nil
	}
	built, err := s.kubectl()
	if ready := !want.sealed() || unlocked || want.store != ""; err == nil && built != ready {
		err = fmt.Errorf("kubectl can apply: %t, want %t", built, ready)
	}
	return err
}

// opened checks, if git contains private values, that every cluster can decrypt its own, and that they match the lockfile.
func (s *testProject) opened(want shape, l *lockfile.File) (err error) {
	if want.store == "" {
		return nil
	}
	for _, cluster := range want.clusters() {
		secrets, built, e := s.opens.Secrets(filepath.Join(s.project.Build, cluster))
		if e = errors.Join(e, receive.Belong(secrets, relay.Keys, l.Token.SHA256)); e != nil || !built || len(secrets) < 2 {
			err = errors.Join(err, fmt.Errorf("%s: built %t, with %d Secrets: %w", cluster, built, len(secrets), e))
		}
	}
	return err
}

func (s *testProject) verified() error {
	report, err := Verify(s.project, s.env(), s.now)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	for _, f := range report.Findings {
		if f.Severity == verify.Error {
			err = errors.Join(err, fmt.Errorf("verify: %s", f.Message))
		}
	}
	if report.Public {
		err = errors.Join(err, fmt.Errorf("verify judged nothing private: %v", report.LeftOut))
	}
	return err
}
