package verify_test

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// trustFaults are faults in chains, names, and agents' Secrets.
var trustFaults = []fault{
	{"the server's intermediate is missing", []diag.Code{verify.ChainIncomplete}, func(t *testing.T, m *mesh) {
		m.intermediate(t)
		m.tls["server"] = []string{"server"}
	}},
	{"the signing CA's intermediate is missing", []diag.Code{verify.ChainIncomplete}, func(t *testing.T, m *mesh) {
		m.intermediate(t)
		m.tls["signing"] = []string{"signing"}
	}},
	{"the root was made again under its name", []diag.Code{verify.IssuerReplaced}, func(t *testing.T, m *mesh) {
		next := m.certs["root"].Certificate
		next.SerialNumber = big.NewInt(901)
		m.add("next", "next", next, key(t, "next"))
		m.certs["signing"].issuer, m.order = "next", []string{"root", "next", "signing", "server"}
		m.certs["server"].issuer = "root"
	}},
	{"the intermediate comes first", []diag.Code{verify.LeafNotFirst}, func(t *testing.T, m *mesh) {
		m.intermediate(t)
		m.tls["server"] = []string{"intermediate", "server"}
	}},
	{"intermediates out of order", []diag.Code{verify.ChainDisordered}, func(t *testing.T, m *mesh) {
		m.intermediate(t)
		c := m.certs["intermediate"].Certificate
		c.SerialNumber, c.Subject.CommonName = big.NewInt(105), "second issuing CA"
		m.certs["root"].MaxPathLen, m.certs["intermediate"].MaxPathLen = 3, 2
		m.add("second", "intermediate", c, key(t, "second"))
		m.order = []string{"root", "intermediate", "second", "signing", "server"}
		m.certs["server"].issuer = "second"
		m.tls["server"] = []string{"server", "intermediate", "second"}
	}},
	{"the root in tls.crt", []diag.Code{verify.RootInChain}, func(t *testing.T, m *mesh) {
		m.tls["server"] = []string{"server", "root"}
	}},
	{"a stray certificate in tls.crt", []diag.Code{verify.StrayInChain}, func(t *testing.T, m *mesh) {
		m.tls["server"] = []string{"server", "signing"}
	}},
	{"the authority is not among the names", []diag.Code{verify.AuthorityUncovered}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.DNSNames = []string{"relay.example.com"}
	}},
	{"a wildcard covers the authority", []diag.Code{verify.AuthorityWildcard}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.DNSNames = []string{"*.gloo-mesh"}
	}},
	{"an authority of one remote is not among the names", []diag.Code{verify.AuthorityUncovered}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) { x.Clusters[1].Authority = "east.example.com" }
	}},
	{"a short wildcard covers the authority of one remote", []diag.Code{verify.AuthorityWildcard}, func(t *testing.T, m *mesh) {
		m.certs["server"].DNSNames = append(m.certs["server"].DNSNames, "*.internal")
		m.edit = func(x *verify.Material) { x.Clusters[1].Authority = "east.internal" }
	}},
	{"names that the topology adds are not among them", []diag.Code{verify.DNSNameUncovered}, func(t *testing.T, m *mesh) {
		m.certs["server"].DNSNames = append(m.certs["server"].DNSNames, "*.example.com", "x.example.org")
		m.edit = func(x *verify.Material) {
			x.DNSNames = []string{"relay.example.com", "*.example.com", "*.example.org", "a.b.example.com"}
		}
	}},
	{"no names at all", []diag.Code{verify.NoSAN}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.DNSNames = nil
	}},
	{"an agent is given no address", []diag.Code{verify.NoRelayAddress}, func(t *testing.T, m *mesh) {
		m.edit = func(material *verify.Material) { material.Unaddressed = []string{"east"} }
	}},
	{"a collector is given no address", []diag.Code{verify.NoTelemetryAddress}, func(t *testing.T, m *mesh) {
		m.edit = func(material *verify.Material) { material.Unsent = []string{"east"} }
	}},
	{"the signing CA could serve", []diag.Code{verify.SigningServes}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.DNSNames = []string{"*.gloo-mesh"}
	}},
	{"the signing CA permits a domain", []diag.Code{verify.NameConstraints}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"example.com"}
	}},
	{"the signing CA excludes one cluster", []diag.Code{verify.NameConstraints}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.PermittedDNSDomainsCritical, c.ExcludedDNSDomains = true, []string{"west"}
	}},
	{"the intermediate permits a domain", []diag.Code{verify.NameConstraints}, func(t *testing.T, m *mesh) {
		c := m.intermediate(t)
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"gloo-mesh", "enterprise-networking"}
	}},
	{"an agent's certificate names another cluster", []diag.Code{verify.ClientName}, func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
		m.certs["client"].DNSNames = []string{"west"}
	}},
	{"an agent's certificate lacks the signing CA after it", []diag.Code{verify.ChainIncomplete}, func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
		m.tls["client"] = []string{"client"}
	}},
	{"an agent's certificate has expired", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
		m.certs["client"].NotAfter = noon.Add(-time.Minute)
	}},
	{"an agent's certificate may only serve", []diag.Code{verify.ExtendedUsage}, func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
		m.certs["client"].ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}},
}
