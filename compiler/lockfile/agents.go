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

// Agent is the certificate of one cluster's agent, where relayform issues it, or an external PKI has.
type Agent struct {
	Cluster     string
	Under       Under
	Certificate // its Chain is itself alone where relayform issued it
}

// Under is what agents' certificates stand under: the signing CA of a generation where relayform issues them, the roots of a
// generation where they are brought.
type Under struct {
	Role       pki.Role // pki.Signing or pki.Root; empty where there is neither
	Generation int
}

// NewAgent is the entry for an agent's certificate that a signing CA issued.
func NewAgent(cluster string, signing, generation int, validity time.Duration, c *x509.Certificate) Agent {
	return Agent{cluster, Under{pki.Signing, signing}, NewCertificate(pki.Agent, generation, SelfSigned, validity, c)}
}

// BroughtAgent is the entry for an agent's certificate that an external PKI issued: itself, then the intermediates up to a root.
func BroughtAgent(cluster string, root, generation int, chain ...*x509.Certificate) Agent {
	return Agent{cluster, Under{pki.Root, root}, NewCertificate(pki.Agent, generation, External, 0, chain...)}
}

func (a Agent) compare(b Agent) int {
	return cmp.Or(strings.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Under.Role, b.Under.Role), cmp.Compare(a.Under.Generation, b.Under.Generation))
}

// AgentsUnder is what the certificates of agents that are in force stand under. While a rotation is in its phase issue it is still
// what is set aside: a relay server that has not been restarted since the phase before trusts nothing else.
func (l *File) AgentsUnder() Under {
	if signer := l.signer(); signer != nil {
		return Under{pki.Signing, signer.Generation}
	}
	roots := l.All(pki.Root)
	if len(roots) == 0 {
		return Under{}
	}
	root := roots[len(roots)-1]
	if l.Phase() == Distribute || l.Phase() == Issue {
		root = roots[0]
	}
	return Under{pki.Root, root.Generation}
}

// signer is the newest signing CA of those that agents' certificates may stand under, or nil.
func (l *File) signer() *Certificate {
	if l.Phase() != Issue {
		return l.Newest(pki.Signing)
	}
	for i, c := range l.Rotation.Aside {
		if c.Role == pki.Signing {
			return &l.Rotation.Aside[i]
		}
	}
	return nil
}

// AgentSigner is the signing CA under which agents' certificates stand; nil where they are brought.
func (l *File) AgentSigner() *Certificate { return l.signer() }

// Agent is the certificate of a cluster's agent that is in force, or nil.
func (l *File) Agent(cluster string) *Agent {
	i, ok := slices.BinarySearchFunc(l.Agents, Agent{Cluster: cluster, Under: l.AgentsUnder()}, Agent.compare)
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
	under := l.AgentsUnder()
	return slices.DeleteFunc(slices.Clone(l.Agents), func(a Agent) bool { return a.Under != under })
}

// Presented is an agent's certificate as it presents it: with what stands above it, up to the root, which is left out.
func (l *File) Presented(a Agent) []*x509.Certificate {
	for _, c := range l.Every() {
		if c.Role == pki.Signing && a.Under == (Under{c.Role, c.Generation}) {
			return slices.Concat(a.Chain, c.Chain)
		}
	}
	return a.Chain
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

// keepAgents takes over certificates of agents whose signing CA, or whose root, is in the lock.
func (l *File) keepAgents(agents []Agent) {
	stands := map[Under]bool{}
	for _, c := range l.Every() {
		stands[Under{c.Role, c.Generation}] = true
	}
	l.Agents = slices.DeleteFunc(slices.Clone(agents), func(a Agent) bool { return !stands[a.Under] })
}

// WithoutSigning is a copy of the lock without a signing CA in force, and without what it signed.
func (l *File) WithoutSigning() *File {
	next := *l
	next.Certificates = slices.DeleteFunc(slices.Clone(l.Certificates), func(c Certificate) bool { return c.Role == pki.Signing })
	next.Adopted = nil
	next.keep(l.Adopted)
	next.keepAgents(l.Agents)
	return &next
}

// String is the entry in words.
func (a Agent) String() string { return fmt.Sprintf("agent %d of %s", a.Generation, a.Cluster) }
