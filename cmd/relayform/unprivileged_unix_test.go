//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is an unprivileged user: tests may run as root, for whom permissions have no effect.
const nobody = 65534

// asNobody makes a program run as an unprivileged user.
func asNobody(c *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		c.Env = append(os.Environ(), "HOME=/")
	}
	return c
}

// newCommonProject returns a project whose parent folders the user nobody can enter, with the program that the scripts run.
func newCommonProject(t *testing.T) *testProject {
	t.Helper()
	program, err := exec.LookPath("relayform")
	if err != nil {
		t.Fatal(err)
	}
	s := &testProject{TB: t, program: program, dir: filepath.Join(t.TempDir(), "mesh")}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Dir(s.dir), filepath.Dir(filepath.Dir(s.dir)), filepath.Dir(program), filepath.Dir(filepath.Dir(program))} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if c := asNobody(exec.Command(program, "version")); c.Run() != nil {
		t.Skip("no other user can run the program here")
	}
	t.Cleanup(s.open)
	return s
}

// copy returns a copy of the project, with its modes.
func (s *testProject) copy(t *testing.T) *testProject {
	t.Helper()
	c := newCommonProject(t)
	c.people = s.people
	if out, err := exec.Command("cp", "-a", s.dir+"/.", c.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}

// open makes everything writable again, so that it can be removed.
func (s *testProject) open() {
	_ = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, _ error) error {
		mode := fs.FileMode(0o644)
		if d.IsDir() {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
}

// give makes the user nobody the owner of everything.
func (s *testProject) give() {
	s.Helper()
	if os.Geteuid() != 0 {
		return
	}
	err := filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, nobody, nobody))
	})
	if err != nil {
		s.Fatal(err)
	}
}

// chmod changes the modes of files that match the patterns.
func (s *testProject) chmod(mode fs.FileMode, patterns ...string) {
	s.Helper()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(s.path(pattern))
		if err != nil || len(paths) == 0 {
			s.Fatalf("%s: %d files: %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			if err := os.Chmod(path, mode); err != nil {
				s.Fatal(err)
			}
		}
	}
}

// state returns the mode and the content of every file.
func (s *testProject) state() map[string]string {
	s.Helper()
	state := map[string]string{}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) {
			return nil // in a test that does not run as root
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := ""
		if !d.IsDir() {
			b, _ := os.ReadFile(path)
			text = string(b)
		}
		state[path] = fmt.Sprint(info.Mode(), text)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return state
}

const denied = "permission denied"

// TestWithoutPermission runs every command, those that write and those that read, as a user without permission: each says what it may not
// do and where, exits with 2 if nothing could be judged or done, and changes nothing.
func TestWithoutPermission(t *testing.T) {
	type run struct {
		args string
		code int
		want string // in the output; empty for no output
	}
	ready := map[bool]*testProject{false: newCommonProject(t), true: newCommonProject(t)}
	for sealed, s := range ready {
		var to []string
		if s.recipient("ada"); sealed {
			to = []string{"ada"}
		}
		s.ask("", to...)
		s.run("compile")
		s.run("renew", "signing")
	}
	const held = "topology.lock.yaml.held: something must change"
	for _, c := range []struct {
		name    string
		sealed  bool
		pending bool // the topology asks for something that is not compiled
		prepare func(s *testProject)
		runs    []run
	}{
		{"a project that is not writable", false, false, func(s *testProject) { s.chmod(0o555, ".") }, []run{
			{"compile", 0, "nothing changed"}, {"compile --locked --check", 0, ""}, {"vet", 0, ""}, {"certs", 0, ""}, {"verify", 0, ""},
			{"render mgmt-cluster", 0, ""}, {"gc --dry-run", 0, ""}, {"gc", 2, held}, {"renew server", 2, held},
			{"init --management=m --ingress=istio new", 2, denied}}},
		{"one that asks for a change", false, true, func(s *testProject) { s.chmod(0o555, ".") }, []run{
			{"compile", 2, held}, {"compile --check", 1, "stale"}, {"vet", 0, ""}, {"verify", 0, ""}}},
		{"a first compile", false, false, func(s *testProject) {
			for _, name := range []string{"keys", "build", "topology.lock.yaml"} {
				if err := os.RemoveAll(s.path(name)); err != nil {
					s.Fatal(err)
				}
			}
			s.chmod(0o555, ".")
		}, []run{{"compile", 2, held}, {"vet", 0, ""}, {"compile --locked", 1, "would be issued"}}},
		{"keys that are not writable", false, false, func(s *testProject) { s.chmod(0o500, "keys", "keys/remote") }, []run{
			{"compile", 0, "nothing changed"}, {"renew server", 2, "keys/.relayform.tmp: create: " + denied},
			{"renew token", 2, "keys/.relayform.tmp: create: " + denied}, {"gc", 2, ".key: remove: " + denied}, {"verify", 0, ""}}},
		{"a key store that is not readable", false, false, func(s *testProject) { s.chmod(0, "keys") }, []run{
			{"compile", 2, "keys: " + denied}, {"renew server", 2, "keys: " + denied}, {"gc", 2, "keys: " + denied},
			{"render mgmt-cluster", 2, "keys: " + denied}, {"vet", 0, ""}}},
		{"keys that are not readable", false, false, func(s *testProject) { s.chmod(0, "keys/*.key") }, []run{
			{"compile", 0, "not here, or not readable"}, {"compile --locked --check", 0, ""}, {"certs", 0, ""},
			{"renew server", 2, ".key: " + denied + "; run relayform as the user who may read it"},
			{"render mgmt-cluster", 2, ".key: " + denied + "; run relayform as"}, {"render mgmt-cluster --public", 0, ""},
			{"apply mgmt-cluster", 2, "not here, or not readable; fix that first"}}},
		{"a token that is not readable", false, false, func(s *testProject) { s.chmod(0, "keys/remote/*.token") }, []run{
			{"compile", 0, ".token: " + denied}, {"render one", 2, ".token: " + denied + "; run relayform as"}}},
		{"a lockfile that is not readable", false, false, func(s *testProject) { s.chmod(0, "topology.lock.yaml") }, []run{
			{"compile", 2, "topology.lock.yaml: " + denied}, {"compile --locked --check", 2, "topology.lock.yaml: " + denied},
			{"verify", 2, "topology.lock.yaml: " + denied}, {"certs", 2, "topology.lock.yaml: " + denied},
			{"renew server", 2, "topology.lock.yaml: " + denied}, {"gc", 2, "topology.lock.yaml: " + denied},
			{"apply", 2, "topology.lock.yaml: " + denied}, {"vet", 2, "topology.lock.yaml: " + denied}}},
		{"a topology that is not readable", false, false, func(s *testProject) { s.chmod(0, "topology.yaml") }, []run{
			{"compile", 2, "topology.yaml: " + denied}, {"vet", 2, "topology.yaml: " + denied}, {"address --write", 2, "topology.yaml: " + denied}}},
		{"a build folder that is not readable", false, false, func(s *testProject) { s.chmod(0, "build") }, []run{
			{"compile", 2, "build: " + denied}, {"compile --check", 2, "build: " + denied}, {"apply", 2, "build: " + denied}, {"certs", 0, ""}}},
		{"an overlay that is not readable", false, false, func(s *testProject) { s.chmod(0, "build/one") }, []run{
			{"compile", 2, "build/one: " + denied}, {"compile --check", 2, "build/one: " + denied}}},
		{"a file that is not readable", false, false, func(s *testProject) { s.chmod(0, "build/mgmt-cluster/public/kustomization.yaml") }, []run{
			{"compile", 2, "build/mgmt-cluster/public/kustomization.yaml: " + denied}}},
		{"a build folder that is not writable", false, true, func(s *testProject) { s.chmod(0o555, "build") }, []run{
			{"compile", 2, "build/.relayform.tmp: create: " + denied}}},
		{"a sealed store that is not writable", true, false, func(s *testProject) { s.chmod(0o500, "keys") }, []run{
			{"compile", 0, "nothing changed"}, {"unlock --identity ada.txt", 2, "keys/unlocked: create: " + denied},
			{"renew server --identity ada.txt", 2, "keys/.relayform.tmp: create: " + denied}}},
		{"an identity that is not readable", true, false, func(s *testProject) { s.chmod(0, "ada.txt") }, []run{
			{"unlock --identity ada.txt", 2, "ada.txt: " + denied}, {"renew token --identity ada.txt", 2, "ada.txt: " + denied}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := ready[c.sealed].copy(t)
			if c.pending {
				text, err := os.ReadFile(s.path("topology.yaml"))
				if err == nil {
					err = os.WriteFile(s.path("topology.yaml"), []byte(strings.Replace(string(text), "31443", "31444", 1)), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			s.give()
			c.prepare(s)
			before := s.state()
			for _, r := range c.runs {
				program := asNobody(s.command(strings.Fields(r.args)...))
				var said strings.Builder
				program.Stderr = &said
				err := program.Run()
				if code := program.ProcessState.ExitCode(); code != r.code || !strings.Contains(said.String(), r.want) || r.want == "" && said.Len() > 0 {
					t.Errorf("%s: exit %d (%v), want %d and %q:\n%s", r.args, code, err, r.code, r.want, said.String())
				}
				after := s.state()
				for path, was := range before {
					if after[path] != was {
						t.Errorf("%s: %s changed", r.args, path)
					}
				}
				if len(after) != len(before) {
					t.Errorf("%s: %d files, there were %d", r.args, len(after), len(before))
				}
				before = after
			}
		})
	}
}
