package plan

import (
	"fmt"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// issuedAgents is what a topology says where relayform signs agents' certificates.
const issuedAgents = "issued"

// forClients is the product as the topology's agents get their certificates.
func forClients(p product.Profile, from schema.PKI) product.Profile {
	switch {
	case from.SelfSigned != nil && from.SelfSigned.Agents == issuedAgents:
		return p.WithoutRelayCA()
	case from.CertManager != nil && from.CertManager.Signing != nil:
		return p.IssuedInClusters()
	case from.CertManager != nil:
		return p.WithoutRelayCA().IssuedInClusters()
	}
	return p
}

// IssuesAgents reports whether relayform issues the certificates of agents.
func (p *Plan) IssuesAgents() bool { return p.SelfSigned != nil && p.SelfSigned.Agents > 0 }

// ownClients judges a topology by which relayform issues the certificates of agents. Of another the facts have no validity of them.
func (r *resolver) ownClients(p *Plan, s schema.SelfSigned) {
	if s.Agents != issuedAgents {
		p.SelfSigned.Agents = 0
		return
	}
	at := []string{"pki", "selfSigned", "agents"}
	switch n := len(p.Agents()); {
	case !p.Product.Has(pki.Agent):
		r.fault(at, diag.BadValue.Fault("the agents of "+p.Product.Name+" have no certificates", "leave it out"))
	case n > schema.MaxIssuedAgents:
		r.fault(at, diag.LimitExceeded.Fault(fmt.Sprintf("%d agents; relayform issues certificates for %d at most", n, schema.MaxIssuedAgents), "split the mesh into several topologies, or have the relay server sign: leave agents out"))
	}
	if p.Rotation.AgentsReissued {
		r.fault(append(p.Source(), "rotation", "agentsReissued"), diag.RotationPhase.Fault("relayform issues agents' certificates, and the phase drain brings every agent the next one", "leave it out"))
	}
}
