package lockfile

import (
	"crypto/x509"
	"slices"
	"strconv"
	"time"

	"relayform/compiler/pki"
	"relayform/schema"
)

// certificate parses an entry's PEM and holds the facts against it.
func (p *parser) certificate(at placed, raw schema.LockedCertificate) Certificate {
	c := Certificate{Role: pki.Role(raw.Role), Generation: int(raw.Generation), Source: raw.Source}
	chain, err := readPEM(raw.Pem)
	if err != nil {
		p.fault(at, "pem", "%s", err)
		return c
	}
	c.Chain, c.Description = chain, describe(chain[0])
	for _, f := range c.facts() {
		if have := f.of(raw); have != f.want {
			p.fault(at, f.name, "the certificate in pem says %s, and this says %s", told(f.want), told(have))
		}
	}
	if !slices.Equal(raw.Sans, c.SANs) {
		p.fault(at, "sans", "the certificate in pem has %s, and this says %s", told(c.SANs), told(raw.Sans))
	}
	c.Validity = p.validity(at, raw)
	p.digests(at, raw, chain[1:])
	return c
}

type fact struct {
	name string
	want string
	of   func(schema.LockedCertificate) string
}

func (c *Certificate) facts() []fact {
	return []fact{
		{"subject", c.Subject, func(r schema.LockedCertificate) string { return r.Subject }},
		{"issuer", c.Issuer, func(r schema.LockedCertificate) string { return r.Issuer }},
		{"serial", c.Serial, func(r schema.LockedCertificate) string { return string(r.Serial) }},
		{"sha256", c.SHA256, func(r schema.LockedCertificate) string { return string(r.Sha256) }},
		{"spki", c.SPKI, func(r schema.LockedCertificate) string { return string(r.Spki) }},
		{"notBefore", c.NotBefore, func(r schema.LockedCertificate) string { return string(r.NotBefore) }},
		{"notAfter", c.NotAfter, func(r schema.LockedCertificate) string { return string(r.NotAfter) }},
		{"algorithm", c.Algorithm, func(r schema.LockedCertificate) string { return r.Algorithm }},
	}
}

// intermediates are the fingerprints of what stands behind the certificate.
func (c *Certificate) intermediates() []string {
	var digests []string
	for _, above := range c.Chain[1:] {
		digests = append(digests, pki.Describe(above).SHA256)
	}
	return digests
}

// validity is what was asked for: relayform's own certificates have it, others do not.
func (p *parser) validity(at placed, raw schema.LockedCertificate) time.Duration {
	switch {
	case raw.Source == External && raw.Validity != "":
		p.fault(at, "validity", "its source is external, and nobody asked relayform for a validity")
	case raw.Source == SelfSigned && raw.Validity == "":
		p.fault(at, "validity", "missing; want hours, as relayform issued it")
	case raw.Source == SelfSigned:
		v, err := time.ParseDuration(string(raw.Validity))
		if err != nil {
			p.fault(at, "validity", "want hours, as 9552h")
		}
		return v
	}
	return 0
}

// digests holds the intermediates against their fingerprints. A lockfile from before these were
// written has none of them; who takes them out gains nothing, as every intermediate has to lead to a root.
func (p *parser) digests(at placed, raw schema.LockedCertificate, above []*x509.Certificate) {
	if raw.Intermediates == nil {
		return
	}
	if len(raw.Intermediates) != len(above) {
		p.fault(at, "intermediates", "pem has %d certificates behind the first, and this says %d", len(above), len(raw.Intermediates))
		return
	}
	for i, c := range above {
		if want := pki.Describe(c).SHA256; want != string(raw.Intermediates[i]) {
			p.faultAt(append(slices.Clone(at.at), "intermediates", strconv.Itoa(i)), "the certificate in pem says %q, and this says %q", want, string(raw.Intermediates[i]))
		}
	}
}
