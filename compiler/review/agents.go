package review

import (
	"fmt"

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

// agentChanges says what becomes of agents' certificates that relayform issues: one change for all clusters of which the same becomes.
func (c *comparison) agentChanges() []CertificateChange {
	if !c.after.Plan.IssuesAgents() {
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
