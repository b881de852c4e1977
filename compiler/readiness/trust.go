package readiness

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// The remedy for everything foreign.
const (
	takeOver = "check whether the context reaches the right cluster, and whether the lockfile is this mesh's; to continue from what runs there, adopt it, or rotate from it"
	rubbish  = "find out what it is, and who wrote it, before it is replaced"
)

// Apply reports the reasons against applying the overlays: what is foreign, what cannot be read, and who would be cut off.
func (m *Mesh) Apply() []verify.Finding {
	for _, h := range m.clusters {
		if h.Applied && !h.Unasked {
			m.trust(h)
		}
	}
	m.cutOff()
	return m.told()
}

// trust checks what the overlay of a cluster would replace.
func (m *Mesh) trust(h *held) {
	bundles, chains := []string{m.names.Root}, []string(nil)
	if h.Management {
		bundles, chains = []string{m.names.Root, m.names.Server, m.names.Signing}, []string{m.names.Server, m.names.Signing}
	}
	for _, name := range bundles {
		m.roots(h, h.secret(name))
	}
	known := slices.Concat(m.known, m.former(h.roots))
	for _, name := range chains {
		m.chain(h, h.secret(name), known)
	}
	m.token(h)
	for _, name := range []string{m.names.Root, m.names.Token, m.names.Server, m.names.Signing} {
		s := h.secret(name)
		if s == nil || s != nil && !h.Management && (name == m.names.Server || name == m.names.Signing) {
			continue
		}
		for _, owner := range s.Owners {
			if !slices.Contains(m.makers, owner) {
				m.find(verify.OwnedElsewhere, verify.Warning, h, name, "", "remove the owner first, but keep the Secret: kubectl delete --cascade=orphan", "it belongs to an object of the kind %s, which may write it again, and it is deleted with that object", owner)
			}
		}
	}
}

// roots checks a bundle. One with a root that the lockfile knows is the mesh's own; other certificates in it will be removed.
func (m *Mesh) roots(h *held, s *verify.Secret) {
	if s == nil {
		return
	}
	key := m.names.Keys.CA
	c := m.parse(s.Data[key])
	if c.damaged {
		h.foreign = true
		m.find(verify.Unreadable, verify.Error, h, s.Name, key, rubbish, "it holds something other than a certificate, and apply would replace it")
		return
	}
	strange := missing(c.certs, slices.Concat(m.known, m.former(c.certs)))
	told := h.strange
	h.strange = append(h.strange, strange...)
	switch {
	case len(missing(strange, told)) == 0:
	case len(strange) == len(c.certs):
		h.foreign = true
		m.find(verify.ForeignTrust, verify.Error, h, s.Name, key, takeOver, "this cluster trusts %s, which is not in the lockfile%s", inWords(strange), by(s))
	default:
		m.find(verify.ForeignTrust, verify.Warning, h, s.Name, key, "add it to the topology's anchors if something needs it", "this cluster also trusts %s, which is not in the lockfile, and would be removed", inWords(strange))
	}
}

// by says who manages a Secret, if someone else does.
func by(s *verify.Secret) string {
	if s.ManagedBy == "" || s.ManagedBy == manifest.ManagedBy {
		return ""
	}
	return fmt.Sprintf(" (the Secret's label says that %s manages it)", s.ManagedBy)
}

// chain checks the certificate of the relay server or the signing CA: the lockfile must know it, or a root above it.
func (m *Mesh) chain(h *held, s *verify.Secret, known []*x509.Certificate) {
	if s == nil {
		return
	}
	key := m.names.Keys.Cert
	c := m.parse(s.Data[key])
	switch {
	case c.damaged:
		h.foreign = true
		m.find(verify.Unreadable, verify.Error, h, s.Name, key, rubbish, "it holds something other than a certificate, and apply would replace it")
	case len(c.certs) == 0, leads(c.certs, known) != nil, leads(c.certs, h.strange) != nil: // or a foreign root that is reported already
	case slices.ContainsFunc(m.lock.Every(), func(e lockfile.Certificate) bool { return e.Chain[0].Equal(c.certs[0]) }):
	default:
		h.foreign = true
		what := "the relay server's certificate"
		if s.Name == m.names.Signing {
			what = "the signing CA"
		}
		m.find(verify.ForeignTrust, verify.Error, h, s.Name, key, takeOver, "%s is %s, and neither it nor a root above it is in the lockfile%s", what, verify.Named(c.certs[0]), by(s))
	}
}

// token checks the token. The lockfile knows only the newest; an older one is in a Secret that relayform or its operator created, together
// with one of the mesh's own roots.
func (m *Mesh) token(h *held) {
	s := h.secret(m.names.Token)
	if s == nil || m.lock.Token == nil || h.foreign { // with a foreign root, the token needs no finding of its own
		return
	}
	key := m.names.Keys.Token
	token := s.Data[key]
	ours := s.ManagedBy == manifest.ManagedBy || slices.ContainsFunc(s.Owners, func(owner string) bool { return slices.Contains(m.makers, owner) })
	if len(token) == 0 || lockfile.TokenDigest(token) == m.lock.Token.SHA256 || ours && len(h.roots) > 0 {
		return
	}
	h.foreign = true
	m.find(verify.ForeignTrust, verify.Error, h, s.Name, key, takeOver, "the token differs from the lockfile's, and is not an older one of this mesh%s", by(s))
}

// former returns the certificates of a bundle that are the mesh's own roots but no longer in the lockfile: those of generations before the
// newest and, if the bundle has a known root, that of an abandoned rotation. A single root as new as the newest belongs to a different
// mesh, of a recreated lockfile.
func (m *Mesh) former(certs []*x509.Certificate) []*x509.Certificate {
	newest := m.lock.NextGeneration(pki.Root) - 1
	ours := len(missing(certs, m.known)) < len(certs)
	var all []*x509.Certificate
	for _, c := range missing(certs, m.known) {
		if g := m.generation(c); g > 0 && (g < newest || ours && g > newest) {
			all = append(all, c)
		}
	}
	return all
}

// generation returns the generation of a root that relayform issued for this topology; 0 for others.
func (m *Mesh) generation(c *x509.Certificate) int {
	for word := range strings.FieldsSeq(c.Subject.CommonName) {
		var g int
		if n, err := fmt.Sscanf(word, "g%d", &g); n == 1 && err == nil && g > 0 && pki.FindMisfit(pki.Root, c, m.lock.Topology, g) == nil {
			return g
		}
	}
	return 0
}
