package lockfile

import (
	"slices"
	"time"

	"relayform/compiler/pki"
)

// Phase is a phase of a root rotation; empty for none.
type Phase string

// The phases, in order. All clusters must be within one phase of each other.
const (
	Distribute Phase = "distribute" // the new root is added to every bundle
	Issue      Phase = "issue"      // server certificate and signing CA come from the new root
	Drain      Phase = "drain"      // agents get certificates under it
	Retire     Phase = "retire"     // the old root is removed from every bundle
)

// Phases lists every phase, in order.
var Phases = []Phase{Distribute, Issue, Drain, Retire}

// Circle lists the phases of a complete rotation, from none to none.
var Circle = slices.Concat([]Phase{""}, Phases, []Phase{""})

// Adjacent reports whether one phase may follow another: the next one, or the previous one. Clusters may be one phase apart.
func Adjacent(from, to Phase) bool {
	for i := range Circle[1:] {
		a, b := Circle[i], Circle[i+1]
		// From no rotation only distribute can follow: a retired root is gone.
		if from == a && to == b || from == b && to == a && a != Retire {
			return true
		}
	}
	return false
}

// Rotation is the progress of a root rotation.
type Rotation struct {
	Phase Phase
	Since time.Time // when the phase was first compiled
	// DrainUntil is how long agents may have certificates under the root that no longer signs; zero if the signing CA never changed.
	DrainUntil     time.Time
	AgentsReissued bool // as stated in the topology
	// Aside is what a rollback needs and no cluster contains.
	Aside []Certificate
}

// Phase returns the phase of the rotation, or empty. A nil File has none.
func (l *File) Phase() Phase {
	if l == nil || l.Rotation == nil {
		return ""
	}
	return l.Rotation.Phase
}

// Issuer returns the root that signs what relayform issues, or nil. While the next root is being distributed it is still the old one.
func (l *File) Issuer() *Certificate {
	roots := l.All(pki.Root)
	if len(roots) > 0 && l.Phase() == Distribute {
		return &roots[0]
	}
	return l.Newest(pki.Root)
}

// Anchors returns the roots of the generation that the topology asks for. It is empty while the next root does not exist yet.
func (l *File) Anchors() []Certificate {
	roots := l.All(pki.Root)
	if len(roots) == 0 || l.Phase() == Distribute && roots[0].Generation == roots[len(roots)-1].Generation {
		return nil
	}
	return slices.DeleteFunc(roots, func(c Certificate) bool { return c.Generation != roots[len(roots)-1].Generation })
}

// Turn returns a copy at an adjacent phase, or without a rotation. What the new phase does not use is set aside, and what it uses again is
// restored; what is missing must be issued.
func (l *File) Turn(to Phase, now time.Time) *File {
	next := &File{Topology: l.Topology, Token: l.Token, Certificates: slices.Clone(l.Certificates), Requests: l.Requests, Sealed: l.Sealed}
	if to == "" {
		if l.Phase() == Distribute { // rolled back: the next root is dropped
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

// drop removes entries.
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

// NextGeneration returns the generation after a role's newest certificate, including those set aside.
func (l *File) NextGeneration(role pki.Role) int {
	newest := 0
	for _, c := range l.Every() {
		if c.Role == role {
			newest = max(newest, c.Generation)
		}
	}
	return newest + 1
}

// Every returns every certificate: those in use, then those set aside. A nil File has none.
func (l *File) Every() []Certificate {
	if l == nil {
		return nil
	}
	if l.Rotation == nil {
		return l.Certificates
	}
	return slices.Concat(l.Certificates, l.Rotation.Aside)
}
