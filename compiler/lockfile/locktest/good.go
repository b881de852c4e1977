package locktest

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// Good returns lockfiles as relayform writes them, by name.
func Good(t testing.TB) map[string]*lockfile.File { return newMint(t).good() }

func newMint(t testing.TB) *mint { return &mint{TB: t, keys: map[string]crypto.Signer{}} }

func (m *mint) good() map[string]*lockfile.File {
	own, next := m.mesh(topology, 1, began), m.mesh(topology, 2, second)
	corp := m.external("Corp", 1)
	corpNext := m.external("Next", 2)
	anchors := []lockfile.Certificate{corp[0], lockfile.NewCertificate(pki.Root, 1, lockfile.External, 0, m.corporate("Other Root", true, nil))}
	slices.SortFunc(anchors, func(a, b lockfile.Certificate) int { return strings.Compare(a.SHA256, b.SHA256) })
	year := 365 * 24 * time.Hour
	turned := func(phase lockfile.Phase, drainUntil time.Time, aside []lockfile.Certificate, inForce ...lockfile.Certificate) *lockfile.File {
		return newLock(inForce, &lockfile.Rotation{Phase: phase, Since: second, DrainUntil: drainUntil, Aside: slices.Clone(aside)})
	}
	return map[string]*lockfile.File{
		"plain":             newLock(own, nil),
		"distribute":        turned(lockfile.Distribute, time.Time{}, nil, own[0], next[0], own[1], own[2]),
		"distribute again":  turned(lockfile.Distribute, second.Add(year), nil, own[0], next[0], own[1], own[2]),
		"issue":             turned(lockfile.Issue, second.Add(year), own[1:], own[0], next[0], next[1], next[2]),
		"drain":             turned(lockfile.Drain, second.Add(year), own[1:], own[0], next[0], next[1], next[2]),
		"retire":            turned(lockfile.Retire, second.Add(year), own, next...),
		"external":          newLock(corp, nil),
		"adopted":           adopted(corp),
		"anchors":           newLock([]lockfile.Certificate{anchors[0], anchors[1], corp[1], corp[2]}, nil),
		"to external":       turned(lockfile.Issue, second.Add(year), own[1:], own[0], corpNext[0], corpNext[1], corpNext[2]),
		"from external":     turned(lockfile.Issue, second.Add(year), corp[1:], corp[0], next[0], next[1], next[2]),
		"external, retire":  turned(lockfile.Retire, second.Add(year), corp, corpNext...),
		"external, shared":  turned(lockfile.Issue, second.Add(year), corp[1:], corp[0], m.reissued(corp[0]), older(corp[1]), older(corp[2])),
		"the root signs":    newLock([]lockfile.Certificate{corp[0], lockfile.NewCertificate(pki.Signing, 1, lockfile.External, 0, corp[0].Chain[0]), corp[2]}, nil),
		"names nobody sees": newLock(m.external("Corp\n- role: root\r\t\x00\x1b[31m\u202e\u200b\u00a0\ufeff\ufffd\u3164 # ", 1), nil),
		"server not by own": newLock([]lockfile.Certificate{own[0], own[1], m.foreignServer(own[0])}, nil),
	}
}

// reissued returns the next generation of an anchor's certificate, for the same key.
func (m *mint) reissued(c lockfile.Certificate) lockfile.Certificate {
	t := *c.Chain[0]
	t.NotAfter = t.NotAfter.AddDate(1, 0, 0)
	return lockfile.NewCertificate(c.Role, c.Generation+1, c.Source, 0, m.sign(&t, nil))
}

// older returns the same certificate, imported again.
func older(c lockfile.Certificate) lockfile.Certificate {
	c.Generation++
	return c
}

// foreignServer returns a server certificate that someone else issued with relayform's root.
func (m *mint) foreignServer(root lockfile.Certificate) lockfile.Certificate {
	return lockfile.NewCertificate(pki.Server, 2, lockfile.External, 0, m.corporate("relay.example.com", false, root.Chain[0]))
}

func newLock(entries []lockfile.Certificate, rotation *lockfile.Rotation) *lockfile.File {
	return &lockfile.File{
		Topology: topology, Certificates: slices.Clone(entries), Rotation: rotation,
		Token: &lockfile.Token{Generation: 1, SHA256: strings.Repeat("5c", 32)},
	}
}
