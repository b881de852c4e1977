package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/project"
)

// TestAddressIsWrittenWhole writes an address into a topology while each change fails in turn: the file is entirely old or new, and no
// temporary files remain, not even of a killed write.
func TestAddressIsWrittenWhole(t *testing.T) {
	const address = "203.0.113.8:443"
	failure := errors.New("no")
	for at := 0; ; at++ {
		s := newTestProject(t)
		s.compile(own(""))
		before := string(read(t, s.project.Topology))
		n, env := 0, s.env()
		env.Disk = func(op, path string, change func() error) error {
			if n++; n-1 == at {
				return failure
			}
			return unflushed(op, path, change)
		}
		changed, err := SetRelayAddress(s.project, env, address)
		now := string(read(t, s.project.Topology))
		if isNew := strings.Contains(now, address); !isNew && now != before || err == nil && !(changed && isNew) {
			t.Errorf("change %d: %v: the topology is\n%s", at, err, now)
		}
		s.write(".topology.yaml.relayform-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp", []byte("killed")) // as a killed run leaves it
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatal(err)
		}
		for name := range s.all() {
			if strings.Contains(name, "tmp") || strings.HasSuffix(name, ".held") {
				t.Errorf("change %d: %s is left over", at, name)
			}
		}
		if err == nil {
			if at < 4 {
				t.Errorf("only %d changes are counted", at)
			}
			return
		}
		if !errors.Is(err, failure) {
			t.Errorf("change %d: %v", at, err)
		}
	}
}

// TestAddressWaitsForOthers writes an address while another run holds the project: nothing changes. If the topology has the address
// already, nothing is held, created or replaced.
func TestAddressWaitsForOthers(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	before, err := os.Stat(s.project.Topology)
	if err != nil {
		t.Fatal(err)
	}
	release, err := project.TakeHold(s.project.Lock, "process 4711")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := SetRelayAddress(s.project, s.env(), "203.0.113.8:443"); err == nil || !strings.Contains(err.Error(), "held by process 4711") {
		t.Errorf("got %v", err)
	}
	if changed, err := SetRelayAddress(s.project, s.env(), "203.0.113.7:31443"); changed || err != nil {
		t.Errorf("the same address: %v, %v", changed, err)
	}
	if now, err := os.Stat(s.project.Topology); err != nil || !os.SameFile(before, now) || !now.ModTime().Equal(before.ModTime()) {
		t.Errorf("%s was replaced: %v", filepath.Base(s.project.Topology), err)
	}
}
