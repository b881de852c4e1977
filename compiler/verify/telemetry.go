package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/pki"
)

// collects tries the connection of an agent's collector to the telemetry gateway: it trusts the same roots as the agent, and presents no
// certificate.
func (j *judge) collects(g *group) Outcome {
	if j.m.Gateway == "" || j.m.Unseen {
		return Outcome{}
	}
	p := j.management.telemetry
	if p == nil || g.root == nil || !p.whole || len(g.root.certs) == 0 {
		return j.failed(g, collection, errors.New("the telemetry gateway's certificate or the collector's roots are missing"))
	}
	until, err := pki.Until(p.certs, g.root.certs, j.at, x509.ExtKeyUsageServerAuth, j.m.Gateway)
	switch {
	case err != nil:
		return j.failed(g, collection, err)
	case j.m.Public:
		return Outcome{Until: until}
	}
	presented, err := p.present(j.m.Names.Keys)
	if err == nil {
		_, err = j.meet(g, j.m.Gateway, presented, nil)
	}
	if err != nil {
		return j.failed(g, collection, err)
	}
	return Outcome{Done: true, OK: true, Until: until}
}

// gateway checks the telemetry gateway's certificate: collectors verify it by one name.
func (j *judge) gateway(g *group, p *pair) {
	say, leaf, name := j.speaker(g, p), p.certs[0], strings.ToLower(j.m.Gateway)
	exact := slices.ContainsFunc(leaf.DNSNames, func(n string) bool { return strings.EqualFold(n, name) })
	hint := "issue it with the subject alternative name DNS:" + name
	switch {
	case len(leaf.DNSNames) == 0:
		say(verdict{NoSAN, Error}, "it has no DNS name; collectors verify it by "+name, hint)
	case leaf.VerifyHostname(name) != nil:
		say(verdict{AuthorityUncovered, Error}, fmt.Sprintf("its DNS names (%s) do not cover %s, by which collectors verify it", list(leaf.DNSNames), name), hint)
	case !exact:
		say(verdict{AuthorityWildcard, Warning}, "only a wildcard covers "+name+", by which collectors verify it", hint)
	}
	j.work(p, say)
}

// judged reports whether anything is known about a connection: its result or, without keys, until when it may work.
func (o Outcome) judged() bool { return o.Done || !o.Until.IsZero() }

// collecting reports whether the report includes a telemetry gateway.
func (r *Report) collecting() bool {
	for _, c := range r.Connections {
		if c.Telemetry.judged() {
			return true
		}
	}
	return false
}
