package verify_test

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// fault is one change to a good set, and exactly the codes that it must produce.
type fault struct {
	name   string
	want   []diag.Code
	change func(*testing.T, *mesh)
}

// secretFaults are faults in the contents of Secrets.
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
}
