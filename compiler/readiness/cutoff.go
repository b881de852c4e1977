package readiness

import (
	"crypto/x509"
	"slices"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// Remedies, by where the fault is.
const (
	trustFirst   = "first apply the phase distribute in every cluster, and restart what reads the roots; if no rotation is under way, start one"
	serverFirst  = "first apply the management cluster"
	reissueFirst = "wait until it has expired, or have the agent request a new one: once the relay server has the current signing CA, delete the Secret and restart the agent"
	drainFirst   = "first apply the phase drain there, and restart the agent"
	askFirst     = "apply once the cluster answers and its Secrets can be read; or remove it from the topology"
)

// cutOff reports agents that are connected now and would lose the connection, during the change or after it: the management cluster is
// applied first, and remotes after it, at any later time.
func (m *Mesh) cutOff() {
	s := m.management
	if s != nil && s.foreign {
		return // already reported
	}
	moves := false
	if s != nil && s.Applied && !s.Unasked {
		m.signingLeaves(s)
		moves = m.serverMoves(s)
	}
	for _, h := range m.clusters {
		if !h.Agent || h.foreign {
			continue
		}
		if moves {
			m.serverChanges(s, h)
		}
		if s != nil && s.Applied && !s.Unasked {
			m.certificateLeaves(s, h)
		}
		if h.Applied && !h.Unasked && !h.Management {
			m.rootLeaves(s, h)
			m.clientChanges(s, h)
		}
	}
}

// next returns the chain that a cluster will get for a role.
func (m *Mesh) next(role pki.Role) []*x509.Certificate {
	if c := m.lock.Newest(role); c != nil {
		return c.Chain
	}
	if role == pki.Server {
		return m.issued(m.names.Server, lockfile.Issue, lockfile.Drain, lockfile.Retire)
	}
	return nil
}

// issued represents the certificate that an issuer in the cluster will issue in some phases: the next root itself, as the topology must
// name an issuer under it by then. It is nil in other phases.
func (m *Mesh) issued(secret string, phases ...lockfile.Phase) []*x509.Certificate {
	if !slices.Contains(m.names.Issued, secret) || !slices.Contains(phases, m.lock.Phase()) {
		return nil
	}
	return m.newest()[:1]
}

// serverMoves reports whether the relay server's certificate will chain to a different root.
func (m *Mesh) serverMoves(s *held) bool {
	roots := slices.Concat(m.known, s.roots)
	now, then := leads(s.server, roots), leads(m.next(pki.Server), roots)
	return now != nil && then != nil && !now.Equal(then)
}

// serverChanges checks whether an agent that trusts the relay server now will trust it under a different root.
func (m *Mesh) serverChanges(s, h *held) {
	then := leads(m.next(pki.Server), m.wanted)
	switch {
	case then == nil:
	case h.unknown:
		m.find(verify.AgentCutOff, verify.Error, h, "", "", askFirst, "it is not known whether it trusts %s, to which the relay server's next certificate chains", verify.Named(then))
	case leads(s.server, h.roots) != nil && leads(m.next(pki.Server), h.roots) == nil:
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Root, m.names.Keys.CA, trustFirst,
			"it does not trust %s yet, to which the relay server's next certificate chains; it trusts %s", verify.Named(then), inWords(h.roots))
	}
}

// certificateLeaves checks whether the relay server will still accept an agent's certificate.
func (m *Mesh) certificateLeaves(s, h *held) {
	if len(h.client) == 0 || m.at.After(h.client[0].NotAfter) {
		return
	}
	if leads(h.client, m.wanted) != nil {
		return
	}
	if under := leads(h.client, slices.Concat(s.roots, m.known)); under != nil {
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Client, m.names.Keys.Cert, m.reissue(),
			"the agent's certificate chains to %s, which leaves the management cluster", verify.Named(under))
	}
}

// reissue says how an agent gets a certificate under a root that stays.
func (m *Mesh) reissue() string {
	if m.names.Given {
		return drainFirst
	}
	return reissueFirst
}

// given returns the certificate chain that a cluster's agent will get; nil if the relay server signs it.
func (m *Mesh) given(h *held) []*x509.Certificate {
	a := m.lock.Agent(h.Name)
	switch {
	case !m.names.Given:
		return nil
	case a == nil:
		return m.issued(m.names.Client, lockfile.Drain, lockfile.Retire)
	}
	return m.lock.Presented(*a)
}

// clientMoves reports whether an agent's certificate will chain to a different root.
func (m *Mesh) clientMoves(h *held) bool {
	roots := slices.Concat(m.known, h.roots)
	now, then := leads(h.client, roots), leads(m.given(h), roots)
	return now != nil && then != nil && !now.Equal(then)
}

// clientChanges checks whether the relay server accepts the certificate that an agent will get, if this run does not change the server.
func (m *Mesh) clientChanges(s, h *held) {
	if s == nil || s.Applied && !s.Unasked || !m.clientMoves(h) {
		return
	}
	then := leads(m.given(h), m.known)
	switch {
	case s.Unasked:
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Client, m.names.Keys.Cert, askFirst,
			"the management cluster cannot be asked whether it trusts %s, to which the agent's next certificate chains", verify.Named(then))
	case leads(h.client, s.roots) != nil && leads(m.given(h), s.roots) == nil:
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Client, m.names.Keys.Cert, serverFirst,
			"the relay server does not trust %s yet, to which the agent's next certificate chains", verify.Named(then))
	}
}

// rootLeaves checks whether a remote would lose the root of the relay server's certificate, if this run does not change that.
func (m *Mesh) rootLeaves(s, h *held) {
	leaving := missing(h.roots, m.wanted)
	if s == nil || len(leaving) == 0 || s.Applied && !s.Unasked { // what is applied there chains to the roots that stay
		return
	}
	switch {
	case s.unknown:
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Root, m.names.Keys.CA, askFirst,
			"%s leaves, and it is not known whether the relay server's certificate in the management cluster chains to it", inWords(leaving))
	case leads(s.server, h.roots) != nil && leads(s.server, m.wanted) == nil:
		m.find(verify.AgentCutOff, verify.Error, h, m.names.Root, m.names.Keys.CA, serverFirst,
			"%s leaves, and the relay server's certificate still chains to it", inWords(leaving))
	}
}

// signingLeaves checks whether agents may have certificates from a signing CA whose root is removed; and whether the relay server signs
// under the next root, as the phase drain starts the waiting time from there.
func (m *Mesh) signingLeaves(s *held) {
	under := leads(s.signing, slices.Concat(s.roots, m.known))
	if under == nil {
		return
	}
	switch newest := m.newest(); {
	case leads(s.signing, m.wanted) == nil:
		m.find(verify.PhaseNotHeld, verify.Error, s, m.names.Signing, m.names.Keys.Cert, "first apply the previous phase, so that agents get certificates under the root that stays",
			"the signing CA still chains to %s, which leaves; agents may have certificates from it", verify.Named(under))
	case m.lock.Phase() == lockfile.Drain && leads(s.signing, newest) == nil:
		m.find(verify.PhaseNotHeld, verify.Error, s, m.names.Signing, m.names.Keys.Cert, "set phase: issue, compile, apply it and restart the relay server; then set phase: drain, whose time counts from then",
			"the signing CA still chains to %s, but the phase drain needs one under the next root", verify.Named(under))
	}
}

// newest returns the newest generation of the roots that every cluster must trust.
func (m *Mesh) newest() []*x509.Certificate {
	var all []*x509.Certificate
	for _, c := range m.lock.All(pki.Root) {
		if c.Generation == m.lock.Newest(pki.Root).Generation {
			all = append(all, c.Chain[0])
		}
	}
	return all
}

// Wider says what else must be queried before the clusters can be checked: the management cluster, if a root is removed from a remote;
// every agent, if the management cluster will trust less, or its relay server will chain to a different root.
func (m *Mesh) Wider() (management, agents bool) {
	s := m.management
	if s == nil {
		return slices.ContainsFunc(m.clusters, func(h *held) bool {
			return h.Applied && (len(missing(h.roots, m.wanted)) > 0 || m.clientMoves(h))
		}), false
	}
	return false, s.Applied && !s.Unasked && (m.serverMoves(s) || len(missing(s.roots, m.wanted)) > 0)
}
