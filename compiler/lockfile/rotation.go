package lockfile

import (
	"slices"
	"time"

	"relayform/compiler/pki"
)

// Phase is a step of a change from one root to the next. The empty one is no change.
type Phase string

// The phases, in order. No cluster may be more than one behind another.
const (
	Distribute Phase = "distribute" // the new root joins every bundle
	Issue      Phase = "issue"      // server and signing CA come from the new root
	Drain      Phase = "drain"      // agents get certificates under it
	Retire     Phase = "retire"     // the old root leaves every bundle
)

// Phases is every phase, in order.
var Phases = []Phase{Distribute, Issue, Drain, Retire}

// Circle is the phases in the order of a whole rotation, from none to none.
var Circle = slices.Concat([]Phase{""}, Phases, []Phase{""})

// Adjacent reports whether one phase may follow another: the next one, or the one before. Clusters may be one phase
// apart.
func Adjacent(from, to Phase) bool {
	for i := range Circle[1:] {
		a, b := Circle[i], Circle[i+1]
		// From none the only way leads to distribute: the root that retired is gone.
		if from == a && to == b || from == b && to == a && a != Retire {
			return true
		}
	}
	return false
}

// Rotation is how far the change from one root to the next has come.
type Rotation struct {
	Phase Phase
	Since time.Time // when the phase was compiled first
	// DrainUntil is until when agents may hold certificates under the root that does not sign any
	// more; zero where the signing CA was never changed.
	DrainUntil     time.Time
	AgentsReissued bool // what the topology stated
	// Aside is what the way back needs and no cluster has.
	Aside []Certificate
}

// Phase is that of the rotation, empty where there is none. A nil lock has none.
func (l *File) Phase() Phase {
	if l == nil || l.Rotation == nil {
		return ""
	}
	return l.Rotation.Phase
}

// Issuer is the root that signs what relayform issues, or nil. While the next root is being
// distributed it is still the old one.
func (l *File) Issuer() *Certificate {
	roots := l.All(pki.Root)
	if len(roots) > 0 && l.Phase() == Distribute {
		return &roots[0]
	}
	return l.Newest(pki.Root)
}

// Anchors are the roots of one generation: those that the topology asks for. They are empty while
// the next root is still to be made.
func (l *File) Anchors() []Certificate {
	roots := l.All(pki.Root)
	if len(roots) == 0 || l.Phase() == Distribute && roots[0].Generation == roots[len(roots)-1].Generation {
		return nil
	}
	return slices.DeleteFunc(roots, func(c Certificate) bool { return c.Generation != roots[len(roots)-1].Generation })
}

// Turn is a copy of the lock at a phase next to its own, or with no rotation. What the new phase has
// no place for is set aside, and what it needs again comes back; what is still lacking is to be
// issued.
func (l *File) Turn(to Phase, now time.Time) *File {
	next := &File{Topology: l.Topology, Token: l.Token, Certificates: slices.Clone(l.Certificates), Requests: l.Requests, Sealed: l.Sealed}
	if to == "" {
		if l.Phase() == Distribute { // back: the next root is dropped
			old := l.Issuer().Generation
			next.drop(func(c Certificate) bool { return c.Role == pki.Root && c.Generation != old })
		}
		next.keep(l.Adopted)
		next.keepAgents(l.Agents)
		return next
	}
	r := Rotation{}
	if l.Rotation != nil {
		r = *l.Rotation
	}
	from := r.Phase
	r.Phase, r.Since, r.AgentsReissued = to, now.UTC().Truncate(time.Second), false
	next.Rotation = &r
	below := func(c Certificate) bool { return c.Role != pki.Root }
	newest := 0
	if root := l.Newest(pki.Root); root != nil {
		newest = root.Generation
	}
	switch {
	case from == Distribute && to == Issue:
		r.Aside = next.drop(below)
	case from == Issue && to == Distribute:
		next.drop(below)
		next.Certificates, r.Aside = append(next.Certificates, r.Aside...), nil
	case to == Retire:
		r.Aside = slices.Concat(r.Aside, next.drop(func(c Certificate) bool { return c.Role == pki.Root && c.Generation != newest }))
	case from == Retire:
		next.Certificates = slices.Concat(next.Certificates, slices.DeleteFunc(slices.Clone(r.Aside), below))
		r.Aside = slices.DeleteFunc(slices.Clone(r.Aside), func(c Certificate) bool { return !below(c) })
	}
	sortEntries(next.Certificates)
	sortEntries(r.Aside)
	next.keep(l.Adopted)
	next.keepAgents(l.Agents)
	return next
}

// drop takes entries out.
func (l *File) drop(which func(Certificate) bool) (dropped []Certificate) {
	var kept []Certificate
	for _, c := range l.Certificates {
		if which(c) {
			dropped = append(dropped, c)
		} else {
			kept = append(kept, c)
		}
	}
	l.Certificates = kept
	return dropped
}

// NextGeneration counts on from the newest certificate of a role, those set aside among them.
func (l *File) NextGeneration(role pki.Role) int {
	newest := 0
	for _, c := range l.Every() {
		if c.Role == role {
			newest = max(newest, c.Generation)
		}
	}
	return newest + 1
}

// Every is every certificate: those in force, then those set aside. A nil lock has none.
func (l *File) Every() []Certificate {
	if l == nil {
		return nil
	}
	if l.Rotation == nil {
		return l.Certificates
	}
	return slices.Concat(l.Certificates, l.Rotation.Aside)
}
