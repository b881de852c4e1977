package plan

import (
	"fmt"
	"maps"
	"slices"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// issuedAgents is the value of pki.selfSigned.agents with which relayform signs agents' certificates.
const issuedAgents = "issued"

// forClients returns the product profile for how agents of the topology get their certificates.
func forClients(p product.Profile, from schema.PKI) product.Profile {
	switch {
	case from.SelfSigned != nil && from.SelfSigned.Agents == issuedAgents:
		return p.WithoutRelayCA()
	case from.External != nil && from.External.Clients != nil:
		p = p.WithoutRelayCA()
		p.Kept = nil // the PKI keeps the CA
	case from.CertManager != nil && from.CertManager.Signing != nil:
		return p.IssuedInClusters()
	case from.CertManager != nil:
		return p.WithoutRelayCA().IssuedInClusters()
	}
	return p
}

// GivesAgents reports whether overlays contain agents' certificates, so that the relay server signs none.
func (p *Plan) GivesAgents() bool {
	agent := p.Product.Role(pki.Agent)
	return agent.Own && !agent.Issued
}

// IssuesAgents reports whether relayform issues the certificates of agents.
func (p *Plan) IssuesAgents() bool { return p.SelfSigned != nil && p.SelfSigned.Agents > 0 }

// BringsAgents reports whether agents' certificates come from an external PKI.
func (p *Plan) BringsAgents() bool {
	return p.External != nil && p.External.Clients != nil && p.GivesAgents()
}

// givenAgents checks a topology whose overlays contain agents' certificates; at is the field that says so.
func (r *resolver) givenAgents(p *Plan, at []string) {
	switch n := len(p.Agents()); {
	case !p.Product.Has(pki.Agent):
		r.fault(at, diag.BadValue.Fault("the agents of "+p.Product.Name+" have no certificates", "remove it"))
	case n > schema.MaxIssuedAgents:
		r.fault(at, diag.LimitExceeded.Fault(fmt.Sprintf("%d agents; relayform gives certificates to %d at most", n, schema.MaxIssuedAgents), "split the mesh into several topologies, or have the relay server sign"))
	}
	if p.Rotation.AgentsReissued {
		r.fault(append(p.Source(), "rotation", "agentsReissued"), diag.RotationPhase.Fault("overlays hold agents' certificates, and the phase drain gives every agent the next one", "remove it"))
	}
}

// ownClients checks a topology with which relayform issues agents' certificates. Otherwise it clears their validity.
func (r *resolver) ownClients(p *Plan, s schema.SelfSigned) {
	if s.Agents != issuedAgents {
		p.SelfSigned.Agents = 0
		return
	}
	r.givenAgents(p, []string{"pki", "selfSigned", "agents"})
}

// clients checks who signs agents' certificates with an external PKI: its signing CA, in the relay server, or the PKI itself.
func (r *resolver) clients(p *Plan, e schema.External) {
	at := []string{"pki", "external"}
	switch {
	case e.Signing == nil && e.Clients == nil:
		if !r.doc.Refused(append(at, "clients")...) && !r.doc.Refused(append(at, "signing")...) {
			r.faultAtKey(at, diag.OneOf.Fault("want signing, the CA that signs agents' certificates, or clients, their certificates; got neither", ""))
		}
		return
	case e.Clients == nil:
		return
	case e.Signing != nil:
		r.faultAtKey(append(at, "clients"), diag.OneOf.Fault(fmt.Sprintf("want signing or clients; signing is already at line %d", r.doc.Line(append(at, "signing")...)), "if the PKI issues agents' certificates, the relay server signs none"))
	}
	at = append(at, "clients")
	r.givenAgents(p, at)
	for _, cluster := range slices.Sorted(maps.Keys(e.Clients.Each)) {
		if why := p.NoAgent(cluster); why != "" {
			r.faultAtKey(append(slices.Clone(at), cluster), diag.BadValue.Fault(why, ""))
		}
	}
}

// NoAgent says why a cluster needs no agent certificate; empty if it runs an agent.
func (p *Plan) NoAgent(cluster string) string {
	switch c := p.Cluster(cluster); {
	case c.Name == "":
		return "no cluster of the topology has this name" + diag.DidYouMean(cluster, p.Clusters())
	case !c.Agent:
		return "the management cluster runs no agent; management.agent: true asks for one"
	}
	return ""
}
