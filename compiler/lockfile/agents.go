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

// Agent is the certificate of a cluster's agent, issued by relayform or an external PKI.
type Agent struct {
	Cluster     string
	Under       Under
	Certificate // its Chain has only the leaf if relayform issued it
}

// Under is what agents' certificates are issued under: a generation of the signing CA if relayform issues them, or of the roots of an
// external PKI.
type Under struct {
	Role       pki.Role // pki.Signing or pki.Root; empty for none
	Generation int
}

// NewAgent returns the entry for an agent's certificate that a signing CA issued.
func NewAgent(cluster string, signing, generation int, validity time.Duration, c *x509.Certificate) Agent {
	return Agent{cluster, Under{pki.Signing, signing}, NewCertificate(pki.Agent, generation, SelfSigned, validity, c)}
}

// BroughtAgent returns the entry for an agent's certificate from an external PKI: the leaf, then its intermediates.
func BroughtAgent(cluster string, root, generation int, chain ...*x509.Certificate) Agent {
	return Agent{cluster, Under{pki.Root, root}, NewCertificate(pki.Agent, generation, External, 0, chain...)}
}

func (a Agent) compare(b Agent) int {
	return cmp.Or(strings.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Under.Role, b.Under.Role), cmp.Compare(a.Under.Generation, b.Under.Generation))
}

// AgentsUnder returns what the agents' certificates in use are issued under. In the phase issue it is still what is set aside: a relay
// server that has not been restarted since the previous phase trusts nothing else.
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

// signer returns the newest signing CA that may have issued agents' certificates, or nil.
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

// AgentSigner returns the signing CA of agents' certificates, or nil if an external PKI issues them.
func (l *File) AgentSigner() *Certificate { return l.signer() }

// Agent returns the certificate in use of a cluster's agent, or nil.
func (l *File) Agent(cluster string) *Agent {
	i, ok := slices.BinarySearchFunc(l.Agents, Agent{Cluster: cluster, Under: l.AgentsUnder()}, Agent.compare)
	if !ok {
		return nil
	}
	return &l.Agents[i]
}

// AgentsInForce returns the agents' certificates in use, by cluster. A nil File has none.
func (l *File) AgentsInForce() []Agent {
	if l == nil {
		return nil
	}
	under := l.AgentsUnder()
	return slices.DeleteFunc(slices.Clone(l.Agents), func(a Agent) bool { return a.Under != under })
}

// Presented returns an agent's certificate chain as it presents it: without the root.
func (l *File) Presented(a Agent) []*x509.Certificate {
	for _, c := range l.Every() {
		if c.Role == pki.Signing && a.Under == (Under{c.Role, c.Generation}) {
			return slices.Concat(a.Chain, c.Chain)
		}
	}
	return a.Chain
}

// NextAgentGeneration returns the generation after the newest certificate of a cluster's agent.
func (l *File) NextAgentGeneration(cluster string) int {
	i, _ := slices.BinarySearchFunc(l.Agents, Agent{Cluster: cluster}, Agent.compare)
	newest := 0
	for ; i < len(l.Agents) && l.Agents[i].Cluster == cluster; i++ {
		newest = max(newest, l.Agents[i].Generation)
	}
	return newest + 1
}

// WithAgents returns a copy in which the certificates replace those that the same CA signed for the same clusters, and that keeps only
// those of clusters that stay.
func (l *File) WithAgents(agents []Agent, stays func(cluster string) bool) *File {
	next := *l
	next.Agents = slices.DeleteFunc(slices.Concat(agents, l.Agents), func(a Agent) bool { return !stays(a.Cluster) })
	slices.SortStableFunc(next.Agents, Agent.compare)
	next.Agents = slices.CompactFunc(next.Agents, func(a, b Agent) bool { return a.compare(b) == 0 })
	return &next
}

// keepAgents adds the agents' certificates whose signing CA or root is in the lockfile.
func (l *File) keepAgents(agents []Agent) {
	stands := map[Under]bool{}
	for _, c := range l.Every() {
		stands[Under{c.Role, c.Generation}] = true
	}
	l.Agents = slices.DeleteFunc(slices.Clone(agents), func(a Agent) bool { return !stands[a.Under] })
}

// WithoutSigning returns a copy without the signing CA in use, and without what it signed.
func (l *File) WithoutSigning() *File {
	next := *l
	next.Certificates = slices.DeleteFunc(slices.Clone(l.Certificates), func(c Certificate) bool { return c.Role == pki.Signing })
	next.Adopted = nil
	next.keep(l.Adopted)
	next.keepAgents(l.Agents)
	return &next
}

// String identifies the entry.
func (a Agent) String() string { return fmt.Sprintf("agent %d of %s", a.Generation, a.Cluster) }
