package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"

	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// extension sets the value of an extension, and whether it is critical.
func extension(last int, critical bool, value ...byte) func(*tbs) {
	return func(c *tbs) {
		without(last)(c)
		c.Extensions = append(c.Extensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, last}, Critical: critical, Value: value})
	}
}

// serversIssuer inserts a CA only between the root and the server.
func serversIssuer(t *testing.T, m *mesh) *spec {
	s := m.intermediate(t)
	m.certs["signing"].issuer, m.tls["signing"] = "root", []string{"signing"}
	m.certs["server"].DNSNames = []string{authority}
	return s
}

// oddFaults are certificates that Go accepts and others do not, or that Go refuses with little explanation.
var oddFaults = []fault{
	{"the server is for any usage", []diag.Code{verify.UsageAny}, func(_ *testing.T, m *mesh) {
		m.certs["server"].ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}},
	{"the server's extended key usage is empty", []diag.Code{verify.UsageEmpty}, func(_ *testing.T, m *mesh) {
		m.certs["server"].raw = extension(37, false, 0x30, 0)
	}},
	{"the signing CA's key usage is empty", []diag.Code{verify.UsageEmpty}, func(_ *testing.T, m *mesh) {
		m.certs["signing"].raw = extension(15, true, 3, 1, 0)
	}},
	{"no subject, and names that are not critical", []diag.Code{verify.SANNotCritical}, func(_ *testing.T, m *mesh) {
		m.certs["server"].Subject = pkix.Name{}
		m.certs["server"].raw = func(c *tbs) {
			for i, e := range c.Extensions {
				if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
					c.Extensions[i].Critical = false
				}
			}
		}
	}},
	{"a common name outside of name constraints", []diag.Code{verify.SubjectConstrained}, func(t *testing.T, m *mesh) {
		serversIssuer(t, m).PermittedDNSDomains = []string{"gloo-mesh"}
		m.certs["server"].Subject.CommonName = "relay.example.com"
	}},
	{"an e-mail address outside of name constraints", []diag.Code{verify.SubjectConstrained}, func(t *testing.T, m *mesh) {
		serversIssuer(t, m).PermittedEmailAddresses = []string{"example.com"}
		m.certs["server"].Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "relay@example.org"}}
	}},
	{"a policy that nobody states", []diag.Code{verify.ChainRefused}, func(t *testing.T, m *mesh) {
		serversIssuer(t, m).raw = extension(36, true, 0x30, 3, 0x80, 1, 0)
	}},
	{"a name constraint for addresses", []diag.Code{verify.NameConstraints}, func(t *testing.T, m *mesh) {
		serversIssuer(t, m).PermittedURIDomains = []string{"example.com"}
		m.certs["server"].EmailAddresses = []string{"relay@example.org"}
		m.certs["intermediate"].PermittedEmailAddresses = []string{"example.com"}
	}},
}

// placeFaults are things in the wrong place.
var placeFaults = []fault{
	{"the server's leaf in place of a root", []diag.Code{verify.LeafInCA}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.crt"] = secret(x, "mgmt", x.Names.Server).Data["tls.crt"]
		}
	}},
	{"a leaf in place of a root", []diag.Code{verify.NoAnchor, verify.LeafInCA}, func(t *testing.T, m *mesh) { // as in a cert-manager Certificate's Secret
		m.edit = func(x *verify.Material) {
			other := goodMesh(t)
			other.certs["server"].Subject.CommonName, other.certs["server"].SerialNumber = "another", big.NewInt(901)
			secret(x, "east", x.Names.Root).Data["ca.crt"] = other.pem(t)["server"]
		}
	}},
	{"the root's Secret lies in another namespace", []diag.Code{verify.NamespaceDiffers}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) { secret(x, "east", x.Names.Root).Namespace = "agents" }
	}},
	{"a cluster that is not registered", []diag.Code{verify.Unregistered}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) { x.Registered = []string{"west"} }
	}},
	{"a value of charts of another generation", []diag.Code{verify.ValueIgnored}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			x.Product = product.Profiles[0]
			x.Clusters[1].Values = []verify.Values{{At: "values.yaml", Tree: map[string]any{"relay": map[string]any{"clientTlsSecret": map[string]any{"name": "relay-client-tls-secret"}}}}}
		}
	}},
	{"the authority at a wrong place", []diag.Code{verify.ValueIgnored}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			x.Product = product.Profiles[0]
			x.Clusters[1].Values = []verify.Values{{At: "values.yaml", Tree: map[string]any{"authority": "enterprise-networking.gloo-mesh"}}}
		}
	}},
	{"values that name another Secret", []diag.Code{verify.ValuesDiffer}, func(_ *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			x.Product = product.Profiles[0]
			x.Clusters[1].Values = []verify.Values{{At: "values.yaml", Tree: map[string]any{"relay": map[string]any{"rootTlsSecret": map[string]any{"name": "root"}}}}}
		}
	}},
}
