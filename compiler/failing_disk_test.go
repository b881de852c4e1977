package compiler

import (
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

// operation is something that changes a project's disk.
type operation struct {
	name   string
	before []func(*scene) error // what was done earlier, each a success
	do     func(*scene) error
}

// scene is a project on which operations are done.
type scene struct {
	*testProject
	shape  shape
	people []person
	env    Env
	warned []string // what a run said beside its error
}

func (s *scene) result(r *Result, err error) error {
	if r != nil {
		s.warned = r.Loose
	}
	return err
}

func (s *scene) compile() error { return s.result(Compile(s.project, s.env, Options{})) }

// asked writes the topology in another shape, and compiles it.
func asked(change func(*scene, *shape)) func(*scene) error {
	return func(s *scene) error {
		s.shape = s.shape.with(func(to *shape) { change(s, to) })
		s.write("topology.yaml", s.shape.text())
		return s.compile()
	}
}

func rotated(phase string) func(*scene) error {
	return asked(func(_ *scene, to *shape) { to.rotation = phase })
}

func sealedTo(people ...int) func(*scene) error {
	return asked(func(s *scene, to *shape) {
		to.sealedTo = nil
		for _, i := range people {
			to.sealedTo = append(to.sealedTo, s.people[i])
		}
	})
}

func renewed(what string) func(*scene) error {
	return func(s *scene) error { return s.result(Renew(s.project, s.env, RenewOptions{What: what})) }
}

func unlocked(remove bool) func(*scene) error {
	return func(s *scene) error {
		_, _, err := Unlock(s.project, s.env, remove)
		return err
	}
}

func collected(s *scene) error {
	_, _, err := Collect(s.project, s.env, false)
	return err
}

// operations are all that relayform does to a disk.
var operations = []operation{
	{"first compile", nil, rotated("")},
	{"compile after a change", []func(*scene) error{rotated("")}, asked(func(_ *scene, to *shape) {
		to.port, to.label, to.remotes, to.authority = 1, "other", []string{"two", "three"}, "relay.example.com"
	})},
	{"renew server", []func(*scene) error{rotated("")}, renewed("server")},
	{"renew signing", []func(*scene) error{rotated("")}, renewed("signing")},
	{"renew token", []func(*scene) error{rotated("")}, renewed("token")},
	{"distribute", []func(*scene) error{rotated("")}, rotated("distribute")},
	{"issue", []func(*scene) error{rotated(""), rotated("distribute")}, rotated("issue")},
	{"back to distribute", []func(*scene) error{rotated(""), rotated("distribute"), rotated("issue")}, rotated("distribute")},
	{"retire", []func(*scene) error{rotated(""), rotated("distribute"), rotated("issue"), rotated("drain")}, rotated("retire, agentsReissued: true")},
	{"end of a rotation", []func(*scene) error{rotated(""), rotated("distribute"), rotated("issue"), rotated("drain"), rotated("retire, agentsReissued: true")}, rotated("")},
	{"first compile encrypted", nil, sealedTo(0)},
	{"encrypt", []func(*scene) error{rotated("")}, sealedTo(0)},
	{"a recipient leaves", []func(*scene) error{sealedTo(0, 1)}, sealedTo(0)},
	{"recipients change while unlocked", []func(*scene) error{sealedTo(0), unlocked(false)}, sealedTo(1)},
	{"decrypt", []func(*scene) error{sealedTo(0), unlocked(false)}, sealedTo()},
	{"renew while unlocked", []func(*scene) error{sealedTo(0), unlocked(false)}, renewed("server")},
	{"unlock", []func(*scene) error{sealedTo(0)}, unlocked(false)},
	{"unlock after a renewal", []func(*scene) error{sealedTo(0), unlocked(false), renewed("server")}, unlocked(false)},
	{"unlock --remove", []func(*scene) error{sealedTo(0), unlocked(false)}, unlocked(true)},
	{"gc", []func(*scene) error{rotated(""), renewed("server"), renewed("token")}, collected},
	{"gc encrypted", []func(*scene) error{sealedTo(0), renewed("signing")}, collected},
}

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
	s.opens = keyring{identitiesOf(t, "management", "remotes", "edge"), controllerKeys(t, "mgmt", "fleet", "edge")}
	if err := bringSealing(filepath.Dir(s.project.Topology)); err != nil {
		t.Fatal(err)
	}
	s.env = s.testProject.env()
	return s
}

// copy is the scene in a folder of its own.
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
// next run finishes the work. Only make crash takes the time for all of them; else each way meets every
// 149th change.
func TestFailingDisk(t *testing.T) {
	failed, stride := 0, 149
	if os.Getenv("RELAYFORM_KILLS") != "" {
		stride = 1
	}
	for n, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			ready := newScene(t)
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

// fails does the operation on a disk in trouble, and what comes after; false where it came to no trouble.
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

// TestFullDisk compiles on a real file system that is too small, and again when it has been made
// larger.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=20k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", out)
	}
	defer func() { _ = exec.Command("umount", "-l", dir).Run() }()
	s := newTestProject(t)
	s.project = project.New(filepath.Join(dir, "topology.yaml"), "", "")
	_, err := s.try(own(""), Options{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("got %v, want no space left on device", err)
	}
	if _, err := s.sound(nil, nil); err != nil {
		t.Error(err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=10M", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.compile(own(""))
	r, err := s.try(own(""), Options{Locked: true, Check: true})
	if err != nil || !r.Changes.None() {
		t.Errorf("something is left to do: %v", err)
	}
}
