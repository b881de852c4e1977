package compiler

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/project"
)

// TestUnchangedCompileNeedsNoHold compiles while another run holds the project, and checks the time of each file and folder: nothing is
// created, replaced or removed, not even for a moment.
func TestUnchangedCompileNeedsNoHold(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	everywhere := func(do func(path string, info fs.FileInfo)) {
		err := filepath.WalkDir(filepath.Dir(s.project.Topology), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			do(path, info)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	everywhere(func(path string, _ fs.FileInfo) {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	everywhere(func(path string, info fs.FileInfo) {
		if !info.ModTime().Equal(long) {
			t.Errorf("%s was touched", path)
		}
	})
	held := s.project.Lock + ".held"
	if err := os.WriteFile(held, nil, 0o644); err != nil { // as a killed holder leaves it
		t.Fatal(err)
	}
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(held); err == nil {
		t.Errorf("%s is left over", held)
	}
	release, err := project.TakeHold(s.project.Lock, "process 4711")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Errorf("unchanged, while another holds the project: %v", err)
	}
	if _, err := os.Stat(held); err != nil {
		t.Errorf("what another holds was taken away: %v", err)
	}
	s.write("topology.yaml", []byte(strings.Replace(string(read(t, s.project.Topology)), "31443", "31444", 1)))
	if _, err := Compile(s.project, s.env(), Options{}); err == nil || !strings.Contains(err.Error(), "held by process 4711") || strings.Contains(err.Error(), "write") {
		t.Errorf("changed, while another holds the project: %v", err)
	}
}

// TestStaleRunIsRepeated changes the project after a run has read it and before its first change: it reads again, with the hold acquired.
func TestStaleRunIsRepeated(t *testing.T) {
	for name, other := range map[string]func(*testProject){
		"nothing":  func(*testProject) {},
		"lockfile": func(s *testProject) { s.renewServer() },
		"build": func(s *testProject) {
			s.write("topology.yaml", []byte(strings.Replace(string(read(s, s.project.Topology)), "31443", "31444", 1)))
			if _, err := Compile(s.project, s.env(), Options{}); err != nil {
				s.Fatal(err)
			}
		},
	} {
		s := newTestProject(t)
		s.compile(own(""))
		c := &compile{project: s.project, env: s.env()}
		runs, changes := 0, 0
		_, err := c.exclusively(func() (*Result, error) {
			if runs++; runs == 1 {
				other(s)
			} else if _, err := project.TakeHold(s.project.Lock, "a test"); err == nil {
				t.Errorf("%s: read again without the hold", name)
			}
			return nil, c.disk("write", "a file", func() error { changes++; return nil })
		})
		if err != nil || changes != 1 {
			t.Errorf("%s: %d changes: %v", name, changes, err)
		}
		if again := runs == 2; again != (name != "nothing") {
			t.Errorf("%s: %d runs", name, runs)
		}
		release, err := project.TakeHold(s.project.Lock, "a test")
		if err != nil {
			t.Fatalf("%s: not released: %v", name, err)
		}
		release()
	}
}

// renewServer changes the lockfile, as another run would.
func (s *testProject) renewServer() {
	if _, err := Renew(s.project, s.env(), RenewOptions{What: "server"}); err != nil {
		s.Fatal(err)
	}
}
