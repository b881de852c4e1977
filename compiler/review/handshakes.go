package review

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
)

// Handshake is one combination in which a relay server and agents meet during a change: each of them in its old or its new state.
type Handshake struct {
	Management string    `json:"management" jsonschema:"Which state the management cluster has: before or after."`
	Remote     string    `json:"remote" jsonschema:"Which state the remote cluster has: before or after."`
	Agent      string    `json:"agent" jsonschema:"first contact, or the state in which the agent got its certificate."`
	OK         bool      `json:"ok" jsonschema:"Whether it succeeds."`
	Why        string    `json:"why,omitempty" jsonschema:"Why it fails."`
	Until      time.Time `json:"until,omitzero" jsonschema:"Until when it succeeds."`
}

// moment is before or after the change.
type moment string

const (
	before moment = "before"
	after  moment = "after"
)

// firstContact is an agent without a certificate.
const firstContact = "first contact"

// side is what one state contributes to a handshake.
type side struct {
	plan            *plan.Plan
	lock            *lockfile.File
	server, signing []*x509.Certificate
	roots           []*x509.Certificate
	authorities     map[string][]string   // remaining agents, by the name with which they verify the server
	clients         [][]*x509.Certificate // agents' chains from an external PKI: for each CA, the first to expire
}

func sideOf(s State, kept []string) side {
	x := side{plan: s.Plan, lock: s.Lock, authorities: byAuthority(s.Plan, kept)}
	if c := s.Lock.Newest(pki.Server); c != nil {
		x.server = c.Chain
	}
	if c := s.Lock.AgentSigner(); c != nil {
		x.signing = c.Chain
	}
	x.clients = presented(s.Lock)
	for _, r := range s.Lock.All(pki.Root) {
		x.roots = append(x.roots, r.Chain[0])
	}
	return x
}

// handshakes checks how relay server and agents meet, with the management cluster and the remotes before and after the change, as the
// clusters are never updated all at once. Every remote has the same bundle and token, so one represents all, with the authorities of all.
// The result follows from the certificates by the rules of TLS: no key is needed.
func (c *comparison) handshakes(at time.Time) {
	if len(c.before.Lock.Certificates) == 0 || len(c.after.Lock.Certificates) == 0 {
		return
	}
	kept := names(c.kept())
	sides := map[moment]side{before: sideOf(c.before, kept), after: sideOf(c.after, kept)}
	if c.issued(sides, at) {
		return
	}
	for _, m := range []moment{before, after} {
		for _, r := range []moment{before, after} {
			if m == before && r == before {
				continue // the present state
			}
			c.play(sides, m, r, firstContact, at)
			if !c.after.Plan.Product.Knows(pki.Signing) && !c.after.Plan.GivesAgents() {
				continue // its agents get no certificates
			}
			c.play(sides, m, r, string(before), at)
			if m == after || r == after && c.after.Plan.GivesAgents() { // it is in the remote's overlay
				c.play(sides, m, r, string(after), at)
			}
		}
	}
	c.judge(sides, at)
}

// play checks one handshake.
func (c *comparison) play(sides map[moment]side, m, r moment, agent string, at time.Time) {
	h := Handshake{Management: string(m), Remote: string(r), Agent: agent}
	until, err := reaches(sides[m], sides[r], at)
	if err == nil && agent != firstContact {
		var end time.Time
		if end, err = accepted(sides[m], sides[moment(agent)], at); err == nil && end.Before(until) {
			until = end
		}
	}
	if err == nil && agent == firstContact && sides[m].token() != sides[r].token() {
		err = errTokens
	}
	if h.OK = err == nil; h.OK {
		h.Until = until
	} else {
		h.Why = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	c.report.Handshakes = append(c.report.Handshakes, h)
}

var errTokens = errors.New("the tokens differ")

func (s side) token() string {
	if s.lock.Token == nil {
		return ""
	}
	return s.lock.Token.SHA256
}

// reaches returns until when agents with the remote's roots accept the server, each by its authority.
func reaches(m, r side, at time.Time) (time.Time, error) {
	if len(m.server) == 0 {
		return time.Time{}, errors.New("the relay server has no certificate")
	}
	until, err := pki.Until(m.server, r.roots, at, x509.ExtKeyUsageServerAuth, "")
	for _, authority := range slices.Sorted(maps.Keys(dialling(m, r))) {
		if err == nil {
			err = m.server[0].VerifyHostname(authority)
		}
	}
	if err != nil {
		return until, fmt.Errorf("the agent refuses the server: %w", err)
	}
	return until, nil
}

// byAuthority groups clusters by the name with which their agents verify the server.
func byAuthority(p *plan.Plan, clusters []string) map[string][]string {
	all := map[string][]string{}
	for _, name := range clusters {
		authority := p.Cluster(name).Authority
		all[authority] = append(all[authority], name)
	}
	return all
}

// dialling returns the agents that dial the server, by authority: the remaining ones and, if both sides are in the same state, new ones
// too.
func dialling(m, r side) map[string][]string {
	if m.plan == r.plan {
		return byAuthority(r.plan, names(r.plan.Agents()))
	}
	return r.authorities
}

// refusing returns the agents that refuse the server because of its names; if there are none, all remaining ones, as they refuse it for
// another reason.
func refusing(m, r side) []string {
	var some, all []string
	for _, agents := range r.authorities {
		all = append(all, agents...)
	}
	for authority, agents := range dialling(m, r) {
		if len(m.server) > 0 && m.server[0].VerifyHostname(authority) != nil {
			some = append(some, agents...)
		}
	}
	if len(some) == 0 {
		some = all
	}
	slices.Sort(some)
	return some
}

// accepted returns until when the server accepts agents' certificates: those issued by a signing CA, or provided.
func accepted(m, by side, at time.Time) (time.Time, error) {
	if len(by.clients) > 0 {
		return takes(m.roots, by.clients, at)
	}
	if len(by.signing) == 0 {
		return time.Time{}, errors.New("there is no signing CA")
	}
	ways, err := pki.WaysBelow(by.signing, m.roots, at)
	if err != nil {
		return time.Time{}, fmt.Errorf("the server refuses the agent: %w", err)
	}
	return pki.Last(ways), nil
}

// judge turns failed handshakes into findings.
func (c *comparison) judge(sides map[moment]side, at time.Time) {
	failed := func(which func(Handshake) bool) *Handshake {
		i := slices.IndexFunc(c.report.Handshakes, func(h Handshake) bool { return !h.OK && which(h) })
		if i < 0 {
			return nil
		}
		return &c.report.Handshakes[i]
	}
	agents := names(c.kept())
	now := at.UTC().Truncate(time.Second)
	if c.swapped(sides) && failed(func(Handshake) bool { return true }) != nil { // cross-signing the root with the old one would help
		c.find(RootReplaced, verify.Error, agents,
			"the root is replaced in one step: agents that trust only the old one refuse the relay server from the moment the management cluster is applied, and it refuses their certificates",
			"rotate the root instead: rotation: {phase: distribute}; or, if an outage is acceptable, apply every cluster at once and restart every agent")
		return
	}
	serverRefused := func(h Handshake) bool { return strings.HasPrefix(h.Why, "the agent refuses") }
	if h := failed(serverRefused); h != nil {
		who := "while only management is applied"
		switch {
		case failed(func(h Handshake) bool {
			return serverRefused(h) && h.Management == string(after) && h.Remote == string(after)
		}) != nil:
			who = "even when every cluster is applied"
		case h.Management == string(before):
			who = "if the remotes are applied before management"
		}
		c.find(ServerRefused, verify.Error, refusing(sides[moment(h.Management)], sides[moment(h.Remote)]), fmt.Sprintf("agents refuse the relay server %s: %s", who, strings.TrimPrefix(h.Why, "the agent refuses the server: ")),
			"keep a certificate that both the old and the new state accept until every cluster is applied")
	}
	c.agentsRefused(agents, failed, now)
	if h := failed(func(h Handshake) bool { return h.Why == errTokens.Error() }); h != nil {
		c.find(TokenReplaced, verify.Warning, agents, "the token is replaced: until both sides are applied, an agent without a certificate is refused; running agents stay connected",
			"apply management, restart the relay server, then the remotes")
	}
}

// agentsRefused reports agents whose certificates the relay server no longer accepts: those that the signing CA issued before, and those of
// the drain phase.
func (c *comparison) agentsRefused(agents []string, failed func(func(Handshake) bool) *Handshake, now time.Time) {
	if h := failed(func(h Handshake) bool { return strings.HasPrefix(h.Why, "the server refuses") }); h != nil {
		whose := "from the signing CA " + h.Agent
		if c.after.Plan.BringsAgents() {
			whose = "that they have " + h.Agent
		}
		c.find(AgentsRefused, verify.Error, agents, fmt.Sprintf("the relay server refuses agents' certificates %s: %s", whose, strings.TrimPrefix(h.Why, "the server refuses the agent: ")),
			"keep the root of their certificates in the bundles until every agent has a new certificate")
		return
	}
	r := c.before.Lock.Rotation
	if c.after.Plan.GivesAgents() { // agents' certificates are in their overlays: a handshake would have failed
		return
	}
	if r == nil || r.DrainUntil.IsZero() || !now.Before(r.DrainUntil) || !c.rootLeaves() {
		return
	}
	if c.after.Lock.Rotation != nil && c.after.Lock.Rotation.AgentsReissued || r.AgentsReissued {
		return
	}
	c.find(AgentsRefused, verify.Error, agents, "a root leaves the bundles while agents may hold certificates under it",
		"keep the phase until then; or state agentsReissued: true once every agent has a certificate under the other root")
	c.report.Findings[len(c.report.Findings)-1].Until = r.DrainUntil
}

// rootLeaves reports whether a root was removed from the bundles.
func (c *comparison) rootLeaves() bool {
	return slices.ContainsFunc(c.before.Lock.All(pki.Root), func(x lockfile.Certificate) bool { return !holds(c.after.Lock.All(pki.Root), x) })
}

// swapped reports whether the bundles of both states have no root in common, so that neither side accepts the other's.
func (c *comparison) swapped(sides map[moment]side) bool {
	return !slices.ContainsFunc(sides[after].roots, func(x *x509.Certificate) bool {
		return slices.ContainsFunc(sides[before].roots, func(y *x509.Certificate) bool {
			return x.Equal(y) || slices.Equal(x.RawSubjectPublicKeyInfo, y.RawSubjectPublicKeyInfo) && slices.Equal(x.RawSubject, y.RawSubject)
		})
	})
}

// kept returns the agents that exist before and after.
func (c *comparison) kept() []plan.Cluster {
	was := map[string]bool{}
	for _, x := range c.before.Plan.Agents() {
		was[x.Name] = true
	}
	return slices.DeleteFunc(slices.Clone(c.after.Plan.Agents()), func(x plan.Cluster) bool { return !was[x.Name] })
}

func names(clusters []plan.Cluster) []string {
	all := make([]string, len(clusters))
	for i, c := range clusters {
		all[i] = c.Name
	}
	return all
}
