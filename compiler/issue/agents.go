package issue

import (
	"crypto"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"

	"golang.org/x/sync/errgroup"
)

// agentsOf returns a predicate for the clusters whose agents get certificates from relayform.
func agentsOf(p *plan.Plan) func(cluster string) bool {
	agents := map[string]bool{}
	if p.GivesAgents() {
		for _, c := range p.Agents() {
			agents[c.Name] = true
		}
	}
	return func(cluster string) bool { return agents[cluster] }
}

// agentsDue lists the missing agents' certificates, one entry per reason. While the old root's signing CA signs them, a change of algorithm
// or validity that came with the new root waits for the next signing CA.
func (a *selfSigned) agentsDue(l *lockfile.File, due []Due) ([]Due, diag.List) {
	if !a.plan.GivesAgents() {
		return nil, nil
	}
	signer, old := l.AgentSigner(), stillOld(l)
	if old && signer == nil {
		return nil, broughtOnes(a, l)
	}
	if old && signer != nil && signer.Source != lockfile.SelfSigned {
		return nil, diag.List{a.plan.Doc.Fault(append(a.plan.Source(), "agents"), diag.RotationPhase.Fault("the signing CA of the old PKI still signs agents' certificates, in the relay server",
			"remove it until the rotation is over"))}
	}
	another := IsDue(due, pki.Signing) && l.Phase() != lockfile.Issue
	var agents []Due
	at := map[string]int{} // index by reason
	for _, c := range a.plan.Agents() {
		reason := a.agentDue(l, c.Name, another, old)
		if reason == "" {
			continue
		}
		i, known := at[reason]
		if !known {
			i = len(agents)
			at[reason], agents = i, append(agents, Due{Role: pki.Agent, Reason: reason})
		}
		agents[i].Clusters = append(agents[i].Clusters, c.Name)
	}
	return agents, nil
}

// agentDue says why an agent's certificate is due; empty if it is not.
func (a *selfSigned) agentDue(l *lockfile.File, cluster string, another, old bool) string {
	have, r := l.Agent(cluster), a.plan.SelfSigned.Agent(cluster)
	switch {
	case have == nil && l.NextAgentGeneration(cluster) > 1:
		return "the signing CA has not signed one yet"
	case have == nil:
		return NotLocked
	case another:
		return "its issuer, the signing CA, is new"
	case old:
		r.Algorithm, r.Validity = pki.AlgorithmOf(have.Chain[0].PublicKey), have.Validity
	}
	return strings.Join(pki.Differs(r, have.Chain[0], have.Validity), "; ")
}

// issueAgents issues the agents' certificates that are due, in parallel. The signing CA is the given one if it was just issued.
func (a *selfSigned) issueAgents(l *lockfile.File, due []Due, made *pki.Issuer, into *got) error {
	clusters := Agents(due)
	if len(clusters) == 0 {
		return nil
	}
	issuer, generation, err := a.agentIssuer(l, made)
	if err != nil {
		return err
	}
	into.agents, into.agentKeys = make([]lockfile.Agent, len(clusters)), make([]AgentKey, len(clusters))
	var issuing errgroup.Group
	issuing.SetLimit(runtime.GOMAXPROCS(0))
	for i, cluster := range clusters {
		issuing.Go(func() error {
			r, next := a.plan.SelfSigned.Agent(cluster), l.NextAgentGeneration(cluster)
			key, err := a.agentKey(r, l.Agent(cluster))
			if err != nil {
				return err
			}
			c, err := pki.Issue(r, a.plan.Name, next, key, issuer, a.world.Now)
			if err != nil {
				return fmt.Errorf("agent of %s: %w", cluster, err)
			}
			into.agents[i], into.agentKeys[i] = lockfile.NewAgent(cluster, generation, next, r.Validity, c), AgentKey{cluster, key}
			return nil
		})
	}
	return issuing.Wait()
}

// agentKey generates a key, or returns the previous certificate's if it is kept.
func (a *selfSigned) agentKey(r pki.Request, have *lockfile.Agent) (crypto.Signer, error) {
	if a.sameKey && have != nil {
		return a.world.AgentKey(have.Cluster, have.SPKI)
	}
	return a.world.NewKey(r.Algorithm)
}

// agentIssuer returns the signing CA for agents' certificates, and its generation.
func (a *selfSigned) agentIssuer(l *lockfile.File, made *pki.Issuer) (*pki.Issuer, int, error) {
	if made != nil && l.Phase() != lockfile.Issue {
		return made, l.NextGeneration(pki.Signing), nil
	}
	have := l.AgentSigner()
	key, err := a.world.Key(have.SPKI)
	if err != nil {
		return nil, 0, fmt.Errorf("the signing CA's private key is needed to issue agents' certificates: %w%s", err, Restore(err))
	}
	return &pki.Issuer{Certificate: have.Chain[0], Key: key}, have.Generation, nil
}

// Agents returns the clusters whose agents' certificates are due.
func Agents(due []Due) []string {
	var all []string
	for _, d := range due {
		if d.Role == pki.Agent {
			all = append(all, d.Clusters...)
		}
	}
	slices.Sort(all)
	return all
}
