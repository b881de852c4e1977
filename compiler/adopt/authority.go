package adopt

import (
	"crypto/x509"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/pattern"
)

// authority finds the names by which agents verify the relay server, and checks that the server's certificate has them.
func (f *finder) authority() {
	m := f.mesh
	server := m.Trust.Chains[pki.Server][0]
	f.domain(server.DNSNames)
	var said []sameIn
	var silent []string
	where, clusters := map[string]string{}, f.clusters()
	if !m.Agent {
		clusters = clusters[1:]
	}
	for _, c := range clusters {
		if a, at := f.said(c, m.Product.Agent.Authority); a != "" {
			c.Authority = strings.TrimSuffix(a, ".")
			said = group(said, c.Authority, c.Name)
			where[c.Authority] = at
		} else if c != &m.Management {
			silent = append(silent, c.Name)
		}
	}
	switch {
	case f.answers.Authority != "":
		m.Authority, m.Because.Authority = f.answers.Authority, "--authority"
	case len(said) > 1 && len(silent) > 0:
		f.fault("", "give the name: --authority NAME; or add the Helm values of these agents", "agents verify the relay server by different names (%s), and nothing says which name agents in %s use", inWords(said, func(t string) string { return t }), named(silent))
		return
	case len(said) > 0:
		m.Authority = usualOf(said, m.Management.Authority, m.Product.Authority(m.Namespace))
		m.Because.Authority = where[m.Authority]
	case f.routed() != "":
		m.Authority, m.Because.Authority = f.routed(), "the ingress routes it to the relay server"
	default:
		m.Authority, m.Because.Authority = m.Product.Authority(m.Namespace), "the default, as no values set one"
	}
	if server.VerifyHostname(m.Authority) != nil {
		f.fault("", "give the name by which agents verify the server: --authority NAME", "the server's certificate is for %s, not for the authority %s (%s)", named(server.DNSNames), m.Authority, m.Because.Authority)
	}
	for _, g := range said {
		if g.text != m.Authority && server.VerifyHostname(g.text) != nil {
			f.fault("", "change the agents' value to a name in the certificate, or leave these clusters out with --without", "the server's certificate is for %s, but agents in %s verify it by %s (%s)", named(server.DNSNames), named(g.clusters), g.text, where[g.text])
		}
	}
	m.Management.Authority = ""
	for _, c := range clusters {
		if c.Authority == m.Authority {
			c.Authority = ""
		}
	}
	f.moreNames(server)
}

// usualOf returns the authority to set once in the topology: that of the management cluster's own agent, which cannot have another;
// otherwise the product's, if agents use it; otherwise the most common one.
func usualOf(said []sameIn, management, usual string) string {
	if management != "" {
		return management
	}
	most := said[0]
	for _, g := range said {
		if g.text == usual {
			return usual
		}
		if len(g.clusters) > len(most.clusters) {
			most = g
		}
	}
	return most.text
}

// authorities returns all names by which agents verify the relay server.
func (m *Mesh) authorities() map[string]bool {
	all := map[string]bool{m.Authority: true}
	for _, c := range m.Remotes {
		if c.Authority != "" {
			all[c.Authority] = true
		}
	}
	return all
}

// serverName matches the names that management.dnsNames accepts.
var serverName = pattern.Late(`^(\*\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$`)

// sayable reports whether a topology can contain a certificate's name.
func sayable(name string) bool {
	return len(name) <= 253 && serverName().MatchString(name) && strings.Trim(name, "*0123456789.") != ""
}

// moreNames finds names in the server's certificate that relayform would not add by default, so that later ones keep them.
func (f *finder) moreNames(server *x509.Certificate) {
	m := f.mesh
	domain := m.Management.ClusterDomain
	if domain == "" {
		domain = "cluster.local"
	}
	var authorities, unsaid []string
	said := m.authorities()
	for _, name := range server.DNSNames {
		switch {
		case slices.Contains(m.Product.DNSNames(m.Authority, m.Namespace, domain), name) || slices.Contains(m.DNSNames, name):
		case said[name]:
			authorities = append(authorities, name)
		case !sayable(name) || len(m.DNSNames) == plan.MaxDNSNames:
			unsaid = append(unsaid, name)
		default:
			m.DNSNames = append(m.DNSNames, name)
		}
	}
	for _, name := range authorities {
		if pki.Covers(m.DNSNames, name) { // otherwise the certificate lists the authority itself
			m.DNSNames = append(m.DNSNames, name)
		}
	}
	slices.Sort(m.DNSNames)
	if len(unsaid) > 0 {
		f.note("the server's certificate also has %s, which a topology cannot contain: certificates that relayform issues will not have it", named(unsaid))
	}
}
