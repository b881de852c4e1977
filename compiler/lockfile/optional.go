package lockfile

import (
	"slices"

	"relayform/compiler/pki"
)

// Optional reports whether a topology may start or stop using a role at any time: a lockfile may lack it in every phase, and its
// generations may start again.
func Optional(role pki.Role) bool { return role == pki.Telemetry }

// For returns the lockfile without certificates of optional roles that are not asked for, in use or set aside.
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
