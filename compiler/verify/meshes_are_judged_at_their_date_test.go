package verify_test

import (
	"testing"
	"time"
)

// TestAMeshIsJudgedAtTheDateAsked verifies meshes of other decades, at their own date: the machine's clock, at which every certificate is
// expired or not yet valid, must not matter.
func TestAMeshIsJudgedAtTheDateAsked(t *testing.T) {
	for name, change := range goodSets {
		for _, years := range []time.Duration{-20, 20} {
			m := goodMesh(t)
			change(t, m)
			for _, c := range m.certs {
				c.NotBefore, c.NotAfter = c.NotBefore.Add(years*year), c.NotAfter.Add(years*year)
			}
			m.at = m.at.Add(years * year)
			if got := verdictOf(judged(t, m)); got != "" {
				t.Errorf("%s, %d years on: %s", name, years, got)
			}
		}
	}
}

// TestAnAgentsCertificateIsJudgedAtTheDateAsked does so with an agent that has a certificate already.
func TestAnAgentsCertificateIsJudgedAtTheDateAsked(t *testing.T) {
	for _, years := range []time.Duration{-20, 0, 20} {
		m := goodMesh(t)
		withClient(t, m, "east", "signing")
		for _, c := range m.certs {
			c.NotBefore, c.NotAfter = c.NotBefore.Add(years*year), c.NotAfter.Add(years*year)
		}
		m.at = m.at.Add(years * year)
		if got := verdictOf(judged(t, m)); got != "" {
			t.Errorf("%d years on: %s", years, got)
		}
	}
}
