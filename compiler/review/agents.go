package review

import (
	"crypto/x509"
	"fmt"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// agents returns the clusters whose agents get a different certificate than before, or their first.
func (c *comparison) agents() []string {
	var all []string
	for _, x := range c.agentChanges() {
		if x.What != Kept {
			all = append(all, x.Clusters...)
		}
	}
	return all
}

// agentChanges returns the changes of agents' certificates in overlays: one entry for all clusters with the same change.
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

// presented returns the agents' certificate chains from an external PKI. Those of one CA are accepted or refused alike, except for their
// expiry, so the first of them to expire represents all.
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

// takes returns until when a relay server with these roots accepts all of the agents' chains.
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

// agentsInWords counts the agents' certificates of a change.
func (c CertificateChange) agentsInWords() string {
	if n := len(c.Clusters); n != 1 {
		return fmt.Sprintf("%d agents' certificates", n)
	}
	return "an agent's certificate"
}
