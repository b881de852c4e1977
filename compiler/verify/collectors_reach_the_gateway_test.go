package verify_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

const gateway = "gloo-telemetry-gateway.gloo-mesh"

// gatewaySecret is the name of the telemetry gateway's Secret.
const gatewaySecret = "gloo-telemetry-gateway-tls-secret"

// collecting returns a good set with a telemetry gateway. Change modifies its certificate template.
func collecting(t *testing.T, change func(c *x509.Certificate)) *mesh {
	t.Helper()
	m := goodMesh(t)
	c := m.certs["server"].Certificate
	c.SerialNumber, c.Subject, c.DNSNames = big.NewInt(105), pkix.Name{CommonName: "relay telemetry"}, []string{gateway}
	c.ExtKeyUsage = slices.Clone(c.ExtKeyUsage)
	if change != nil {
		change(&c)
	}
	m.add("telemetry", "root", c, key(t, "telemetry"))
	m.tls["telemetry"], m.keys["telemetry"] = []string{"telemetry"}, "telemetry"
	m.edit = func(material *verify.Material) {
		material.Gateway = gateway
		material.Names.Telemetry = gatewaySecret
	}
	return m
}

// TestCollectorsReachTheGateway simulates the collector next to each agent: it verifies the telemetry gateway's name with the roots of its
// cluster. What prevents that is reported, and does not affect the agents' connections.
func TestCollectorsReachTheGateway(t *testing.T) {
	at := func(m *verify.Material) *verify.Secret { return secret(m, "mgmt", gatewaySecret) }
	for _, c := range []struct {
		name   string
		change func(c *x509.Certificate)
		edit   func(t *testing.T, m *verify.Material)
		want   []diag.Code
		fails  []string // clusters whose collectors cannot reach it
	}{
		{"good", nil, nil, nil, nil},
		{"another name", func(c *x509.Certificate) { c.DNSNames = []string{authority} }, nil, []diag.Code{verify.AuthorityUncovered}, []string{"east", "west"}},
		{"no name", func(c *x509.Certificate) { c.DNSNames = nil }, nil, []diag.Code{verify.NoSAN}, []string{"east", "west"}},
		{"a wildcard", func(c *x509.Certificate) { c.DNSNames = []string{"*.gloo-mesh"} }, nil, []diag.Code{verify.AuthorityWildcard}, nil},
		{"for clients alone", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, nil, []diag.Code{verify.ExtendedUsage}, []string{"east", "west"}},
		{"a CA", func(c *x509.Certificate) { c.IsCA, c.MaxPathLenZero = true, true }, nil, []diag.Code{verify.ServerIsCA}, nil},
		{"expired", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.Add(-2*hour), noon.Add(-hour) }, nil, []diag.Code{verify.Expired}, []string{"east", "west"}},
		{"ends soon", func(c *x509.Certificate) { c.NotAfter = noon.Add(20 * days) }, nil, []diag.Code{verify.ServerShort}, nil},
		{"it is not there", nil, func(_ *testing.T, m *verify.Material) { drop(m, "mgmt", gatewaySecret) }, []diag.Code{verify.SecretMissing}, []string{"east", "west"}},
		{"no key", nil, func(_ *testing.T, m *verify.Material) { delete(at(m).Data, "tls.key") }, []diag.Code{verify.DataMissing}, []string{"east", "west"}},
		{"the server's key", nil, func(_ *testing.T, m *verify.Material) {
			at(m).Data["tls.key"] = secret(m, "mgmt", m.Names.Server).Data["tls.key"]
		}, []diag.Code{verify.KeyMismatch}, []string{"east", "west"}},
		{"on a remote, too", nil, func(_ *testing.T, m *verify.Material) {
			for i := range m.Clusters {
				if m.Clusters[i].Name == "west" {
					m.Clusters[i].Secrets = append(m.Clusters[i].Secrets, *at(m))
				}
			}
		}, []diag.Code{verify.KeyExposed}, nil},
		{"its own roots are others", nil, func(t *testing.T, m *verify.Material) { at(m).Data["ca.crt"] = otherRoot(t, "relay root") }, []diag.Code{verify.AnchorsDiffer}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := collecting(t, c.change)
			names := m.edit
			m.edit = func(material *verify.Material) {
				names(material)
				material.Clusters[0].Secrets = append(material.Clusters[0].Secrets, m.gateway(t))
				if c.edit != nil {
					c.edit(t, material)
				}
			}
			r := judged(t, m)
			got := slices.Compact(slices.Sorted(slices.Values(codes(r))))
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v: %+v", got, c.want, r.Findings)
			}
			var fails []string
			for _, x := range r.Connections {
				if !x.FirstContact.OK || !x.MutualTLS.OK {
					t.Errorf("agents of %v: %+v", x.Clusters, x)
				}
				if !x.Telemetry.Done || x.Telemetry.OK == (len(x.Telemetry.Causes) > 0) {
					t.Errorf("the collectors of %v: %+v", x.Clusters, x.Telemetry)
				}
				if !x.Telemetry.OK {
					fails = append(fails, x.Clusters...)
				}
			}
			if slices.Sort(fails); !slices.Equal(fails, c.fails) {
				t.Errorf("the collectors of %v fail, want %v", fails, c.fails)
			}
			var text bytes.Buffer
			if err := r.WriteWide(&text, diag.Screen{}); err != nil {
				t.Fatal(err)
			}
			if reach := strings.Contains(text.String(), "; every collector reaches the telemetry gateway until "); !strings.Contains(text.String(), "mutual TLS  telemetry  until") || reach != (len(fails) == 0) {
				t.Errorf("the report says otherwise:\n%s", text.String())
			}
		})
	}
}

// TestACollectorTrustsItsClustersRoots has one remote with different roots: only its collector cannot reach the gateway, and its agent
// cannot reach the relay server.
func TestACollectorTrustsItsClustersRoots(t *testing.T) {
	m := collecting(t, nil)
	names := m.edit
	m.edit = func(material *verify.Material) {
		names(material)
		material.Clusters[0].Secrets = append(material.Clusters[0].Secrets, m.gateway(t))
		secret(material, "west", material.Names.Root).Data["ca.crt"] = otherRoot(t, "relay root")
	}
	for _, x := range judged(t, m).Connections {
		if want := x.Clusters[0] == "east"; x.Telemetry.OK != want || x.MutualTLS.OK != want {
			t.Errorf("%v: %+v", x.Clusters, x)
		}
	}
}

// TestWithoutKeysTheGatewayIsJudged omits private keys: faults in the certificates are reported, and how long they are valid.
func TestWithoutKeysTheGatewayIsJudged(t *testing.T) {
	for _, names := range [][]string{{gateway}, {"other"}} {
		m := collecting(t, func(c *x509.Certificate) { c.DNSNames = names })
		edit := m.edit
		m.edit = func(material *verify.Material) {
			edit(material)
			material.Clusters[0].Secrets = append(material.Clusters[0].Secrets, m.gateway(t))
			material.Public = true
			for _, s := range material.Clusters[0].Secrets {
				delete(s.Data, "tls.key")
			}
		}
		for _, x := range judged(t, m).Connections {
			if fails := names[0] != gateway; x.Telemetry.Done != fails || x.Telemetry.OK || x.Telemetry.Until.IsZero() != fails {
				t.Errorf("%v: %+v", names, x.Telemetry)
			}
		}
	}
}

// TestACollectorsServerNameIsHeldAgainstTheCertificate takes the name from Helm values.
func TestACollectorsServerNameIsHeldAgainstTheCertificate(t *testing.T) {
	platform, _ := product.Find("gloo-platform")
	for name, want := range map[string]bool{gateway: false, "gloo-telemetry-gateway.other": true} {
		m := collecting(t, nil)
		edit := m.edit
		m.edit = func(material *verify.Material) {
			edit(material)
			material.Product = platform
			material.Clusters[0].Secrets = append(material.Clusters[0].Secrets, m.gateway(t))
			for i := range material.Clusters {
				if material.Clusters[i].Name == "east" {
					material.Clusters[i].Values = []verify.Values{{At: "values.yaml", Tree: map[string]any{"telemetryCollectorCustomization": map[string]any{"serverName": name}}}}
				}
			}
		}
		r := judged(t, m)
		if got := slices.Contains(codes(r), verify.ValuesDiffer); got != want {
			t.Errorf("%s: %v", name, r.Findings)
		}
	}
}

// gateway returns the telemetry gateway's Secret.
func (m *mesh) gateway(t *testing.T) verify.Secret {
	t.Helper()
	private, err := pki.MarshalKey(m.certs["telemetry"].key)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Secret{Name: gatewaySecret, At: "mgmt.yaml", Data: map[string][]byte{
		"tls.crt": join(m.text, m.tls["telemetry"]), "tls.key": private, "ca.crt": join(m.text, m.ca),
	}}
}
