package lockfile

import (
	"cmp"
	"slices"

	"relayform/compiler/pki"
)

// named compares the topology's name with the certificates that relayform issued, which contain it.
func (p *parser) named() {
	var names []string
	for _, c := range p.every() {
		if c.Source == SelfSigned {
			names = append(names, organisation(c))
		}
	}
	if len(names) < 2 || names[0] == "" || names[0] == p.topology || len(slices.Compact(names)) > 1 {
		return // they do not all belong to one other topology
	}
	p.faultAt([]string{"topology"}, "the certificates carry the organisation %q, and so the lockfile is that topology's", names[0])
}

func organisation(c placed) string {
	if o := c.Chain[0].Subject.Organization; len(o) == 1 {
		return o[0]
	}
	return ""
}

// forms checks each entry by itself: that relayform would have issued it, or that it is an anchor.
func (p *parser) forms() {
	for _, c := range p.every() {
		switch {
		case c.Source == SelfSigned:
			p.selfSigned(c)
		case c.Role == pki.Root:
			p.anchor(c)
		}
	}
}

func (p *parser) every() []placed { return slices.Concat(p.inForce, p.aside) }

// selfSigned refuses what relayform would not have issued.
func (p *parser) selfSigned(c placed) {
	cert := c.Chain[0]
	if len(c.Chain) > 1 {
		p.fault(c, "pem", "want one certificate, as its source is selfSigned; here are %d", len(c.Chain))
		return
	}
	if m := pki.FindMisfit(c.Role, cert, p.topology, c.Generation); m != nil {
		p.fault(c, cmp.Or(m.Of, "pem"), "relayform issues a %s certificate differently: %s", c.Role, m.Message)
		return
	}
	if c.Role != pki.Root {
		return
	}
	switch {
	case !pki.Issued(cert, cert):
		p.fault(c, "pem", "a root is signed by its own key, and this one is not")
	case !pki.Lasts(cert, cert, c.Validity):
		p.fault(c, "validity", "the certificate in pem is valid from %s to %s, which is a different validity", c.NotBefore, c.NotAfter)
	}
}

// anchor refuses what is not an anchor of an external PKI.
func (p *parser) anchor(c placed) {
	switch {
	case len(c.Chain) > 1:
		p.fault(c, "pem", "want one certificate, as it is a root; here are %d", len(c.Chain))
	case !pki.SelfIssued(c.Chain[0]) && !c.Chain[0].IsCA:
		p.fault(c, "pem", "an anchor is a CA, or signed by its own key, and this one is neither")
	}
}
