package verify

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"

	"relayform/compiler/pki"
)

// trusts checks each ca.crt by itself.
func (j *judge) trusts() {
	for _, g := range j.groups {
		for _, b := range g.bundles() {
			if b.whole {
				j.trust(g, b)
			}
		}
	}
}

func (j *judge) trust(g *group, b *bundle) {
	issued := j.issued(b.secret) // there are separate messages for what an issuer writes
	if !b.own && !issued && !j.serves(b) {
		severity := Warning
		if len(j.peers(g, b)) > 0 {
			severity = Error
		}
		message, hint := "it holds no root: none of its certificates is signed by its own key", "add the root of the PKI"
		if what := j.mistaken(b); what != "" {
			message = "it holds the " + what + "'s certificate instead of a root"
			hint = "write the root there, the same as in " + j.m.Names.Keys.CA + " of " + j.m.Names.Root + " on the management cluster; a " + j.m.Names.Keys.Cert + " is what a root has issued"
		}
		j.find(g, NoAnchor, severity, b.object(), b.secret, message, hint)
	}
	for i, c := range b.certs {
		switch {
		case slices.ContainsFunc(b.certs[:i], c.Equal):
			j.find(g, DuplicateInCA, Note, b.object(), b.secret, fmt.Sprintf("it holds %s twice", subject(c)), "remove one")
		case c.IsCA && !issued && !j.signsItself(c) && (b.own || j.serves(b)):
			hint := "move it to " + j.m.Names.Keys.Cert + ", after the certificate that it issued"
			if !b.own {
				hint = "add the root, and move this one to " + j.m.Names.Keys.Cert + ", after the certificate that it issued"
			}
			j.find(g, IntermediateInCA, Warning, b.object(), b.secret, fmt.Sprintf("%s is a CA, but not a root: %s issued it", subject(c), c.Issuer), hint)
		case c.Version == 3 && !c.IsCA && !j.signsItself(c):
			message, hint := fmt.Sprintf("%s is not a CA", subject(c)), "only roots belong in "+b.key
			if what := j.mistaken(b); !b.own && what != "" {
				message += fmt.Sprintf(": it is the %s's certificate instead of a root, and trust ends when it is renewed", what)
				hint += ": write the root there"
			}
			j.find(g, LeafInCA, Warning, b.object(), b.secret, message, hint)
		default:
			continue
		}
		b.odd = true
	}
}

// mistaken says whose certificate is there instead of a root; empty if unknown.
func (j *judge) mistaken(b *bundle) string {
	for _, p := range []*pair{j.management.signing, j.management.server} {
		if p != nil && p.whole && slices.ContainsFunc(b.certs, p.certs[0].Equal) {
			return p.what
		}
	}
	return ""
}

// serves reports whether anyone verifies a pair with the bundle.
func (j *judge) serves(b *bundle) bool {
	return slices.ContainsFunc(j.management.issued(), func(p *pair) bool { return p.by(b) != nil && p.by(b).ok })
}

// bundles compares what clusters trust: each must have the root of its peer's chain, and all should have the same roots.
func (j *judge) bundles() {
	m := j.management
	var common *bundle
	if all := m.bundles(); len(all) > 0 {
		common = all[0]
	} else if i := slices.IndexFunc(j.groups, func(g *group) bool { return g.root != nil }); i >= 0 {
		common = j.groups[i].root
	}
	for _, g := range j.groups {
		for _, b := range g.bundles() {
			if !b.usable() || j.issued(b.secret) {
				continue
			}
			peers := j.peers(g, b)
			if slices.ContainsFunc(peers, func(p peer) bool { return j.strayed[p.pair] }) {
				continue // already reported
			}
			apart := slices.IndexFunc(peers, func(p peer) bool { return p.built && p.by(b) != nil && !p.by(b).built })
			switch {
			case apart >= 0:
				if !b.own {
					continue // already reported
				}
				j.find(g, AnchorsDiffer, Error, b.object(), b.secret,
					fmt.Sprintf("the chain of the %s ends at %s, which is not among the roots here: %s", peers[apart].who, Named(peers[apart].chain.Anchor), rootsInWords(b.roots)),
					"give this cluster the same roots as the others")
			case !common.usable():
			case !sameSet(b.roots, common.roots):
				j.find(g, AnchorsDiffer, Warning, b.object(), b.secret,
					fmt.Sprintf("the roots here are %s; %s of %s has %s", rootsInWords(b.roots), common.object(), j.owner(common), rootsInWords(common.roots)), "give each cluster the same roots")
			case !bytes.Equal(b.text, common.text) && !b.odd && !common.odd:
				j.find(g, BundlesDiffer, Note, b.object(), b.secret, fmt.Sprintf("the same roots as %s of %s, in different bytes", common.object(), j.owner(common)), "copy the file unchanged")
			}
		}
	}
}

// peer is a pair whose chain is verified, with its owner.
type peer struct {
	*pair
	who string
}

// peers returns the chains that are verified with the bundle: agents verify the server and collectors the telemetry gateway, the server
// verifies agents.
func (j *judge) peers(g *group, b *bundle) []peer {
	var peers []peer
	m := j.management
	switch {
	case g.Agent && b == g.root:
		peers = []peer{{m.server, "relay server"}, {m.telemetry, "telemetry gateway"}}
	case m.server != nil && b == j.trusted():
		peers = []peer{{m.signing, "signing CA"}}
	}
	return slices.DeleteFunc(peers, func(p peer) bool { return p.pair == nil })
}

func (j *judge) owner(b *bundle) string {
	for _, g := range j.groups {
		if slices.Contains(g.bundles(), b) {
			return g.Name
		}
	}
	return ""
}

func sameSet(a, b []*x509.Certificate) bool {
	if len(a) != len(b) {
		return false
	}
	return !slices.ContainsFunc(a, func(c *x509.Certificate) bool { return !slices.ContainsFunc(b, c.Equal) })
}

// Named identifies a certificate by subject and fingerprint: reissued roots have the same subject.
func Named(c *x509.Certificate) string {
	return fmt.Sprintf("%s (sha256 %.16s)", subject(c), pki.Describe(c).SHA256)
}

func rootsInWords(roots []*x509.Certificate) string {
	words := make([]string, len(roots))
	for i, r := range roots {
		words[i] = Named(r)
	}
	return list(words)
}
