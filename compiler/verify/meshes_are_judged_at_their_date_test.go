package verify_test

import (
	"testing"
	"time"
)

// TestAMeshIsJudgedAtTheDateAsked judges meshes of other decades, at their own date: nothing of it is taken from the
// clock of the machine, by which every certificate would have ended, or not begun.
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

// TestAnAgentsCertificateIsJudgedAtTheDateAsked does so where an agent holds a certificate already.
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
