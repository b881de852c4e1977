package compiler

import (
	"math/rand/v2"
	"slices"
	"strings"

	"relayform/compiler/issue"
)

// operation is something that changes a project's disk.
type operation struct {
	name   string
	before []func(*scene) error // earlier operations, all successful
	do     func(*scene) error
}

// scene is a project for operations.
type scene struct {
	*testProject
	shape  shape
	people []person
	env    Env
	warned []string // warnings of a run, in addition to its error
}

func (s *scene) result(r *Result, err error) error {
	if r != nil {
		s.warned = r.Loose
	}
	return err
}

func (s *scene) compile() error { return s.result(Compile(s.project, s.env, Options{})) }

// asked changes the topology, and compiles it.
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
		_, err := Unlock(s.project, s.env, remove)
		return err
	}
}

func collected(s *scene) error {
	_, _, err := Collect(s.project, s.env, false)
	return err
}

// resealed encrypts what is in git again.
func resealed(s *scene) error {
	return s.result(Renew(s.project, s.env, RenewOptions{What: issue.AllDue, Reseal: true}))
}

var allStores = []string{"", "sops", "sealedSecrets"}

// toNextStore switches to the next store.
var toNextStore = asked(func(_ *scene, to *shape) { to.store = allStores[(slices.Index(allStores, to.store)+1)%len(allStores)] })

// readByOthers changes the audience of what is in git.
var readByOthers = asked(func(_ *scene, to *shape) { to.audience = 1 })

// in returns the store for an operation: by its number, and in make crash at random. Unlocking works only with one store, and encrypting
// again with the others.
func (o operation) in(n int, chance bool) string {
	if chance {
		n = rand.IntN(len(allStores))
	}
	switch {
	case strings.Contains(o.name, "unlock"):
		return ""
	case o.name == "encrypt again":
		return allStores[1+n%2]
	}
	return allStores[n%len(allStores)]
}

// operations are all of relayform's changes to a disk.
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
	{"to another store", []func(*scene) error{rotated("")}, toNextStore},
	{"to another store, encrypted", []func(*scene) error{sealedTo(0), rotated("distribute")}, toNextStore},
	{"other audiences", []func(*scene) error{rotated("")}, readByOthers},
	{"encrypt again", []func(*scene) error{rotated(""), rotated("distribute"), rotated("issue")}, resealed},
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
