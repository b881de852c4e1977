package review

import (
	"crypto/x509"
	"fmt"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// agents are the clusters whose agents get another certificate than they had, or their first.
func (c *comparison) agents() []string {
	var all []string
	for _, x := range c.agentChanges() {
		if x.What != Kept {
			all = append(all, x.Clusters...)
		}
	}
	return all
}

// agentChanges says what becomes of agents' certificates that overlays bring: one change for all clusters of which the same becomes.
func (c *comparison) agentChanges() []CertificateChange {
	if !c.after.Plan.GivesAgents() {
		return nil
	}
	by := map[string][]string{}
	for _, a := range c.after.Lock.AgentsInForce() {
		what := Made
		switch was := agentOf(c.before.Lock, a.Cluster); {
		case was == nil:
		case was.SHA256 == a.SHA256:
			what = Kept
		default:
			what = Replaced
		}
		by[what] = append(by[what], a.Cluster)
	}
	var all []CertificateChange
	for _, what := range []string{Made, Replaced, Kept} {
		if len(by[what]) > 0 {
			all = append(all, CertificateChange{Role: pki.Agent, What: what, Clusters: by[what]})
		}
	}
	return all
}

// presented is what agents present whose certificates an external PKI has issued. Those of one CA stand or fall together, but for their ends: one
// that ends first stands for all.
func presented(l *lockfile.File) [][]*x509.Certificate {
	var all [][]*x509.Certificate
	at := map[string]int{}
	for _, a := range l.AgentsInForce() {
		if a.Source != lockfile.External {
			continue
		}
		by := string(a.Chain[0].RawIssuer)
		for _, c := range a.Chain[1:] {
			by += "\x00" + string(c.Raw)
		}
		i, known := at[by]
		switch {
		case !known:
			at[by] = len(all)
			all = append(all, a.Chain)
		case a.Chain[0].NotAfter.Before(all[i][0].NotAfter):
			all[i] = a.Chain
		}
	}
	return all
}

// takes is until when a relay server with these roots takes all of what agents present.
func takes(roots []*x509.Certificate, presented [][]*x509.Certificate, at time.Time) (until time.Time, err error) {
	for _, chain := range presented {
		end, err := pki.Until(chain, roots, at, x509.ExtKeyUsageClientAuth, "")
		if err != nil {
			return time.Time{}, fmt.Errorf("the server refuses the agent: %w", err)
		}
		if until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return until, nil
}

func agentOf(l *lockfile.File, cluster string) *lockfile.Agent {
	if l == nil {
		return nil
	}
	return l.Agent(cluster)
}

// agentsInWords counts the certificates of agents that a change is of.
func (c CertificateChange) agentsInWords() string {
	if n := len(c.Clusters); n != 1 {
		return fmt.Sprintf("%d agents' certificates", n)
	}
	return "an agent's certificate"
}
