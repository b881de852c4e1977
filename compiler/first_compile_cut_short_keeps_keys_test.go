package compiler

import (
	"errors"
	"os"
	"strings"
	"testing"

	"relayform/schema/diag"
)

// TestKeysOfACompileThatWasCutShortAreKept interrupts the first compile before its lockfile is written: gc does not treat its keys as
// leftovers. The next compile continues.
func TestKeysOfACompileThatWasCutShortAreKept(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
	env, full := s.env(), errors.New("the disk is full")
	env.Disk = func(op, path string, change func() error) error {
		if op == "rename" && strings.HasSuffix(path, ".lock.yaml") || op == "write" && strings.Contains(path, ".lock.yaml") {
			return full
		}
		return unflushed(op, path, change)
	}
	if _, err := Compile(s.project, env, Options{}); !errors.Is(err, full) {
		t.Fatalf("compiled: %v", err)
	}
	keys := 0
	before := s.all()
	for name := range before {
		if strings.HasSuffix(name, ".key") {
			keys++
		}
		if strings.HasSuffix(name, ".lock.yaml") {
			t.Fatalf("%s is there", name)
		}
	}
	if keys != 3 {
		t.Fatalf("%d keys", keys)
	}
	for _, dry := range []bool{true, false} {
		if orphans, _, err := Collect(s.project, s.env(), dry); err == nil || len(orphans) > 0 || !strings.Contains(err.Error(), "has no certificates, so that every key would seem to be unused") {
			t.Errorf("collected %v: %v", orphans, err)
		}
	}
	s.sameFiles("collected", before)
	s.compile(own(""))
	s.keysAreHere("compiled again")
}

// TestKeysWhoseLockfileWasLostMakeNoNewRoot loses the lockfile and the build folder of a compiled project: only its keys show that there
// was a mesh, and a compile does not create another.
func TestKeysWhoseLockfileWasLostMakeNoNewRoot(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		s := newTestProject(t)
		if sealed {
			s = sealedProject(t)
		} else {
			s.compile(own(""))
		}
		if err := errors.Join(os.Remove(s.project.Lock), os.RemoveAll(s.project.Build)); err != nil {
			t.Fatal(err)
		}
		before := s.all()
		_, err := Compile(s.project, s.env(), Options{})
		var faults diag.List
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != diag.LockMissing || !strings.Contains(faults[0].Message, s.project.Keys+" is here for this topology") {
			t.Errorf("sealed %v: %v", sealed, err)
		}
		s.sameFiles("compiled", before)
	}
}
