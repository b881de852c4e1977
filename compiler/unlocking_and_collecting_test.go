package compiler

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/project"
)

// sealedProject returns a compiled project with encrypted keys.
func sealedProject(t *testing.T) *testProject {
	s := newTestProject(t)
	s.seal(t)
	s.write("topology.yaml", s.sealedTopology(own("")))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *testProject) sealedTopology(pkiBlock string) []byte {
	return append(fmt.Appendf(nil, testTopology, pkiBlock), "secrets: {local: {encryptTo: ["+s.ring.Recipients[0]+"]}}\n"...)
}

// heldElsewhere runs something while another run holds the project.
func (s *testProject) heldElsewhere(do func()) {
	s.Helper()
	release, err := project.TakeHold(s.project.Lock, "process 4711")
	if err != nil {
		s.Fatal(err)
	}
	defer release()
	do()
}

func (s *testProject) free(what string) {
	s.Helper()
	release, err := project.TakeHold(s.project.Lock, "a test")
	if err != nil {
		s.Fatalf("%s: the project is held still: %v", what, err)
	}
	release()
}

// TestUnlockingIssuesNothing unlocks while the lockfile lacks what the topology asks for: keys that are not stored would be given to
// kubectl.
func TestUnlockingIssuesNothing(t *testing.T) {
	s := sealedProject(t)
	good := s.all()
	for name, change := range map[string]func(){
		"no lockfile": func() { _ = os.Remove(s.project.Lock) },
		"another server": func() {
			s.write("topology.yaml", s.sealedTopology("selfSigned: {keyAlgorithm: ecdsa, validity: {server: 2400h}}"))
		},
		"a phase further": func() { s.write("topology.yaml", s.sealedTopology(own("distribute"))) },
	} {
		change()
		before := s.all()
		var due issue.DueError
		if _, err := Unlock(s.project, s.env(), false); !errors.As(err, &due) && name != "no lockfile" || err == nil {
			t.Errorf("%s: unlocked: %v", name, err)
		}
		s.sameFiles(name, before)
		s.free(name)
		s.write("topology.yaml", []byte(good["topology.yaml"]))
		s.write("topology.lock.yaml", []byte(good["topology.lock.yaml"]))
	}
	done, err := Unlock(s.project, s.env(), false)
	if err != nil || !slices.Equal(done.Clusters, done.Plan.Clusters()) || len(done.Left) > 0 {
		t.Fatalf("unlocked: %v, %+v", err, done)
	}
	if at := s.pairs(); at != "" {
		t.Error(at)
	}
	s.free("unlocked")
	s.heldElsewhere(func() {
		before := s.all()
		for _, remove := range []bool{false, true} {
			if _, err := Unlock(s.project, s.env(), remove); err == nil || !strings.Contains(err.Error(), "held by process 4711") {
				t.Errorf("unlocked while another holds the project: %v", err)
			}
		}
		s.sameFiles("held elsewhere", before)
	})
	env, broken := s.env(), errors.New("the disk is broken")
	env.Disk = func(string, string, func() error) error { return broken }
	if _, err := Unlock(s.project, env, true); !errors.Is(err, broken) {
		t.Errorf("nothing could be taken away: %v", err)
	}
	s.write("keys/unlocked/notes", []byte("precious"))
	done, err = Unlock(s.project, s.env(), true)
	if err != nil || len(done.Clusters) > 0 || !slices.Equal(done.Left, []string{"notes"}) {
		t.Errorf("locked: %v, %+v", err, done)
	}
	for name := range s.all() {
		if strings.HasPrefix(name, "keys/unlocked/") && name != "keys/unlocked/notes" && filepath.Base(name) != ".relayform" {
			t.Errorf("%s is left", name)
		}
	}
	s.free("locked")
	s.ring.Identities = nil
	if _, err := Unlock(s.project, s.env(), true); err != nil {
		t.Errorf("taking away needs an identity: %v", err)
	}
}

// TestPlainStoresAreNotUnlocked unlocks and locks without encryption.
func TestPlainStoresAreNotUnlocked(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	before := s.all()
	for _, remove := range []bool{false, true} {
		if _, err := Unlock(s.project, s.env(), remove); err == nil || !strings.Contains(err.Error(), "its keys are not encrypted") {
			t.Errorf("unlocked: %v", err)
		}
	}
	s.sameFiles("unlock", before)
}

// TestCollectingNeverTakesAKeyThatIsNeeded collects while no key seems to be needed, because a lockfile is missing or a rotation is in
// progress.
func TestCollectingNeverTakesAKeyThatIsNeeded(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	lockfile := s.all()["topology.lock.yaml"]
	if err := os.Remove(s.project.Lock); err != nil {
		t.Fatal(err)
	}
	before := s.all()
	for _, dry := range []bool{true, false} {
		if orphans, _, err := Collect(s.project, s.env(), dry); err == nil || len(orphans) > 0 || !strings.Contains(err.Error(), "missing, although") {
			t.Errorf("without a lockfile: %v, %v", orphans, err)
		}
	}
	s.sameFiles("without a lockfile", before)
	s.write("topology.lock.yaml", []byte(lockfile))
	for _, phase := range []string{"distribute", "issue", "drain"} {
		s.compile(own(phase))
		if orphans, left, err := Collect(s.project, s.env(), false); err != nil || len(orphans)+len(left) > 0 {
			t.Errorf("in %s: removed %v, left %v: %v", phase, orphans, left, err)
		}
		s.keysAreHere(phase)
	}
	s.compile(own("issue"))
	s.compile(own("distribute"))
	s.keysAreHere("back in distribute")
	if at := s.pairs(); at != "" {
		t.Error(at)
	}
}

// TestCollectingListsAndRemovesTheSame lists unneeded files, then removes them; users' files stay, and are named.
func TestCollectingListsAndRemovesTheSame(t *testing.T) {
	s := newTestProject(t)
	old := s.compile(own("")).Lock
	for _, what := range []string{"server", "token"} {
		if _, err := Renew(s.project, s.env(), RenewOptions{What: what}); err != nil {
			t.Fatal(err)
		}
	}
	fake := strings.Repeat("0", 64) + ".key"
	s.write("keys/license.key", []byte("precious"))
	s.write("keys/"+fake, []byte("precious"))
	wantLeft := []string{fake, "license.key"}
	want := []string{lockfile.KeyFile(old.Newest("server").SPKI), lockfile.TokenFile(old.Token.SHA256)}
	before := s.all()
	s.heldElsewhere(func() { // listing changes nothing
		if orphans, left, err := Collect(s.project, s.env(), true); err != nil || !slices.Equal(orphans, want) || !slices.Equal(left, wantLeft) {
			t.Errorf("listed %v, left %v: %v", orphans, left, err)
		}
		if _, _, err := Collect(s.project, s.env(), false); err == nil || !strings.Contains(err.Error(), "held by process 4711") {
			t.Errorf("collected while another holds the project: %v", err)
		}
	})
	s.sameFiles("listed", before)
	env, broken := s.env(), errors.New("the disk is broken")
	env.Disk = func(op, _ string, change func() error) error {
		if op == "remove" {
			return broken
		}
		return change()
	}
	if _, _, err := Collect(s.project, env, false); !errors.Is(err, broken) {
		t.Errorf("nothing could be removed: %v", err)
	}
	s.sameFiles("on a broken disk", before)
	orphans, left, err := Collect(s.project, s.env(), false)
	if err != nil || !slices.Equal(orphans, want) || !slices.Equal(left, wantLeft) {
		t.Errorf("removed %v, left %v: %v", orphans, left, err)
	}
	s.free("collected")
	for _, name := range want {
		if _, here := before["keys/"+name]; !here {
			t.Errorf("%s was never here", name)
		}
		delete(before, "keys/"+name)
	}
	s.sameFiles("collected", before)
	s.keysAreHere("collected")
}

// TestOverlaysThatLackAKeyFailClosed removes what kubectl needs: writing the component anyway would hide that. When the key is restored, so
// is the component.
func TestOverlaysThatLackAKeyFailClosed(t *testing.T) {
	for _, role := range []string{"server", "signing", "token"} {
		s := newTestProject(t)
		l := s.compile(own("")).Lock
		name := lockfile.TokenFile(l.Token.SHA256)
		if role != "token" {
			name = lockfile.KeyFile(l.Newest("server").SPKI)
			if role == "signing" {
				name = lockfile.KeyFile(l.Newest("signing").SPKI)
			}
		}
		good := s.all()
		for _, gone := range []string{"keys/" + name, "keys/kustomization.yaml", "keys/remote/kustomization.yaml"} {
			if err := os.Remove(filepath.Join(filepath.Dir(s.project.Topology), gone)); err != nil {
				t.Fatal(err)
			}
		}
		want := filepath.Join(s.project.Keys, filepath.FromSlash(name)) + ": not here"
		for _, o := range []Options{{}, {Locked: true}, {Locked: true, Check: true}} {
			r, err := Compile(s.project, s.env(), o)
			if err != nil || r.Sealed || len(r.Missing) != 1 || r.Missing[0].Error() != want {
				t.Errorf("%s, %+v: locked %t, missing %q, want %q: %v", role, o, r.Sealed, r.Missing, want, err)
			}
		}
		for file := range s.all() {
			if strings.HasPrefix(file, "keys/") && strings.HasSuffix(file, "kustomization.yaml") {
				t.Errorf("%s: %s is written", role, file)
			}
		}
		s.write("keys/"+name, []byte(good["keys/"+name]))
		if r, err := Compile(s.project, s.env(), Options{}); err != nil || len(r.Missing) > 0 {
			t.Errorf("%s is back: %v, %v", role, r.Missing, err)
		}
		s.sameFiles(role+" is back", good)
	}
}

// TestNewKeysNeedTheStoreOfTheOld renews while the store is missing: a new one would contain only the new keys, and hide that the rest is
// lost.
func TestNewKeysNeedTheStoreOfTheOld(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	if err := os.RemoveAll(s.project.Keys); err != nil {
		t.Fatal(err)
	}
	before := s.all()
	if _, err := Renew(s.project, s.env(), RenewOptions{What: "token"}); err == nil || !strings.Contains(err.Error(), s.project.Keys+": no key store here") {
		t.Errorf("renewed: %v", err)
	}
	s.sameFiles("renewed", before)
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil || len(r.Missing) != 3 {
		t.Errorf("missing %q: %v", r.Missing, err)
	}
	s.sameFiles("compiled", before)
}

// TestEncryptedKeysAreToldToBeLocked checks whether the result says that kubectl needs relayform unlock first: otherwise users would apply
// an overlay that does not build.
func TestEncryptedKeysAreToldToBeLocked(t *testing.T) {
	s := sealedProject(t)
	locked := func(what string, want bool, o Options) {
		t.Helper()
		if r, err := Compile(s.project, s.env(), o); err != nil || r.Sealed != want || len(r.Missing) > 0 {
			t.Errorf("%s: locked %t, missing %v: %v", what, r.Sealed, r.Missing, err)
		}
	}
	for _, o := range []Options{{}, {Locked: true, Check: true}} {
		locked("compiled", true, o)
		if _, err := Unlock(s.project, s.env(), false); err != nil {
			t.Fatal(err)
		}
		locked("unlocked", false, o)
		if _, err := Unlock(s.project, s.env(), true); err != nil {
			t.Fatal(err)
		}
		locked("locked again", true, o)
	}
	plain := newTestProject(t)
	if r := plain.compile(own("")); r.Sealed {
		t.Error("plain keys are told to be locked")
	}
}
