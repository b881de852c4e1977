package graph

import (
	"crypto/x509"
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// Trust draws who signed what: roots, the CAs below them, the relay server's certificate and those of agents.
func Trust(p *plan.Plan, l *lockfile.File) Part {
	t := trust{Part: Part{ID: "trust", Title: "Chain of trust"}, plan: p, at: map[string]int{}}
	roots := l.All(pki.Root)
	if len(roots) == 0 {
		t.node(Node{Kind: Missing, Name: "no certificates yet", Lines: []string{"relayform compile issues them"}})
		t.Says = "No certificate has been issued yet."
		return t.Part
	}
	issuer := l.Issuer()
	for _, r := range roots {
		kind, state := Root, "every cluster trusts it"
		switch {
		case r.Generation > issuer.Generation:
			kind, state = Fading, "trusted; signs from the phase issue on"
		case r.Generation < issuer.Generation:
			kind, state = Fading, "trusted until the phase retire"
		}
		t.at[r.SHA256] = t.node(Node{Kind: kind, Name: name(r), Lines: append(facts(r), state), Column: 0})
	}
	if server := l.Newest(pki.Server); server != nil {
		t.chain(*server, roots, Leaf, "of the relay server")
	}
	if gateway := l.Newest(pki.Telemetry); gateway != nil {
		t.chain(*gateway, roots, Leaf, "of the telemetry gateway")
	}
	t.inClusters(issuer)
	signing := l.Newest(pki.Signing)
	if signing != nil {
		t.chain(*signing, roots, CA, "signs agents' certificates")
	}
	if signer := l.AgentSigner(); signer != nil {
		if signing == nil || signer.SHA256 != signing.SHA256 {
			t.chain(*signer, roots, CA, "signed agents' current certificates")
		}
		t.agents(l, t.at[signer.SHA256])
	}
	if p.BringsAgents() {
		t.brought(l)
	}
	if l.Token != nil && p.Product.Has(product.Token) {
		t.node(Node{Kind: Address, Name: fmt.Sprintf("identity token %d", l.Token.Generation), Lines: []string{"agents show it at first contact"}, Column: 0})
	}
	t.Says = t.says()
	return t.Part
}

// trust is an unfinished drawing.
type trust struct {
	Part
	plan *plan.Plan
	at   map[string]int // box index of each certificate, by fingerprint
}

func name(c lockfile.Certificate) string { return fmt.Sprintf("%s %d", c.Role, c.Generation) }

// facts lists what a box says about a certificate.
func facts(c lockfile.Certificate) []string {
	return []string{c.Subject, c.Algorithm + ", until " + pki.Day(c.Chain[0].NotAfter)}
}

// chain draws a certificate below its issuers, up to the root that signed the last of them.
func (t *trust) chain(c lockfile.Certificate, roots []lockfile.Certificate, kind Kind, work string) {
	above := -1
	last := c.Chain[len(c.Chain)-1]
	for _, r := range roots {
		if pki.Issued(last, r.Chain[0]) {
			above = t.at[r.SHA256]
		}
	}
	for i := len(c.Chain) - 1; i > 0; i-- {
		above = t.below(above, pki.Describe(c.Chain[i]).SHA256, Node{Kind: CA, Name: "intermediate CA", Lines: intermediate(c.Chain[i])})
	}
	t.below(above, c.SHA256, Node{Kind: kind, Name: name(c), Lines: append(facts(c), work)})
}

func intermediate(c *x509.Certificate) []string {
	d := pki.Describe(c)
	return []string{d.Subject, d.Algorithm + ", until " + pki.Day(c.NotAfter)}
}

// below draws a certificate to the right of its issuer, once.
func (t *trust) below(above int, fingerprint string, n Node) int {
	if at, drawn := t.at[fingerprint]; drawn {
		return at
	}
	n.Column = 1
	if above >= 0 {
		n.Column = t.Nodes[above].Column + 1
	}
	at := t.node(n)
	t.at[fingerprint] = at
	if above >= 0 {
		t.edge(above, at, "signed")
	}
	return at
}

// agents draws the certificates of all agents as one box.
func (t *trust) agents(l *lockfile.File, signer int) {
	n := Node{Kind: Leaf, Name: "certificates of " + diag.Count(len(t.plan.Agents()), "agent"), Column: t.Nodes[signer].Column + 1}
	if t.plan.IssuesAgents() {
		issued := l.AgentsInForce()
		if len(issued) == 0 {
			return
		}
		first := issued[0].Chain[0].NotAfter
		for _, a := range issued {
			if end := a.Chain[0].NotAfter; end.Before(first) {
				first = end
			}
		}
		n.Name, n.Lines = "certificates of "+diag.Count(len(issued), "agent"), []string{"relayform issues one for each", "the first expires on " + pki.Day(first)}
	} else {
		days := int(t.plan.Product.AgentValidity.Hours() / 24)
		n.Lines = []string{"the relay server issues one to each", fmt.Sprintf("at first contact, for %d days", days)}
	}
	t.edge(signer, t.node(n), "signs")
}

// inClusters draws what cert-manager issues in the clusters below the newest root, which is not in the lockfile.
func (t *trust) inClusters(root *lockfile.Certificate) {
	for _, r := range t.plan.Product.Roles {
		if !r.Issued {
			continue
		}
		n := Node{Kind: Leaf, Name: string(r.Role), Lines: []string{"issued in its cluster"}}
		if r.Own {
			n.Name, n.Lines = "certificates of "+diag.Count(len(t.plan.Agents()), "agent"), []string{"issued in each cluster"}
		}
		t.below(t.at[root.SHA256], "issued "+string(r.Role), n)
	}
}

// brought draws the agents' certificates from an external PKI as one box.
func (t *trust) brought(l *lockfile.File) {
	agents := l.AgentsInForce()
	if len(agents) == 0 {
		return
	}
	above := -1
	for _, root := range l.All(pki.Root) {
		if l.AgentsUnder() == (lockfile.Under{Role: pki.Root, Generation: root.Generation}) {
			above = t.at[root.SHA256]
		}
	}
	first := agents[0].Chain[0].NotAfter
	for _, a := range agents {
		if end := a.Chain[0].NotAfter; end.Before(first) {
			first = end
		}
	}
	if above < 0 {
		return
	}
	t.edge(above, t.node(Node{Kind: Leaf, Name: "certificates of " + diag.Count(len(agents), "agent"), Lines: []string{"from your PKI, one for each", "the first expires on " + pki.Day(first)}, Column: t.Nodes[above].Column + 1}), "leads to")
}

// says describes the chain in sentences.
func (t *trust) says() string {
	var sentences []string
	for _, e := range t.Edges {
		sentences = append(sentences, fmt.Sprintf("%s %s %s.", t.Nodes[e.From].Name, e.Label, t.Nodes[e.To].Name))
	}
	if len(sentences) == 0 {
		return "Nothing has been signed yet."
	}
	return strings.Join(sentences, " ")
}
