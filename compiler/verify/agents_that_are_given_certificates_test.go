package verify_test

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// givenMesh turns the mesh into one without a relay CA: each agent has a certificate signed by the signing CA, whose key is in no cluster.
func givenMesh(t *testing.T, m *mesh, change func(*verify.Material)) {
	t.Helper()
	for i, cluster := range m.remotes {
		c := m.certs["server"].Certificate
		c.SerialNumber, c.Subject.CommonName, c.DNSNames = big.NewInt(int64(200+i)), "agent of "+cluster, []string{cluster}
		m.add(cluster, "signing", c, key(t, cluster))
	}
	m.edit = func(x *verify.Material) {
		profile, _ := product.Find("gloo-platform")
		names := verify.NamesOf(profile.WithoutRelayCA())
		names.Server = x.Names.Server
		ca := x.Clusters[0].Secret(x.Names.Root).Data["ca.crt"]
		for _, name := range []string{x.Names.Signing, x.Names.Token} {
			for _, c := range x.Clusters {
				drop(x, c.Name, name)
			}
		}
		x.Names = names
		for _, cluster := range m.remotes {
			k, err := pki.MarshalKey(m.certs[cluster].key)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x.Clusters {
				if x.Clusters[i].Name == cluster {
					x.Clusters[i].Secrets = append(x.Clusters[i].Secrets, verify.Secret{Name: names.Client, At: cluster + ".yaml", Data: map[string][]byte{
						"tls.crt": join(m.text, []string{cluster, "signing"}), "tls.key": k, "ca.crt": ca,
					}})
				}
			}
		}
		change(x)
	}
}

func unchanged(*verify.Material) {}

func client(x *verify.Material, cluster string) *verify.Secret {
	return secret(x, cluster, x.Names.Client)
}

// givenFaults are faults of meshes whose agents are given their certificates.
var givenFaults = []fault{
	{"an agent was given no certificate", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, func(x *verify.Material) { drop(x, "east", x.Names.Client) })
	}},
	{"an agent was given another cluster's certificate", []diag.Code{verify.ClientName}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, func(x *verify.Material) { client(x, "east").Data = client(x, "west").Data })
	}},
	{"an agent was given a certificate without its CA", []diag.Code{verify.ChainIncomplete}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, func(x *verify.Material) { client(x, "east").Data["tls.crt"] = m.text["east"] })
	}},
	{"an agent was given another agent's key", []diag.Code{verify.KeyMismatch}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, func(x *verify.Material) {
			client(x, "east").Data["tls.key"] = bytes.Clone(client(x, "west").Data["tls.key"])
		})
	}},
	{"an agent's certificate may not be shown by a client", []diag.Code{"extended-usage"}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, unchanged)
		m.certs["east"].ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}},
	{"an agent's certificate has a week left", []diag.Code{verify.ClientShort}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, unchanged)
		m.certs["east"].NotAfter = noon.Add(7 * days)
	}},
	{"an agent's certificate ended yesterday", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, unchanged)
		m.certs["east"].NotBefore, m.certs["east"].NotAfter = noon.Add(-9*days), noon.Add(-days)
	}},
	{"the relay server's certificate has a week left, and agents are given theirs", []diag.Code{verify.ServerShort}, func(t *testing.T, m *mesh) {
		givenMesh(t, m, unchanged)
		m.certs["server"].NotAfter = noon.Add(7 * days)
		for _, cluster := range m.remotes {
			m.certs[cluster].NotAfter = noon.Add(year)
		}
	}},
}

// issuedMesh turns the mesh into one with an issuer in each cluster that creates the certificates, and ca.crt with them.
func issuedMesh(t *testing.T, m *mesh, change func(*verify.Material)) {
	t.Helper()
	givenMesh(t, m, func(x *verify.Material) {
		x.Names.Issued = []string{x.Names.Server, x.Names.Client}
		change(x)
	})
}

// strayRoot adds a second root.
func strayRoot(t *testing.T, m *mesh) {
	t.Helper()
	c := m.certs["root"].Certificate
	c.SerialNumber, c.Subject.CommonName = big.NewInt(301), "stray root"
	m.add("stray", "stray", c, key(t, "stray"))
	m.order = append([]string{"stray"}, m.order[:len(m.order)-1]...)
}

// issuedFaults are faults with issuers in clusters.
var issuedFaults = []fault{
	{"an issuer of an agent chains to another root", []diag.Code{verify.IssuerStrays}, func(t *testing.T, m *mesh) {
		strayRoot(t, m)
		issuedMesh(t, m, func(x *verify.Material) {
			client(x, "east").Data["tls.crt"], client(x, "east").Data["ca.crt"] = m.text["east"], m.text["stray"]
		})
		m.certs["east"].issuer = "stray"
	}},
	{"the relay server's issuer chains to another root", []diag.Code{verify.IssuerStrays}, func(t *testing.T, m *mesh) {
		strayRoot(t, m)
		m.certs["server"].issuer = "stray"
		issuedMesh(t, m, func(x *verify.Material) { secret(x, "mgmt", x.Names.Server).Data["ca.crt"] = m.text["stray"] })
	}},
	{"an issuer tells of an intermediate alone", []diag.Code{verify.IssuerTells}, func(t *testing.T, m *mesh) {
		issuedMesh(t, m, func(x *verify.Material) { client(x, "east").Data["ca.crt"] = m.text["signing"] })
	}},
	{"an issuer tells of no CA", []diag.Code{verify.IssuerTells}, func(t *testing.T, m *mesh) {
		issuedMesh(t, m, func(x *verify.Material) { delete(client(x, "east").Data, "ca.crt") })
	}},
	{"cert-manager has issued nothing to an agent", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		issuedMesh(t, m, func(x *verify.Material) { drop(x, "east", x.Names.Client) })
	}},
	{"cert-manager has not renewed an agent's certificate", []diag.Code{verify.ClientShort}, func(t *testing.T, m *mesh) {
		issuedMesh(t, m, unchanged)
		m.certs["east"].NotBefore, m.certs["east"].NotAfter = noon.Add(-89*days), noon.Add(days)
	}},
}

// given lists their names.
var given = func() map[string]bool {
	all := map[string]bool{}
	for _, f := range append(givenFaults, issuedFaults...) {
		all[f.name] = true
	}
	return all
}()

// TestGivenAgentsConnectWithWhatTheyHold verifies a good mesh without a relay CA, with and without keys: mutual TLS with the agents'
// certificates works until the first expires, and first contact is not mentioned.
func TestGivenAgentsConnectWithWhatTheyHold(t *testing.T) {
	for _, public := range []bool{false, true} {
		m := goodMesh(t)
		givenMesh(t, m, func(x *verify.Material) {
			if x.Public = public; public {
				for _, c := range x.Clusters {
					for _, s := range c.Secrets {
						delete(s.Data, "tls.key")
					}
				}
			}
		})
		m.certs["west"].NotAfter = noon.Add(90 * days)
		r := judged(t, m)
		for _, f := range r.Findings {
			t.Errorf("false alarm: %s %s: %s", f.Code, f.Object, f.Message)
		}
		if len(r.Connections) != len(m.remotes) {
			t.Fatalf("%d connections, want one for each agent", len(r.Connections))
		}
		for _, c := range r.Connections {
			if c.FirstContact.Done || c.MutualTLS.Done == public || c.MutualTLS.OK == public {
				t.Errorf("%v, without keys %t: first contact %v, mutual TLS %v", c.Clusters, public, c.FirstContact, c.MutualTLS)
			}
			if want := m.certs[c.Clusters[0]].NotAfter; !c.MutualTLS.Until.Equal(want) {
				t.Errorf("%v: until %s, want %s", c.Clusters, c.MutualTLS.Until, want)
			}
		}
	}
}
