package verify

import (
	"bytes"
	"fmt"
	"maps"
	"relayform/schema/diag"
	"slices"

	"relayform/compiler/pki"
)

// roles reports what makes certificates unusable in their roles.
func (j *judge) roles() {
	m := j.management
	same := false
	if m.server != nil && m.signing != nil && m.server.whole && m.signing.whole {
		server, signing := m.server.certs[0], m.signing.certs[0]
		switch same = server.Equal(signing); {
		case same:
			j.find(m, ServerIsSigning, Error, m.server.object(j.m.Names.Keys.Cert), m.server.secret, fmt.Sprintf("%s is also the signing CA's certificate", subject(server)), "issue one of the two again")
		case bytes.Equal(server.RawSubjectPublicKeyInfo, signing.RawSubjectPublicKeyInfo):
			j.find(m, KeyShared, Error, m.server.object(j.m.Names.Keys.Cert), m.server.secret, "the server's certificate and the signing CA's have the same key", "issue one of the two again, with a key of its own")
		}
	}
	for _, g := range j.groups {
		for _, p := range g.pairs() {
			if p.whole && p.built && bytes.Equal(p.chain.Anchor.RawSubjectPublicKeyInfo, p.certs[0].RawSubjectPublicKeyInfo) && !p.chain.Anchor.Equal(p.certs[0]) {
				j.find(g, KeyShared, Error, p.object(j.m.Names.Keys.Cert), p.secret, "the "+p.what+"'s certificate has the root's key", "issue it again, with a key of its own")
			}
		}
	}
	if p := m.server; p != nil && p.whole && !(same && p.certs[0].IsCA) {
		j.server(m, p)
	}
	if p := m.telemetry; p != nil && p.whole {
		j.gateway(m, p)
	}
	if p := m.signing; p != nil && p.whole {
		j.signing(m, p, same)
	}
	if j.m.Names.Given {
		j.serverEnding()
	}
	for _, g := range j.groups {
		if g.client != nil && g.client.whole {
			j.client(g, g.client)
		}
	}
}

// speaker returns the function that reports findings about a role's certificate.
func (j *judge) speaker(g *group, p *pair) speaker {
	return func(e verdict, message, hint string) {
		j.find(g, e.code, e.severity, p.object(j.m.Names.Keys.Cert), p.secret, subject(p.certs[0])+": "+message, hint)
	}
}

func (j *judge) server(g *group, p *pair) {
	say := j.speaker(g, p)
	j.names(p, say)
	j.work(p, say)
}

// work reports what makes a pair unusable in its role, by itself and in each of its chains.
func (j *judge) work(p *pair, say speaker) {
	for _, r := range pki.Unfit(p.role, p.certs[0]) {
		say(verdict{diag.Code(r.Code), Error}, r.Message, "")
	}
	for _, c := range p.chains {
		j.path(p, c, say)
	}
	j.refused(p, say)
}

func (j *judge) signing(g *group, p *pair, same bool) {
	say := j.speaker(g, p)
	leaf := p.certs[0]
	if len(pki.Unfit(pki.Signing, leaf)) == 0 && pki.PathLength(leaf) != 0 && !j.signsItself(leaf) {
		say(verdict{PathLengthOpen, Note}, "it may issue further CAs; want pathlen:0", "")
	}
	j.work(p, say)
	serves := len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0 || allows(leaf, pki.Server)
	authorities, _ := j.others()
	if !same && serves && slices.ContainsFunc(append(authorities, j.m.Authority), func(name string) bool { return leaf.VerifyHostname(name) == nil }) {
		say(verdict{SigningServes, Warning}, fmt.Sprintf("its own DNS names (%s) cover the authority: it could pose as the relay server", list(leaf.DNSNames)), "issue it without subject alternative names")
	}
	if len(j.shut) > 0 {
		excluded := slices.Sorted(maps.Keys(j.shut))
		say(verdict{NameConstraints, Error}, fmt.Sprintf("name constraints of the chain exclude %s: an agent's DNS name is the bare cluster name", InWords(excluded)), "ask the PKI for a signing CA without name constraints")
	}
	j.ending(say, p)
}

func (j *judge) client(g *group, p *pair) {
	say := j.speaker(g, p)
	for _, c := range g.members {
		if err := p.certs[0].VerifyHostname(c.Name); err != nil || !slices.Contains(p.certs[0].DNSNames, c.Name) {
			message := fmt.Sprintf("its DNS names (%s) are not the cluster's name", list(p.certs[0].DNSNames))
			j.add(ClientName.Fault(message, j.another("delete the Secret, and the agent gets another")), Error, []string{c.Name}, p.object(j.m.Names.Keys.Cert), p.secret.At)
		}
	}
	j.work(p, say)
	if leaf := p.certs[0]; j.m.Names.Given && j.soon(leaf, j.early(p)) {
		say(verdict{ClientShort, Warning}, "ends on "+pki.Day(leaf.NotAfter), j.next(p, "issue the next one, and apply the cluster's overlay"))
	}
}

// another says how an agent gets a different certificate: as given if the relay server signs them.
func (j *judge) another(signed string) string {
	if j.m.Names.Given {
		return "issue one with the cluster's name as its DNS name, and apply the cluster's overlay"
	}
	return signed
}
