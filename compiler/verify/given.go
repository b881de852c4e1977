package verify

import (
	"crypto/tls"
	"errors"
	"slices"
	"time"
)

// given returns the connection of an agent that was given its certificate: its first contact uses it.
func (j *judge) given(g *group, presented *tls.Certificate, err error, until time.Time) Outcome {
	if err == nil && (g.client == nil || j.trusted() == nil) {
		err = errors.New("the agent's certificate or the server's roots are missing")
	}
	if err != nil {
		return j.failed(g, mutualTLS, err)
	}
	own, err := g.client.present(j.m.Names.Keys)
	if err == nil {
		_, err = j.handshake(g, presented, own)
	}
	if err = errors.Join(err, g.named()); err != nil {
		return j.failed(g, mutualTLS, err)
	}
	return Outcome{Done: true, OK: true, Until: g.client.until(until)}
}

// publicGiven returns what is known about it without keys.
func (j *judge) publicGiven(c Connection, g *group, until time.Time, err error) Connection {
	if err == nil && (g.client == nil || !g.client.whole || g.client.way == nil || !g.client.way.ok) {
		err = errors.New("the agent's certificate is refused")
	}
	if err == nil {
		err = g.named()
	}
	if err != nil {
		c.MutualTLS = j.failed(g, mutualTLS, err)
		return c
	}
	c.MutualTLS.Until = g.client.until(until)
	return c
}

// named returns an error if a certificate names a different cluster: TLS accepts that, but the relay server does not.
func (g *group) named() error {
	if !g.isFor(g.Name) {
		return errors.New("the agent's certificate names another cluster")
	}
	return nil
}

// isFor reports whether the agent's certificate, if known, names a cluster.
func (g *group) isFor(cluster string) bool {
	return g.client == nil || !g.client.whole || slices.Contains(g.client.certs[0].DNSNames, cluster)
}

// until returns the earlier of a time and the end of the pair's chain.
func (p *pair) until(t time.Time) time.Time {
	if p.way != nil && p.way.ok && p.way.until.Before(t) {
		return p.way.until
	}
	return t
}
