package lockfile

import (
	"slices"

	"relayform/compiler/pki"
)

// Optional reports whether a topology may begin to ask for a role at any time, and ask for it no more: a lockfile may lack it in
// every phase, and its generations may begin again.
func Optional(role pki.Role) bool { return role == pki.Telemetry }

// For is the lock without certificates of optional roles that nobody asks for, in force or set aside.
func (l *File) For(asks func(pki.Role) bool) *File {
	left := func(c Certificate) bool { return Optional(c.Role) && !asks(c.Role) }
	if !slices.ContainsFunc(l.Every(), left) {
		return l
	}
	next := *l
	next.Certificates = slices.DeleteFunc(slices.Clone(l.Certificates), left)
	if l.Rotation != nil {
		r := *l.Rotation
		r.Aside = slices.DeleteFunc(slices.Clone(r.Aside), left)
		next.Rotation = &r
	}
	return &next
}
