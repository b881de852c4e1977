package lockfile

import (
	"slices"
	"strconv"
	"time"

	"relayform/compiler/pki"
	"relayform/schema"
)

// certificate parses an entry's PEM and compares the recorded facts with it.
func (p *parser) certificate(at placed, raw schema.LockedCertificate) Certificate {
	c := Certificate{Role: pki.Role(raw.Role), Generation: int(raw.Generation), Source: raw.Source}
	chain, err := readPEM(raw.Pem)
	if err != nil {
		p.fault(at, "pem", "%s", err)
		return c
	}
	c.Chain, c.Description = chain, describe(chain[0])
	want := c.entry()
	for _, f := range facts {
		if want, have := f.of(want), f.of(raw); have != want {
			p.fault(at, f.name, "the certificate in pem says %s, but this says %s", told(want), told(have))
		}
	}
	if !slices.Equal(raw.Sans, want.Sans) {
		p.fault(at, "sans", "the certificate in pem has %s, but this says %s", told(want.Sans), told(raw.Sans))
	}
	c.Validity = p.validity(at, raw)
	p.digests(at, raw.Intermediates, want.Intermediates)
	return c
}

// facts are the facts of a certificate that are a single string.
var facts = []struct {
	name string
	of   func(schema.LockedCertificate) string
}{
	{"subject", func(c schema.LockedCertificate) string { return c.Subject }},
	{"issuer", func(c schema.LockedCertificate) string { return c.Issuer }},
	{"serial", func(c schema.LockedCertificate) string { return string(c.Serial) }},
	{"sha256", func(c schema.LockedCertificate) string { return string(c.Sha256) }},
	{"spki", func(c schema.LockedCertificate) string { return string(c.Spki) }},
	{"notBefore", func(c schema.LockedCertificate) string { return string(c.NotBefore) }},
	{"notAfter", func(c schema.LockedCertificate) string { return string(c.NotAfter) }},
	{"algorithm", func(c schema.LockedCertificate) string { return c.Algorithm }},
}

// validity returns the requested validity: relayform's own certificates have one, others do not.
func (p *parser) validity(at placed, raw schema.LockedCertificate) time.Duration {
	switch {
	case raw.Source == External && raw.Validity != "":
		p.fault(at, "validity", "its source is external, and nobody asked relayform for a validity")
	case raw.Source == SelfSigned && raw.Validity == "":
		p.fault(at, "validity", "missing; want hours, as relayform issued it")
	case raw.Source == SelfSigned:
		v, err := time.ParseDuration(string(raw.Validity))
		if err != nil {
			p.fault(at, "validity", "want hours, such as 9552h")
		}
		return v
	}
	return 0
}

// digests compares the intermediates with their fingerprints. A lockfile from before these were written has none; removing them gains
// nothing, as every intermediate must chain to a root.
func (p *parser) digests(at placed, have, want []schema.Digest) {
	switch {
	case have == nil:
	case len(have) != len(want):
		p.fault(at, "intermediates", "pem has %d certificates after the first, but this says %d", len(want), len(have))
	default:
		for i := range want {
			if have[i] != want[i] {
				p.faultAt(append(slices.Clone(at.at), "intermediates", strconv.Itoa(i)), "the certificate in pem says %q, but this says %q", want[i], have[i])
			}
		}
	}
}
