package verify

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// handshakes tries, for each group of identical agents, what an agent does: first contact with only the root and the token, then mutual TLS
// with a certificate that the signing CA signed; and what the collector next to it does.
func (j *judge) handshakes() error {
	var key crypto.Signer
	if !j.m.Public {
		var err error
		if key, err = j.newKey(pki.ECDSAP256); err != nil {
			return err
		}
	}
	for _, g := range j.groups {
		if !g.Agent {
			continue
		}
		for _, part := range j.parts(g) {
			c := j.connect(part, key)
			c.Telemetry = j.collects(part)
			j.report.Connections = append(j.report.Connections, c)
		}
	}
	return nil
}

// parts splits a group by what distinguishes its members in a handshake: whether name constraints permit the cluster's name, whether the
// agent's certificate is for it, and by which name it verifies the server.
func (j *judge) parts(g *group) []*group {
	var parts []*group
	for _, part := range g.split(func(c *Cluster) bool { return !j.shut[c.Name] }) {
		for _, part := range part.split(func(c *Cluster) bool { return part.isFor(c.Name) }) {
			parts = append(parts, j.byAuthority(part)...)
		}
	}
	return parts
}

// byAuthority splits a group by the name with which members verify the server, in the order of the names.
func (j *judge) byAuthority(g *group) []*group {
	members := map[string][]*Cluster{}
	for _, c := range g.members {
		members[j.authority(c)] = append(members[j.authority(c)], c)
	}
	var parts []*group
	for _, name := range slices.Sorted(maps.Keys(members)) {
		part := *g
		part.members, part.Cluster = members[name], members[name][0]
		parts = append(parts, &part)
	}
	return parts
}

// split splits a group by a predicate, and omits empty parts.
func (g *group) split(holds func(*Cluster) bool) []*group {
	with, without := *g, *g
	with.members, without.members = nil, nil
	for _, c := range g.members {
		into := &without
		if holds(c) {
			into = &with
		}
		into.members = append(into.members, c)
		into.Cluster = into.members[0]
	}
	return slices.DeleteFunc([]*group{&with, &without}, func(g *group) bool { return len(g.members) == 0 })
}

func (j *judge) connect(g *group, key crypto.Signer) Connection {
	c := Connection{Clusters: g.names()}
	if j.m.Unseen {
		return c
	}
	server := j.management.server
	if server == nil || g.root == nil || !server.whole || len(g.root.certs) == 0 {
		if c.MutualTLS = j.failed(g, mutualTLS, nil); !j.m.Names.Given {
			c.FirstContact = j.failed(g, firstContact, nil)
		}
		return c
	}
	until, err := pki.Until(server.certs, g.root.certs, j.at, x509.ExtKeyUsageServerAuth, j.authority(g.Cluster))
	if j.m.Public {
		return j.public(c, g, until, err)
	}
	presented, loadErr := server.present(j.m.Names.Keys)
	if j.m.Names.Given {
		c.MutualTLS = j.given(g, presented, errors.Join(loadErr, err), until)
		return c
	}
	if err = errors.Join(loadErr, err); err == nil {
		_, err = j.handshake(g, presented, nil)
	}
	if err == nil && (g.tokenMissing || !bytes.Equal(g.token, j.management.token)) {
		err = errors.New("the tokens differ")
	}
	c.FirstContact = Outcome{Done: true, OK: err == nil, Until: until}
	if err != nil {
		c.FirstContact = j.failed(g, firstContact, err)
	}
	if j.m.Names.Signing != "" {
		c.MutualTLS = j.mutual(g, presented, loadErr, key, until)
	}
	return c
}

// public returns what is known about connections without keys: that they fail, or until when they may work.
func (j *judge) public(c Connection, g *group, until time.Time, err error) Connection {
	if j.m.Names.Given {
		return j.publicGiven(c, g, until, err)
	}
	c.FirstContact.Until, c.MutualTLS.Until = until, until
	if err != nil {
		c.FirstContact, c.MutualTLS = j.failed(g, firstContact, err), j.failed(g, mutualTLS, err)
		return c
	}
	signing := j.management.signing
	switch {
	case signing == nil || !signing.whole || signing.way == nil || !signing.way.ok || j.shut[g.Name]:
		c.MutualTLS = j.failed(g, mutualTLS, errors.New("what the signing CA signs is refused"))
	case signing.way.until.Before(until):
		c.MutualTLS.Until = signing.way.until
	}
	if g.client != nil && g.client.whole && !g.client.way.ok {
		c.MutualTLS = j.failed(g, mutualTLS, errors.New("the agent's certificate is refused"))
	}
	return c
}

// mutual tries the connection with a new agent certificate, and with the agent's own if the cluster has one.
func (j *judge) mutual(g *group, presented *tls.Certificate, err error, key crypto.Signer, until time.Time) Outcome {
	signing := j.management.signing
	if err == nil && (signing == nil || !signing.whole || signing.key == nil || j.trusted() == nil) {
		err = errors.New("the signing CA or the server's roots are missing")
	}
	if err != nil {
		return j.failed(g, mutualTLS, err)
	}
	agent, err := pki.IssueAgent(g.Name, key, pki.Issuer{Certificate: signing.certs[0], Key: signing.key}, j.m.AgentValidity, j.at)
	if err != nil {
		return j.failed(g, mutualTLS, err)
	}
	chain := append([]*x509.Certificate{agent}, signing.certs...)
	if _, err = j.handshake(g, presented, certificate(chain, key)); err != nil {
		return j.failed(g, mutualTLS, err)
	}
	// Later certificates end with the signing CA, not with this certificate.
	end, err := pki.Until(signing.certs, j.trusted().certs, j.at, x509.ExtKeyUsageClientAuth, "")
	if err == nil && end.Before(until) {
		until = end
	}
	if g.client != nil {
		own, err := g.client.present(j.m.Names.Keys)
		if err == nil {
			_, err = j.handshake(g, presented, own)
		}
		if err == nil && !slices.Contains(g.client.certs[0].DNSNames, g.Name) {
			err = errors.New("the agent's certificate names another cluster") // TLS accepts that, but the relay server does not
		}
		if err != nil {
			return j.failed(g, mutualTLS, err)
		}
	}
	return Outcome{Done: true, OK: true, Until: until}
}

// present returns a pair as a TLS endpoint loads it: tls.crt in its own order, with the key of the first certificate.
func (p *pair) present(keys product.Keys) (*tls.Certificate, error) {
	if !p.whole || p.key == nil {
		return nil, errors.New("it cannot be loaded")
	}
	c, err := tls.X509KeyPair(p.secret.Data[keys.Cert], p.secret.Data[keys.Key])
	return &c, err
}

func certificate(chain []*x509.Certificate, key crypto.Signer) *tls.Certificate {
	c := &tls.Certificate{PrivateKey: key}
	for _, x := range chain {
		c.Certificate = append(c.Certificate, x.Raw)
	}
	return c
}

// handshake connects an agent of the group with the relay server, over a pipe. Without a client certificate it is first contact. The error
// is from the side that refused.
func (j *judge) handshake(g *group, server, client *tls.Certificate) (tls.ConnectionState, error) {
	return j.meet(g, j.authority(g.Cluster), server, client)
}

// meet is handshake for a server with the given name.
func (j *judge) meet(g *group, name string, server, client *tls.Certificate) (tls.ConnectionState, error) {
	now := func() time.Time { return j.at }
	accept := &tls.Config{Certificates: []tls.Certificate{*server}, Time: now, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}
	dial := &tls.Config{RootCAs: pki.Pool(g.root.certs), ServerName: name, Time: now, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}
	if client != nil {
		accept.ClientAuth, accept.ClientCAs = tls.RequireAndVerifyClientCert, pki.Pool(j.trusted().certs)
		dial.Certificates = []tls.Certificate{*client}
	}
	near, far := pipe()
	defer near.Close()
	accepted := make(chan error, 1)
	go func() {
		s := tls.Server(far, accept)
		err := s.Handshake()
		far.Close()
		accepted <- err
	}()
	c := tls.Client(near, dial)
	dialled := c.Handshake()
	if dialled == nil {
		_, _ = io.Copy(io.Discard, c) // in TLS 1.3 the server verifies the client after the client has finished
	}
	near.Close()
	if err := <-accepted; err != nil && dialled == nil {
		return c.ConnectionState(), fmt.Errorf("the server refuses the agent: %w", err)
	}
	if dialled != nil {
		return c.ConnectionState(), fmt.Errorf("the agent refuses the server: %w", dialled)
	}
	return c.ConnectionState(), nil
}

type phase int

const (
	firstContact phase = iota
	mutualTLS
	collection
)

// failed attributes a failure to the findings that explain it. If there are none, it adds a finding for the failure itself.
func (j *judge) failed(g *group, ph phase, err error) Outcome {
	o := Outcome{Done: true}
	for _, f := range j.report.Findings {
		if f.Severity == Error && j.breaks(f, g, ph) && !slices.Contains(o.Causes, f.Code) {
			o.Causes = append(o.Causes, f.Code)
		}
	}
	if len(o.Causes) == 0 && err != nil {
		name := map[phase]string{firstContact: "first contact", mutualTLS: "mutual TLS", collection: "telemetry"}[ph]
		j.find(g, HandshakeFailed, Error, "", nil, name+": "+strings.ReplaceAll(err.Error(), "\n", "; "), "")
		o.Causes = []diag.Code{HandshakeFailed}
	}
	return o
}

// breaks reports whether a finding can cause a failure between these agents and the server.
func (j *judge) breaks(f Finding, g *group, ph phase) bool {
	n := j.m.Names
	name, _, _ := strings.Cut(f.Object, " ")
	here, there := slices.Contains(f.Clusters, g.Name), slices.Contains(f.Clusters, j.management.Name)
	if name == "" || f.Code == KeyExposed || f.Code == KeyShared {
		return false
	}
	switch name {
	case n.Root:
		return here
	case n.Server:
		return there && (ph == mutualTLS || ph == firstContact && f.Object != n.Server+" "+n.Keys.CA) || here && ph != collection && f.Code == AuthorityUncovered
	case n.Telemetry:
		return there && ph == collection && f.Object != n.Telemetry+" "+n.Keys.CA
	case n.Signing:
		return there && ph == mutualTLS
	case n.Token:
		return (here || there) && ph == firstContact
	case n.Client:
		return here && ph == mutualTLS
	}
	return false
}
