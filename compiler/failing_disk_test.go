package compiler

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/project"
)

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{testProject: newTestProject(t), shape: shape{remotes: []string{"one", "two"}, label: "gold"}}
	for _, name := range []string{"ada", "bob", "eve"} {
		p, err := newPerson(name)
		if err != nil {
			t.Fatal(err)
		}
		s.people = append(s.people, p)
		s.ring.Identities = append(s.ring.Identities, p.identity+"\n"...)
	}
	s.openAsClusters()
	s.env = s.testProject.env()
	return s
}

// copy copies the scene to a new folder.
func (s *scene) copy(t *testing.T) *scene {
	t.Helper()
	c, own := *s, *s.testProject
	c.testProject = &own
	own.TB = t
	dir := filepath.Join(t.TempDir(), "copy")
	if err := copyTree(filepath.Dir(s.project.Topology), dir); err != nil {
		t.Fatal(err)
	}
	own.project = project.New(filepath.Join(dir, "topology.yaml"), "", "")
	return &c
}

// ways are the ways in which a change fails.
var ways = []trouble{{}, {torn: true}, {late: true}, {once: true}, {once: true, torn: true}, {once: true, late: true}}

// TestFailingDisk lets every single change of every operation fail, on a disk that stays broken and on
// one that fails once, in each of three ways: nothing is lost, the error says what and where, and the
// next run finishes the work. Only make crash takes the time for all of them; each way meets every
// 449th change otherwise, and in make long every 149th.
func TestFailingDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	t.Parallel()
	failed, stride := 0, 449
	switch {
	case os.Getenv("RELAYFORM_KILLS") != "":
		stride = 1
	case everyCase():
		stride = 149
	}
	for n, o := range operations {
		if !everyCase() && n%5 > 0 {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			ready := newScene(t)
			ready.shape.store = o.in(n, stride == 1)
			t.Logf("with the store %s", cmp.Or(ready.shape.store, "local"))
			for _, do := range o.before {
				if err := do(ready); err != nil {
					t.Fatal(err)
				}
			}
			for mode, way := range ways {
				for at := (n*5 + mode*7) % stride; ; at += stride {
					way.at, way.err = at, diskErrors[at%len(diskErrors)]
					if !o.fails(t, ready.copy(t), way) {
						break
					}
					failed++
				}
			}
		})
	}
	t.Logf("%d failures", failed)
}

// fails runs the operation on a failing disk, and then what follows; false if no failure occurred.
func (o operation) fails(t *testing.T, s *scene, way trouble) bool {
	t.Helper()
	before, err := s.private()
	if err != nil {
		t.Fatal(err)
	}
	disk := &broken{trouble: way}
	s.env.Disk = disk.do
	err = o.do(s)
	if disk.failed() == "" {
		if err != nil {
			t.Fatalf("nothing failed: %v", err)
		}
		return false
	}
	what := fmt.Sprintf("%+v (%s)", way, disk.failed())
	told := strings.Join(s.warned, "\n")
	if err != nil {
		told += err.Error()
	}
	if !strings.Contains(told, way.err.Error()) || !strings.Contains(told, filepath.Dir(s.project.Topology)) {
		t.Errorf("%s: the error does not say what and where: %q", what, told)
	}
	orphan := func(name string) bool { return strings.HasPrefix(o.name, "gc") && s.orphan(name) }
	now, err := s.sound(before, orphan)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	s.env.Disk = unflushed
	if strings.HasPrefix(o.name, "unlock") || strings.HasPrefix(o.name, "gc") {
		if err := o.do(s); err != nil {
			t.Fatalf("%s: once more: %v", what, err)
		}
		if orphans, _, err := Collect(s.project, s.env, true); err != nil || strings.HasPrefix(o.name, "gc") && len(orphans) > 0 {
			t.Errorf("%s: left: %v: %v", what, orphans, err)
		}
	}
	if err := s.compile(); err != nil {
		t.Fatalf("%s: the next compile: %v", what, err)
	}
	if _, err := s.sound(now, orphan); err != nil {
		t.Errorf("%s: after the next compile: %v", what, err)
	}
	if err := s.done(s.shape, s.people); err != nil {
		t.Errorf("%s: after the next compile: %v", what, err)
	}
	return true
}

// orphan reports whether no certificate needs a private file.
func (s *testProject) orphan(name string) bool {
	l, err := s.project.ReadLock(demo)
	if err != nil || name == lockfile.TokenFile(l.Token.SHA256) {
		return false
	}
	for _, c := range l.Every() {
		if name == lockfile.KeyFile(c.SPKI) {
			return false
		}
	}
	return true
}

// TestFullDisk compiles on a real file system that is too small, and again after it was enlarged.
func TestFullDisk(t *testing.T) {
	for _, store := range allStores {
		t.Run(cmp.Or(store, "local"), func(t *testing.T) { filled(t, store) })
	}
}

func filled(t *testing.T, store string) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=20k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", out)
	}
	defer func() { _ = exec.Command("umount", "-l", dir).Run() }()
	s := newScene(t)
	s.project = project.New(filepath.Join(dir, "topology.yaml"), "", "")
	if err := clusterFixtures.Bring(dir); err != nil {
		t.Fatal(err)
	}
	toStore := asked(func(_ *scene, to *shape) { to.store = store })
	if err := toStore(s); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("got %v, want no space left on device", err)
	}
	if _, err := s.sound(nil, nil); err != nil {
		t.Error(err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=10M", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := toStore(s); err != nil {
		t.Fatal(err)
	}
	if err := s.done(s.shape, nil); err != nil {
		t.Error(err)
	}
}
