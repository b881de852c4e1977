package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// CertManager describes what cert-manager is to issue in the clusters.
type CertManager struct {
	CA      string // a file or folder with the root certificates of its chains
	ECDSA   bool   // use ECDSA P-256 keys rather than RSA
	Lasts   Lasts  // of the relay server's certificate, and of agents'
	Signing *Lasts // of the signing CA; nil if cert-manager issues agents' certificates itself

	server, signing, agents schema.Issuer
	of                      map[string]schema.Issuer // issuers of agents in individual clusters
}

// Lasts is a certificate's validity, and how long before expiry it is renewed.
type Lasts struct{ Duration, RenewBefore time.Duration }

// Hours formats a duration in hours and minutes, as topologies do.
func Hours(d time.Duration) string {
	text := strings.TrimSuffix(d.String(), "0s")
	if hours, ok := strings.CutSuffix(text, "h0m"); ok {
		return hours + "h"
	}
	return text
}

// Issuer returns the cert-manager issuer for a role's certificate in a cluster.
func (c *CertManager) Issuer(role pki.Role, cluster string) schema.Issuer {
	switch role {
	case pki.Server, pki.Telemetry:
		return c.server
	case pki.Signing:
		return c.signing
	}
	if own, ok := c.of[cluster]; ok {
		return own
	}
	return c.agents
}

// LastsOf returns the validity of a role's certificate.
func (c *CertManager) LastsOf(role pki.Role) Lasts {
	if role == pki.Signing {
		return *c.Signing
	}
	return c.Lasts
}

// Single reports whether individual clusters have their own issuers.
func (c *CertManager) Single() bool { return len(c.of) > 0 }

// AgentValidity returns the maximum validity of an agent's certificate.
func (p *Plan) AgentValidity() time.Duration {
	if p.CertManager != nil && p.CertManager.Signing == nil {
		return p.CertManager.Lasts.Duration
	}
	return p.Product.AgentValidity
}

// Limits of cert-manager (cert-manager.io/v1, Certificate: spec.duration, spec.renewBefore).
const (
	leastDuration    = time.Hour
	leastRenewBefore = 5 * time.Minute
)

func (r *resolver) certManager(p *Plan, in schema.CertManager) *CertManager {
	at := []string{"pki", "certManager"}
	if in.Ca != "" {
		r.local(append(slices.Clone(at), "ca"), string(in.Ca))
	}
	c := &CertManager{CA: string(in.Ca), ECDSA: in.KeyAlgorithm == "ecdsa", server: in.Issuer, signing: in.Issuer, agents: in.Issuer, of: in.Issuers}
	r.issuer(append(slices.Clone(at), "issuer"), in.Issuer)
	c.Lasts = r.lasts(at, in.Duration, string(in.RenewBefore), 0)
	if in.AgentIssuer != nil {
		c.agents = *in.AgentIssuer
		r.issuer(append(slices.Clone(at), "agentIssuer"), c.agents)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Issuers)) {
		place := append(slices.Clone(at), "issuers", name)
		r.issuer(place, in.Issuers[name])
		if cluster := p.Cluster(name); !cluster.Agent {
			r.noAgent(p, place, name, cluster)
		}
	}
	if s := in.Signing; s != nil {
		place := append(slices.Clone(at), "signing")
		r.onlyOfAgents(at, in)
		lasts := r.lasts(place, s.Duration, string(s.RenewBefore), product.EarlySigning(p.Product.AgentValidity))
		signs := append(slices.Clone(at), "issuer")
		if c.Signing = &lasts; s.Issuer != nil {
			c.signing, signs = *s.Issuer, append(slices.Clone(place), "issuer")
			r.issuer(signs, c.signing)
		}
		if c.signing.Group == stepCA {
			r.fault(append(slices.Clone(signs), "group"), diag.BadValue.Fault("step-ca's issuers sign no CA (isCA), but a signing CA is needed", "name an issuer that signs CAs as pki.certManager.signing.issuer; or remove signing, and each agent gets a certificate"))
		}
	}
	return c
}

// noAgent refuses an issuer for a cluster in which cert-manager issues no agent certificate.
func (r *resolver) noAgent(p *Plan, at []string, name string, c Cluster) {
	if c.Name != "" {
		r.faultAtKey(at, diag.Clash.Fault("the management cluster runs no agent; the relay server's issuer is pki.certManager.issuer", "remove it, or set management.agent: true"))
		return
	}
	meant := ""
	if len(r.faults) < diag.MaxFaults { // finding one of many clusters is slow
		var agents []string
		for _, c := range p.Agents() {
			agents = append(agents, c.Name)
		}
		meant = diag.DidYouMean(name, agents)
	}
	r.faultAtKey(at, diag.BadValue.Fault("no such cluster in the topology"+meant, ""))
}

// onlyOfAgents refuses issuers for agents' certificates if the relay server signs these.
func (r *resolver) onlyOfAgents(at []string, in schema.CertManager) {
	for _, of := range []struct {
		field string
		given bool
	}{{"agentIssuer", in.AgentIssuer != nil}, {"issuers", len(in.Issuers) > 0}} {
		if of.given {
			r.faultAtKey(append(slices.Clone(at), of.field), diag.Clash.Fault("with pki.certManager.signing only the relay server issues agents' certificates", "remove it, or remove signing"))
		}
	}
}

// lasts resolves a certificate's validity and renewal. By default it is renewed that early before it expires or, if its validity is too
// short for that, after two thirds of it, as cert-manager does.
func (r *resolver) lasts(at []string, duration, renewBefore string, early time.Duration) Lasts {
	read := func(field, text string) (d time.Duration, ok bool) {
		if text == "" {
			return 0, true
		}
		if d, ok = schema.Span(text); !ok {
			r.fault(append(slices.Clone(at), field), diag.Validity.Fault(fmt.Sprintf("want at most %dy, got %s", schema.MaxYears, text), ""))
		}
		return d, ok
	}
	var l Lasts
	var whole, both bool
	l.Duration, whole = read("duration", duration)
	if l.RenewBefore, both = read("renewBefore", renewBefore); !whole || !both {
		return l
	}
	if l.Duration < leastDuration {
		r.fault(append(slices.Clone(at), "duration"), diag.Validity.Fault("want at least 1h, which is cert-manager's own limit, got "+duration, ""))
		return l
	}
	switch place := append(slices.Clone(at), "renewBefore"); {
	case renewBefore == "" && (early == 0 || l.Duration < 2*early):
		l.RenewBefore = (l.Duration / 3).Truncate(time.Minute)
	case renewBefore == "":
		l.RenewBefore = early
	case l.RenewBefore < leastRenewBefore:
		r.fault(place, diag.Validity.Fault("want at least 5m, which is cert-manager's own limit, got "+renewBefore, ""))
	case l.RenewBefore >= l.Duration:
		what := "duration, " + duration
		if r.doc.Line(append(slices.Clone(at), "duration")...) == 0 {
			what = "default of duration, " + duration
		}
		r.fault(place, diag.Validity.Fault(fmt.Sprintf("want less than the %s, got %s: a certificate would be issued again at once", what, renewBefore), ""))
	}
	return l
}

const stepCA = "certmanager.step.sm"

// issuerKinds lists the issuer kinds of each known API group (cert-manager, "Issuers" and "External issuers").
var issuerKinds = map[string][]string{
	"cert-manager.io":        {"ClusterIssuer", "Issuer"},
	"awspca.cert-manager.io": {"AWSPCAClusterIssuer", "AWSPCAIssuer"},
	stepCA:                   {"StepClusterIssuer", "StepIssuer"},
	"cas-issuer.jetstack.io": {"GoogleCASClusterIssuer", "GoogleCASIssuer"},
}

// issuer refuses a kind that its group does not have, and likely typos in either. For an unknown group, any kind may be right.
func (r *resolver) issuer(at []string, i schema.Issuer) {
	if i.Kind == "" || i.Group == "" { // not parsed, and already reported
		return
	}
	kind, group := append(slices.Clone(at), "kind"), append(slices.Clone(at), "group")
	kinds, known := issuerKinds[i.Group]
	if known && slices.Contains(kinds, i.Kind) {
		return
	}
	for _, other := range slices.Sorted(maps.Keys(issuerKinds)) {
		if slices.Contains(issuerKinds[other], i.Kind) && r.doc.Line(kind...) > 0 {
			place := group
			if r.doc.Line(group...) == 0 {
				place = kind
			}
			r.fault(place, diag.BadValue.Fault(fmt.Sprintf("the group %s has no kind %s; that kind is in the group %s", i.Group, i.Kind, other), "write group: "+other))
			return
		}
	}
	if known {
		place := kind
		if r.doc.Line(kind...) == 0 {
			place = group
		}
		r.fault(place, diag.BadValue.Fault(fmt.Sprintf("the group %s has the kinds %s, got %s%s", i.Group, strings.Join(kinds, " and "), i.Kind, diag.DidYouMean(i.Kind, kinds)), cmp.Or(map[bool]string{true: "write kind: " + kinds[0]}[place[len(place)-1] == "group"], "")))
		return
	}
	if near := diag.Nearest(i.Group, slices.Sorted(maps.Keys(issuerKinds))); near != "" {
		r.fault(group, diag.BadValue.Fault("no known issuer has this group"+diag.Meant(near), "write group: "+near))
	}
}
