package lockfile

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
)

// Agent is the certificate of one cluster's agent, where relayform issues it.
type Agent struct {
	Cluster     string
	Signing     int // the generation of the signing CA that signed it
	Certificate     // its Chain is itself alone
}

// NewAgent is the entry for an agent's certificate.
func NewAgent(cluster string, signing, generation int, validity time.Duration, c *x509.Certificate) Agent {
	return Agent{cluster, signing, NewCertificate(pki.Agent, generation, SelfSigned, validity, c)}
}

func (a Agent) compare(b Agent) int {
	return cmp.Or(strings.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Signing, b.Signing))
}

// AgentSigner is the signing CA under which agents' certificates stand, or nil: the one in force. While a rotation is in its phase
// issue it is still the one set aside: a relay server that has not been restarted since the phase before trusts no other.
func (l *File) AgentSigner() *Certificate {
	if l.Phase() == Issue {
		for i, c := range l.Rotation.Aside {
			if c.Role == pki.Signing {
				return &l.Rotation.Aside[i]
			}
		}
	}
	return l.Newest(pki.Signing)
}

// Agent is the certificate of a cluster's agent that is in force, or nil.
func (l *File) Agent(cluster string) *Agent {
	signer := l.AgentSigner()
	if signer == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(l.Agents, Agent{Cluster: cluster, Signing: signer.Generation}, Agent.compare)
	if !ok {
		return nil
	}
	return &l.Agents[i]
}

// AgentsInForce are the certificates of agents that clusters have, by cluster. A nil lock has none.
func (l *File) AgentsInForce() []Agent {
	if l == nil {
		return nil
	}
	signer := l.AgentSigner()
	if signer == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.Agents), func(a Agent) bool { return a.Signing != signer.Generation })
}

// Above is the chain over an agent's certificate, up to its anchor.
func (l *File) Above(a Agent) []*x509.Certificate {
	for _, c := range l.Every() {
		if c.Role == pki.Signing && c.Generation == a.Signing {
			return c.Chain
		}
	}
	return nil
}

// NextAgentGeneration counts on from the newest certificate of a cluster's agent.
func (l *File) NextAgentGeneration(cluster string) int {
	i, _ := slices.BinarySearchFunc(l.Agents, Agent{Cluster: cluster}, Agent.compare)
	newest := 0
	for ; i < len(l.Agents) && l.Agents[i].Cluster == cluster; i++ {
		newest = max(newest, l.Agents[i].Generation)
	}
	return newest + 1
}

// WithAgents is a copy of the lock in which these certificates take the place of those that the same CA signed for the same
// clusters, and which has none of other clusters than those that stay.
func (l *File) WithAgents(agents []Agent, stays func(cluster string) bool) *File {
	next := *l
	next.Agents = slices.DeleteFunc(slices.Concat(agents, l.Agents), func(a Agent) bool { return !stays(a.Cluster) })
	slices.SortStableFunc(next.Agents, Agent.compare)
	next.Agents = slices.CompactFunc(next.Agents, func(a, b Agent) bool { return a.compare(b) == 0 })
	return &next
}

// keepAgents takes over certificates of agents whose signing CA is in the lock.
func (l *File) keepAgents(agents []Agent) {
	signed := map[int]bool{}
	for _, c := range l.Every() {
		if c.Role == pki.Signing {
			signed[c.Generation] = true
		}
	}
	l.Agents = slices.DeleteFunc(slices.Clone(agents), func(a Agent) bool { return !signed[a.Signing] })
}

// String is the entry in words.
func (a Agent) String() string { return fmt.Sprintf("agent %d of %s", a.Generation, a.Cluster) }
