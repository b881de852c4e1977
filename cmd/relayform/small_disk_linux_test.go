package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// writes are commands that write to a disk, each with the commands to run before it.
var writes = []struct {
	name   string
	before []deed
	do     deed
}{
	{"first compile", nil, deed{"", "", "compile"}},
	{"renewal", []deed{{"", "", "compile"}}, deed{"", "", "renew signing"}},
	{"distribution", []deed{{"", "", "compile --yes"}}, deed{"distribute", "", "compile"}},
	{"encryption", []deed{{"", "", "compile"}}, deed{"", "ada", "compile"}},
	{"other recipients", []deed{{"", "ada", "compile"}, {"", "ada", "unlock"}}, deed{"", "bob", "compile"}},
	{"unlocking", []deed{{"", "ada", "compile"}}, deed{"", "ada", "unlock"}},
	{"decryption", []deed{{"", "ada", "compile"}, {"", "ada", "unlock"}}, deed{"", "", "compile"}},
}

func (s *testProject) does(d deed) *exec.Cmd {
	s.Helper()
	s.recipient("ada")
	s.recipient("bob")
	s.ask(d.rotation, strings.Fields(d.to)...)
	return s.command(strings.Fields(d.args)...)
}

// prepare runs the commands before the one under test.
func (s *testProject) prepare(before []deed) {
	s.Helper()
	for _, d := range before {
		if out, err := s.does(d).CombinedOutput(); err != nil {
			s.Fatalf("%+v: %v\n%s", d, err, out)
		}
	}
}

// fails runs a program that a full disk or a limit stops, and checks that it reports this. The result is whether it was stopped.
func (s *testProject) fails(what string, c *exec.Cmd, want error) bool {
	s.Helper()
	out, err := c.CombinedOutput()
	if err == nil {
		return false
	}
	if said := string(out); c.ProcessState.ExitCode() != exitError || !strings.Contains(said, want.Error()) || strings.Count(said, "\n") != 1 {
		s.Errorf("%s: %v, want %v and one line:\n%s", what, err, want, said)
	}
	l := s.certificatesHaveKeys(what)
	s.overlaysMatch(what, l, "")
	return true
}

// TestFullDisk runs each command on a real file system with room for n more pages, or n more files, for every n until it succeeds. After
// each failure it makes the file system larger, and compiles again.
func TestFullDisk(t *testing.T) {
	if !everyCase() && !every() {
		t.Skip("make long fills the disk")
	}
	dir := t.TempDir()
	mount := func(options string) error {
		out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "none", dir).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	}
	if err := mount("size=64M"); err != nil {
		t.Skipf("no small file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := newCommonProject(t)
	step := 31
	if every() {
		step = 1
	}
	for i, change := range writes {
		for _, resource := range []string{"size", "nr_inodes"} {
			for room := i % step; ; room += step {
				s.dir = filepath.Join(dir, "mesh")
				if err := os.RemoveAll(s.dir); err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(s.dir, 0o755); err != nil {
					t.Fatal(err)
				}
				s.begin(s.dir, storeOf(i, append(change.before, change.do)...))
				s.prepare(change.before)
				c := s.does(change.do)
				var used syscall.Statfs_t
				if err := syscall.Statfs(dir, &used); err != nil {
					t.Fatal(err)
				}
				limit := fmt.Sprintf("remount,size=%d", (int64(used.Blocks-used.Bfree)+int64(room))*used.Bsize)
				if resource == "nr_inodes" {
					limit = fmt.Sprintf("remount,nr_inodes=%d", int64(used.Files-used.Ffree)+int64(room))
				}
				if err := mount(limit); err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s with store %q, %s for %d more", change.name, s.store, resource, room)
				failed := s.fails(what, c, syscall.ENOSPC)
				if err := mount("remount,size=64M,nr_inodes=100000"); err != nil {
					t.Fatal(err)
				}
				if !failed {
					break
				}
				s.run("compile")
				s.whole(what, change.do)
			}
		}
	}
}

// TestLimitedFiles runs each command with a limit on the size of files.
func TestLimitedFiles(t *testing.T) {
	if !everyCase() && !every() {
		t.Skip("make long limits the files")
	}
	s := newCommonProject(t)
	step := 13
	if every() {
		step = 1
	}
	for i, change := range writes {
		for blocks := i % step; ; blocks += step {
			s.begin(t.TempDir(), storeOf(i, append(change.before, change.do)...))
			s.prepare(change.before)
			c := s.does(change.do)
			c.Path, c.Args = "/bin/sh", append([]string{"sh", "-c", fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, blocks)}, c.Args...)
			what := fmt.Sprintf("%s with store %q, files of %d blocks", change.name, s.store, blocks)
			if !s.fails(what, c, syscall.EFBIG) {
				break
			}
			s.run("compile")
			s.whole(what, change.do)
		}
	}
}
