package locktest

import (
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// shapes are entries that a phase does not permit, or lacks.
var shapes = []tampering{
	{"a second root, of the next generation", "plain", add(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 2, nil, began) }), nil, "certificates[3].generation", "a second generation of roots; where no root is being rotated only one may be in force"},
	{"a second root, of the same generation", "plain", add(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 1, nil, began) }), nil, "certificates[3].generation", "a second root of generation 1"},
	{"an anchor beside the root", "plain", add(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.external("Corp", 1)[0] }), nil, "certificates[3].generation", "a second root of generation 1"},
	{"a root beside an anchor", "external", add(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 1, nil, began) }), nil, "certificates[3].generation", "a second root of generation 1"},
	{"an anchor of the next generation", "external", add(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.external("Next", 2)[0] }), nil, "certificates[3].generation", "a second generation of roots"},
	{"the root twice", "plain", add(func(_ *mint, l *lockfile.File) lockfile.Certificate { return l.Certificates[0] }), nil, "certificates[3].sha256", "the certificate is here a second time; the first is certificates[0]"},
	{"an anchor twice, of two generations", "external", add(func(_ *mint, l *lockfile.File) lockfile.Certificate { return older(l.Certificates[0]) }), nil, "certificates[3].sha256", "the certificate is here a second time"},
	{"a second signing CA", "plain", add(func(m *mint, l *lockfile.File) lockfile.Certificate {
		return m.own(topology, pki.Signing, 2, &l.Certificates[0], began)
	}), nil, "certificates[3].role", "a second signing, beside certificates[1]"},
	{"a second server", "plain", add(func(m *mint, l *lockfile.File) lockfile.Certificate {
		return m.own(topology, pki.Server, 1, &l.Certificates[0], began)
	}), nil, "certificates[3].role", "a second server, beside certificates[2]"},
	{"no root", "plain", drop(0), nil, "certificates", "no entry has the role root"},
	{"no signing CA", "plain", drop(1), nil, "certificates", "no entry has the role signing"},
	{"no server", "plain", drop(2), nil, "certificates", "no entry has the role server"},
	{"no certificate", "plain", func(_ *mint, l *lockfile.File) { l.Certificates = nil }, nil, "certificates", "no entry has the role root"},
	{"no token", "plain", func(_ *mint, l *lockfile.File) { l.Token = nil }, nil, "token", "missing; relayform writes a token"},
	{"a short token", "plain", nil, replace(strings.Repeat("5c", 32), strings.Repeat("5c", 31)), "token.sha256", "64 hexadecimal digits"},
	{"a token in capitals", "plain", nil, replace(strings.Repeat("5c", 32), strings.Repeat("5C", 32)), "token.sha256", "64 hexadecimal digits"},
	{"generation 0", "plain", nil, in(0, line("generation", "0")), "certificates[0].generation", "want a count from 1"},
	{"a token of generation -1", "plain", nil, replace("token:\n  generation: 1", "token:\n  generation: -1"), "token.generation", "want a count from 1"},
	{"another phase", "drain", phase("over"), nil, "rotation.phase", "distribute"},
	{"a rotation that is gone in distribute", "distribute", noRotation, nil, "certificates[1].generation", "a second generation of roots"},
	{"a rotation that is gone in drain", "drain", noRotation, nil, "certificates[1].generation", "a second generation of roots"},
	{"a rotation from nowhere", "plain", rotation("distribute"), nil, "rotation.phase", "in the phase distribute two generations of roots are in force, and here is one"},
	{"a drain from nowhere", "plain", rotation("drain"), nil, "rotation.aside", "no entry has the role signing; in the phase drain one is set aside"},
	{"issue for distribute", "distribute again", phase("issue"), nil, "rotation.aside", "no entry has the role signing; in the phase"},
	{"distribute for issue", "issue", phase("distribute"), nil, "rotation.aside", "in the phase distribute nothing is set aside"},
	{"retire for drain", "drain", phase("retire"), nil, "rotation.aside", "no entry has the role root; in the phase retire one is set aside"},
	{"drain for retire", "retire", phase("drain"), nil, "rotation.phase", "in the phase drain two generations of roots are in force, and here is one"},
	{"three roots in distribute", "distribute", add(func(m *mint, _ *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 3, nil, second) }), nil, "certificates[4].generation", "a third generation of roots; in the phase distribute only two"},
	{"two roots in retire", "retire", add(func(m *mint, _ *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 3, nil, second) }), nil, "certificates[3].generation", "a second generation of roots; in the phase retire only one"},
	{"a gap in distribute", "distribute", func(m *mint, l *lockfile.File) { l.Certificates[1] = m.own(topology, pki.Root, 3, nil, second) }, nil, "certificates[1].generation", "want 2, the one after certificates[0]"},
	{"a gap in drain", "to external", nil, in(1, line("generation", "9")), "certificates[1].generation", "want 2, the one after certificates[0]"},
	{"a gap in retire", "external, retire", nil, in(0, line("generation", "5")), "certificates[0].generation", "want 2, the one after rotation.aside[0]"},
	{"a root aside in drain", "drain", aside(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 3, nil, second) }), nil, "rotation.aside[2].role", "in the phase drain no root is set aside"},
	{"a root aside in distribute", "distribute", aside(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 3, nil, second) }), nil, "rotation.aside", "in the phase distribute nothing is set aside"},
	{"no root aside in retire", "retire", dropAside(0), nil, "rotation.aside", "no entry has the role root; in the phase retire one is set aside"},
	{"two roots aside in retire", "retire", aside(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 3, nil, second) }), nil, "rotation.aside[3].generation", "one generation of roots is set aside, and this is a second"},
	{"two roots of one generation aside", "retire", aside(func(m *mint, l *lockfile.File) lockfile.Certificate { return m.own(topology, pki.Root, 1, nil, second) }), nil, "rotation.aside[3].generation", "a second root of generation 1"},
	{"no server aside in issue", "issue", dropAside(1), nil, "rotation.aside", "no entry has the role server; in the phase"},
	{"no signing CA aside in retire", "retire", dropAside(1), nil, "rotation.aside", "no entry has the role signing; in the phase"},
	{"two servers aside", "drain", aside(func(m *mint, l *lockfile.File) lockfile.Certificate {
		return m.own(topology, pki.Server, 1, &l.Certificates[0], began)
	}), nil, "rotation.aside[2].role", "a second server, beside rotation.aside[1]"},
	{"what is aside is as new", "to external", nil, in(5, generation("2")), "rotation.aside[1].subject", "relay server g2"},
	{"what is aside is newer", "from external", nil, in(5, generation("3")), "rotation.aside[1].generation", "want less than the 2 of certificates[3]"},
	{"what is aside is as new as what is in force", "from external", nil, in(4, generation("2")), "rotation.aside[0].generation", "want less than the 2 of certificates[2]"},
}

func generation(n string) func(*mint, string) string { return line("generation", n) }

// add adds an entry to those in use.
func add(c func(m *mint, l *lockfile.File) lockfile.Certificate) func(*mint, *lockfile.File) {
	return func(m *mint, l *lockfile.File) { l.Certificates = append(l.Certificates, c(m, l)) }
}

func aside(c func(m *mint, l *lockfile.File) lockfile.Certificate) func(*mint, *lockfile.File) {
	return func(m *mint, l *lockfile.File) { l.Rotation.Aside = append(l.Rotation.Aside, c(m, l)) }
}

func drop(entry int) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) { l.Certificates = slices.Delete(l.Certificates, entry, entry+1) }
}

func dropAside(entry int) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) { l.Rotation.Aside = slices.Delete(l.Rotation.Aside, entry, entry+1) }
}

func noRotation(_ *mint, l *lockfile.File) { l.Rotation = nil }

func phase(p lockfile.Phase) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) { l.Rotation.Phase = p }
}

func rotation(p lockfile.Phase) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) {
		l.Rotation = &lockfile.Rotation{Phase: p, Since: second, DrainUntil: second.AddDate(2, 0, 0)}
	}
}
