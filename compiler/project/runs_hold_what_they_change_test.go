package project_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"relayform/compiler/project"
)

var errDisk = errors.New("the disk is broken")

// free reports whether another process may change the project.
func free(p project.Project) bool {
	h, err := project.Acquire(p, "another")
	h.Release()
	return err == nil
}

// TestNothingIsChangedWithoutTheHold makes changes through a hold: while another run has it, none is made, and errors of the disk are
// returned.
func TestNothingIsChangedWithoutTheHold(t *testing.T) {
	p := newProject(t)
	other, err := project.Acquire(p, "another")
	if err != nil {
		t.Fatal(err)
	}
	made := false
	change := func() error { made = true; return nil }
	_, err = project.WithHold(p, "a test", func(h *project.Hold) (int, error) { return 1, h.Disk(nil)("write", p.Lock, change) })
	if err == nil || !strings.Contains(err.Error(), "held by another") || made {
		t.Errorf("held by another: made %v: %v", made, err)
	}
	other.Release()
	got, err := project.WithHold(p, "a test", func(h *project.Hold) (int, error) {
		err := h.Disk(nil)("write", p.Lock, change)
		if free(p) {
			t.Error("another run may change it at the same time")
		}
		return 7, err
	})
	if got != 7 || err != nil || !made || !free(p) {
		t.Errorf("got %d, made %v, free afterwards %v: %v", got, made, free(p), err)
	}
	for name, disk := range map[string]func(string, string, func() error) error{"that fails": func(string, string, func() error) error { return errDisk }, "": func(_, _ string, change func() error) error { return change() }} {
		made = false
		_, err = project.WithHold(p, "a test", func(h *project.Hold) (int, error) { return 0, h.Disk(disk)("write", p.Lock, change) })
		if fails := name != ""; errors.Is(err, errDisk) != fails || made == fails {
			t.Errorf("a disk %s: made %v: %v", name, made, err)
		}
	}
}

// TestARunThatReadWhatIsOldRunsAgain has another run change the lockfile, the topology or the build folder between reading and the first
// change: the run starts again, with the project held from the beginning.
func TestARunThatReadWhatIsOldRunsAgain(t *testing.T) {
	for name, between := range map[string]func(p project.Project){
		"nobody came": func(project.Project) {},
		"a lockfile":  func(p project.Project) { write(t, p.Lock, "new") },
		"ciphertext":  func(p project.Project) { write(t, p.Sealed, "new") },
		"a topology":  func(p project.Project) { write(t, p.Topology, "another") },
		"the build":   func(p project.Project) { write(t, p.Build+"/.relayform", "new") },
		"it is gone":  func(p project.Project) { _ = os.Remove(p.Topology) },
	} {
		p := newProject(t)
		runs := 0
		got, err := project.WithHold(p, "a test", func(h *project.Hold) (int, error) {
			if runs++; runs == 1 {
				between(p)
			} else if free(p) {
				t.Errorf("%s: it reads again, and does not hold the project", name)
			}
			return runs, h.Take()
		})
		if want := 2; (got != want || runs != want) && name != "nobody came" || name == "nobody came" && runs != 1 || err != nil || !free(p) {
			t.Errorf("%s: %d runs, got %d, free %v: %v", name, runs, got, free(p), err)
		}
	}
	p := newProject(t)
	if _, err := project.WithHold(p, "a test", func(*project.Hold) (int, error) { return 0, errDisk }); !errors.Is(err, errDisk) || !free(p) {
		t.Errorf("a run that fails before it changes anything: %v", err)
	}
}
