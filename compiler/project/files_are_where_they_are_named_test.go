package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// demo is the part of a plan that its lockfile needs.
var demo = &plan.Plan{Name: "demo", Product: product.Profiles[0]}

// newProject returns a project in a new folder, with a topology.
func newProject(t *testing.T) project.Project {
	t.Helper()
	p := project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")
	write(t, p.Topology, "kind: Topology\n")
	return p
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestALockfileThatCannotBeReadIsNotEmpty puts something else in place of the lockfile: if it counted as missing, it would be replaced with
// one with a new root.
func TestALockfileThatCannotBeReadIsNotEmpty(t *testing.T) {
	p := newProject(t)
	if l, err := p.ReadLock(demo); err != nil || l.Topology != "demo" || len(l.Certificates) > 0 {
		t.Errorf("none yet: %+v, %v", l, err)
	}
	for want, put := range map[string]func(){
		"want a file, which relayform replaces as a whole": func() { _ = os.Mkdir(p.Lock, 0o700) },
		"the limit is": func() { write(t, p.Lock, strings.Repeat("#\n", source.MaxBytes/2+1)) },
		"apiVersion":   func() { write(t, p.Lock, "certificates: []\n") },
	} {
		if err := os.RemoveAll(p.Lock); err != nil {
			t.Fatal(err)
		}
		put()
		if l, err := p.ReadLock(demo); err == nil || l != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", want, l, err)
		}
	}
}

// TestWhatIsWrittenCanBeReadAgain writes each lockfile that relayform creates, and refuses an inconsistent one.
func TestWhatIsWrittenCanBeReadAgain(t *testing.T) {
	for name, l := range locktest.Good(t) {
		p := newProject(t)
		if err := errors.Join(p.Loads(demo, l), p.WriteLock(l, nil)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, err := p.ReadLock(demo); err != nil || len(again.Certificates) != len(l.Certificates) {
			t.Errorf("%s: read again: %v", name, err)
		}
		broken := *l
		broken.Certificates = append(l.All(pki.Signing), l.All(pki.Server)...)
		if err := p.Loads(demo, &broken); err == nil || !strings.Contains(err.Error(), "nothing was written, as what would be written is inconsistent") {
			t.Errorf("%s without its root: %v", name, err)
		}
	}
}

// TestAnotherTopologysLockfileIsRefused renames the topology; if the plan has no name, this is not checked.
func TestAnotherTopologysLockfileIsRefused(t *testing.T) {
	p := newProject(t)
	if err := p.WriteLock(locktest.Good(t)["plain"], nil); err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: relayform/v1\nkind: Topology\nname: other\nmanagement: {name: mgmt, ingress: {istio: {}}}\nremotes: {edge: {}}\npki: {selfSigned: {}}\n"
	other, err := p.Plan([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var faults diag.List
	if _, err := p.ReadLock(other); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != diag.LockMismatch || faults[0].Path != "name" {
		t.Errorf("renamed: %v", err)
	}
	if _, err := p.ReadLock(&plan.Plan{Product: product.Profiles[0]}); err != nil {
		t.Errorf("of no name: %v", err)
	}
}

// TestKeysDoNotLieInWhatIsCommitted nests the build folder and the key store, either way, by name and by link.
func TestKeysDoNotLieInWhatIsCommitted(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "build", "x"), "")
	if err := os.Symlink(filepath.Join(dir, "build"), filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		build, keys string
		refused     bool
	}{
		{"build", "keys", false}, {"build", "build-keys", false}, {"build", "build/keys", true}, {"keys/build", "keys", true}, {"build", "build", true}, {"build", "link/keys", true}, {"link/a", "build/b", false},
	} {
		p := project.New(filepath.Join(dir, "topology.yaml"), filepath.Join(dir, c.build), filepath.Join(dir, c.keys))
		if err := p.Separate(); (err != nil) != c.refused || err != nil && !strings.Contains(err.Error(), "are one inside the other") {
			t.Errorf("%s and %s: %v", c.build, c.keys, err)
		}
	}
}

// TestATopologyBehindALinkStaysInItsFolder follows a link to a file next to it, and none that points elsewhere or to a key.
func TestATopologyBehindALinkStaysInItsFolder(t *testing.T) {
	for target, want := range map[string]string{
		"real/topology.yaml": "", "keys/a.key": "points outside its folder", "../outside.yaml": "points outside its folder", "gone.yaml": "a symbolic link that points to no file",
	} {
		dir := filepath.Join(t.TempDir(), "project")
		p := project.New(filepath.Join(dir, "topology.yaml"), "", "")
		for _, file := range []string{"real/topology.yaml", "keys/a.key", "../outside.yaml"} {
			write(t, filepath.Join(dir, filepath.FromSlash(file)), "what is in it")
		}
		if err := os.Symlink(filepath.FromSlash(target), p.Topology); err != nil {
			t.Skip(err)
		}
		text, err := p.ReadTopology()
		if want == "" && (err != nil || string(text) != "what is in it") || want != "" && (err == nil || !strings.Contains(err.Error(), want) || len(text) > 0) {
			t.Errorf("%s: %q, %v", target, text, err)
		}
		// Leftovers of an interrupted run are removed next to both the link and the file.
		if err := p.Tidy(nil); (err != nil) != (want != "") {
			t.Errorf("%s: tidied: %v", target, err)
		}
	}
}

// TestCommandsAreNamedAsTheyAreTyped names the topology if it is not the default, as a flag where a command takes one.
func TestCommandsAreNamedAsTheyAreTyped(t *testing.T) {
	usual, other := project.New("topology.yaml", "", ""), project.New("a b/t.yaml", "out", "a b/keys")
	for verb, want := range map[string]string{
		"compile": "relayform compile 'a b/t.yaml' --out out", "apply": "relayform apply --file 'a b/t.yaml' --out out", "render --all": "relayform render --all --file 'a b/t.yaml' --out out",
		"renew server": "relayform renew server --file 'a b/t.yaml' --out out", "verify": "relayform verify 'a b/t.yaml' --out out",
	} {
		if got := other.Command(verb); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := usual.Command(verb); got != "relayform "+verb {
			t.Errorf("%s", got)
		}
	}
	if got := project.New("topology.yaml", "", "elsewhere").Flags(); got != " --keys elsewhere" {
		t.Errorf("%s", got)
	}
}
