package verify_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// fault is one change to a good set, and the codes that it must give: these and no others.
type fault struct {
	name   string
	want   []diag.Code
	change func(*testing.T, *mesh)
}

// secretFaults are faults of what lies in the Secrets, of chains and of names.
var secretFaults = []fault{
	{"the server's Secret is missing", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			drop(x, "mgmt", x.Names.Server)
		}
	}},
	{"the signing CA's Secret is missing", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			drop(x, "mgmt", x.Names.Signing)
		}
	}},
	{"the root's Secret is missing on a remote", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			drop(x, "east", x.Names.Root)
		}
	}},
	{"the root's Secret is missing on the management cluster", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			drop(x, "mgmt", x.Names.Root)
		}
	}},
	{"the token's Secret is missing on a remote", []diag.Code{verify.SecretMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			drop(x, "east", x.Names.Token)
		}
	}},
	{"tls.crt is missing", []diag.Code{verify.DataMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			delete(secret(x, "mgmt", x.Names.Server).Data, "tls.crt")
		}
	}},
	{"tls.key is missing", []diag.Code{verify.DataMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			delete(secret(x, "mgmt", x.Names.Signing).Data, "tls.key")
		}
	}},
	{"ca.crt is empty", []diag.Code{verify.DataMissing}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.crt"] = []byte{}
		}
	}},
	{"the token has another key", []diag.Code{verify.DataMissing, verify.ExtraData}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Token)
			s.Data["value"] = s.Data["token"]
			delete(s.Data, "token")
		}
	}},
	{"the root is DER", []diag.Code{verify.Unreadable}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			b, _ := pem.Decode(s.Data["ca.crt"])
			s.Data["ca.crt"] = b.Bytes
		}
	}},
	{"the server's certificate is cut short", []diag.Code{verify.Unreadable}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "mgmt", x.Names.Server)
			s.Data["tls.crt"] = s.Data["tls.crt"][:200]
		}
	}},
	{"base64 twice", []diag.Code{verify.Unreadable}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "mgmt", x.Names.Signing)
			s.Data["tls.crt"] = []byte(base64.StdEncoding.EncodeToString(s.Data["tls.crt"]))
		}
	}},
	{"the key is garbage", []diag.Code{verify.Unreadable}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "mgmt", x.Names.Server).Data["tls.key"] = []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
		}
	}},
	{"the key is encrypted", []diag.Code{verify.KeyEncrypted}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "mgmt", x.Names.Server).Data["tls.key"] = []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
		}
	}},
	{"the root's key lies on a remote", []diag.Code{verify.KeyExposed}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.key"] = secret(x, "mgmt", x.Names.Server).Data["tls.key"]
		}
	}},
	{"a key lies in ca.crt", []diag.Code{verify.KeyExposed, verify.BundlesDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append(bytes.Clone(s.Data["ca.crt"]), secret(x, "mgmt", x.Names.Server).Data["tls.key"]...)
		}
	}},
	{"the signing CA's Secret lies on a remote", []diag.Code{verify.KeyExposed}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			x.Clusters[1].Secrets = append(x.Clusters[1].Secrets, *secret(x, "mgmt", x.Names.Signing))
		}
	}},
	{"the server's Secret lies on a remote", []diag.Code{verify.KeyExposed}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			x.Clusters[1].Secrets = append(x.Clusters[1].Secrets, *secret(x, "mgmt", x.Names.Server))
		}
	}},
	{"a key that nobody reads", []diag.Code{verify.ExtraData}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "mgmt", x.Names.Server).Data["root.crt"] = []byte("x")
		}
	}},
	{"the server has the signing CA's key", []diag.Code{verify.KeyMismatch}, func(t *testing.T, m *mesh) {
		m.keys["server"] = "signing"
	}},
	{"the signing CA has the root's key file", []diag.Code{verify.KeyMismatch}, func(t *testing.T, m *mesh) {
		m.keys["signing"] = "root"
	}},
	{"server and signing CA share a key", []diag.Code{verify.KeyShared}, func(t *testing.T, m *mesh) {
		m.certs["signing"].key = m.certs["server"].key
	}},
	{"the server's certificate has the root's key", []diag.Code{verify.KeyShared}, func(t *testing.T, m *mesh) {
		m.certs["server"].key = m.certs["root"].key
	}},
	{"the signing CA's certificate serves", []diag.Code{verify.ServerIsSigning}, func(t *testing.T, m *mesh) {
		m.tls["server"], m.keys["server"] = []string{"signing"}, "signing"
	}},
	{"the server's leaf is used as the signing CA", []diag.Code{verify.ServerIsSigning, verify.SigningNotCA}, func(t *testing.T, m *mesh) {
		m.tls["signing"], m.keys["signing"] = []string{"server"}, "server"
	}},
	{"a remote has another root", []diag.Code{verify.AnchorsDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.crt"] = otherRoot(t, "other root")
		}
	}},
	{"a remote has an older root of the same name", []diag.Code{verify.AnchorsDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.crt"] = otherRoot(t, "relay root")
		}
	}},
	{"the server trusts another root", []diag.Code{verify.AnchorsDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "mgmt", x.Names.Server).Data["ca.crt"] = otherRoot(t, "other root")
		}
	}},
	{"a remote trusts one root more", []diag.Code{verify.AnchorsDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append(bytes.Clone(s.Data["ca.crt"]), otherRoot(t, "other root")...)
		}
	}},
	{"a remote's bundle has other bytes", []diag.Code{verify.BundlesDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append([]byte("# the root\n"), s.Data["ca.crt"]...)
		}
	}},
	{"a leaf in ca.crt", []diag.Code{verify.LeafInCA}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append(bytes.Clone(s.Data["ca.crt"]), secret(x, "mgmt", x.Names.Server).Data["tls.crt"]...)
		}
	}},
	{"an intermediate in ca.crt", []diag.Code{verify.IntermediateInCA}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append(bytes.Clone(s.Data["ca.crt"]), secret(x, "mgmt", x.Names.Signing).Data["tls.crt"]...)
		}
	}},
	{"ca.crt has no root", []diag.Code{verify.NoAnchor}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "east", x.Names.Root).Data["ca.crt"] = secret(x, "mgmt", x.Names.Signing).Data["tls.crt"]
		}
	}},
	{"the root twice", []diag.Code{verify.DuplicateInCA}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			s := secret(x, "east", x.Names.Root)
			s.Data["ca.crt"] = append(bytes.Clone(s.Data["ca.crt"]), s.Data["ca.crt"]...)
		}
	}},
	{"a remote has another token", []diag.Code{verify.TokensDiffer}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "west", x.Names.Token).Data["token"] = []byte("0f1e0c6bb5f9d2d7a1b8c94e35d0a7f2")
		}
	}},
	{"a remote's token has a line feed", []diag.Code{verify.TokenWhitespace}, func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) {
			secret(x, "west", x.Names.Token).Data["token"] = []byte(m.token + "\n")
		}
	}},
	{"every token has a line feed", []diag.Code{verify.TokenWhitespace}, func(t *testing.T, m *mesh) {
		m.token += "\n"
	}},
	{"a short token", []diag.Code{verify.TokenWeak}, func(t *testing.T, m *mesh) {
		m.token = "secret123"
	}},
	{"a plain token", []diag.Code{verify.TokenWeak}, func(t *testing.T, m *mesh) {
		m.token = strings.Repeat("ab", 20)
	}},
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
