package readiness

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// Enters returns an error if the topology cannot enter a phase from the lockfile's. It may be in that phase already: what was compiled may
// still have to be applied.
func Enters(l *lockfile.File, phase lockfile.Phase) error {
	if !slices.Contains(lockfile.Phases, phase) {
		words := make([]string, len(lockfile.Phases))
		for i, p := range lockfile.Phases {
			words[i] = string(p)
		}
		return fmt.Errorf("%s is not a phase of a rotation; want one of %s", phase, strings.Join(words, ", "))
	}
	from := l.Phase()
	switch {
	case from == phase, lockfile.Adjacent(from, phase):
		return nil
	case from == "":
		return fmt.Errorf("no rotation is under way, and %s is not the first phase; want %s", phase, lockfile.Distribute)
	}
	return fmt.Errorf("the lockfile is at the phase %s, and cannot go from there to %s", from, phase)
}

// Before returns which clusters are not ready for the topology to enter a phase. See Enters.
func (m *Mesh) Before(phase lockfile.Phase) []verify.Finding {
	trusted := m.newest() // what every cluster must trust
	if phase == lockfile.Distribute {
		trusted = m.oldest()
	}
	// Back in distribute, the relay server gets a certificate under the old root again.
	below := phase == lockfile.Drain || phase == lockfile.Retire || phase == lockfile.Distribute && m.lock.Phase() != lockfile.Issue
	for _, h := range m.clusters {
		if h.Unasked {
			continue
		}
		hint := fmt.Sprintf("before you compile the phase %s, apply the current overlay there, and restart what reads it", phase)
		if lacking := missing(trusted, h.roots); len(lacking) > 0 {
			m.find(verify.PhaseNotHeld, verify.Error, h, m.names.Root, m.names.Keys.CA, hint,
				"not ready for the phase %s: it does not trust %s", phase, inWords(lacking))
		}
		if h.Management && below {
			m.below(h, m.names.Server, h.server, trusted, phase, hint)
			m.below(h, m.names.Signing, h.signing, trusted, phase, hint)
			m.below(h, m.names.Telemetry, h.telemetry, trusted, phase, hint)
		}
		for _, workload := range h.Stale {
			m.find(verify.PhaseNotHeld, verify.Error, h, "", strings.Replace(workload, "/", " ", 1), "relayform apply --restart, or kubectl rollout restart",
				"not ready for the phase %s: it started before a Secret changed that it reads only at start", phase)
		}
		if phase == lockfile.Retire && len(h.client) > 0 && !m.at.After(h.client[0].NotAfter) && leads(h.client, trusted) == nil {
			m.find(verify.PhaseNotHeld, verify.Error, h, m.names.Client, m.names.Keys.Cert, m.reissue(),
				"not ready for the phase %s: the agent's certificate does not chain to %s", phase, inWords(trusted))
		}
	}
	return m.told()
}

func (m *Mesh) below(h *held, secret string, chain, roots []*x509.Certificate, phase lockfile.Phase, hint string) {
	if secret != "" && leads(chain, roots) == nil {
		m.find(verify.PhaseNotHeld, verify.Error, h, secret, m.names.Keys.Cert, hint,
			"not ready for the phase %s: its certificate does not chain to %s", phase, inWords(roots))
	}
}

// oldest returns the oldest generation of roots in the lockfile: those that a rotation replaces.
func (m *Mesh) oldest() []*x509.Certificate {
	first := 0
	var all []*x509.Certificate
	for _, c := range m.lock.Every() {
		if c.Role != pki.Root {
			continue
		}
		if first == 0 || c.Generation < first {
			first, all = c.Generation, nil
		}
		if c.Generation == first {
			all = append(all, c.Chain[0])
		}
	}
	return all
}
