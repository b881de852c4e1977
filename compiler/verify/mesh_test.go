package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// noon is the time at which the meshes of these tests are verified.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	hour = time.Hour
	days = 24 * hour
	year = 365 * days
)

// authority is the name by which agents verify the server.
const authority = "enterprise-networking.gloo-mesh"

// spec describes a certificate to create.
type spec struct {
	x509.Certificate
	key    crypto.Signer
	issuer string // a name in the mesh; its own for a root
	raw    func(*tbs)
	hash   crypto.Hash // of the signature, if not Go's default
}

// mesh is a good set: a management cluster and two remotes. Each test changes one thing in it.
type mesh struct {
	certs   map[string]*spec
	order   []string
	made    map[string]*x509.Certificate
	text    map[string][]byte   // created certificates, as PEM
	tls     map[string][]string // certificates in each Secret's tls.crt
	ca      []string
	keys    map[string]string // the certificate whose key is in each Secret's tls.key
	token   string
	edit    func(*verify.Material)
	at      time.Time
	remotes []string
}

var keys = struct {
	sync.Mutex
	made map[string]crypto.Signer
}{made: map[string]crypto.Signer{}}

// key returns a key of an algorithm, the same for the same name in all tests.
func key(t *testing.T, name string) crypto.Signer {
	t.Helper()
	keys.Lock()
	defer keys.Unlock()
	if k := keys.made[name]; k != nil {
		return k
	}
	var k crypto.Signer
	var err error
	var bits int
	switch {
	case scan(name, "rsa%d-", &bits):
		k, err = rsa.GenerateKey(rand.Reader, bits)
	case scan(name, "p521%d", &bits):
		k, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case scan(name, "p224%d", &bits):
		k, err = ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	case scan(name, "ed%d", &bits):
		_, k, err = ed25519.GenerateKey(rand.Reader)
	default:
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	keys.made[name] = k
	return k
}

func scan(s, format string, into *int) bool { n, _ := fmt.Sscanf(s, format, into); return n == 1 }

func goodMesh(t *testing.T) *mesh {
	bc := func(name string, serial int64) x509.Certificate {
		return x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: noon.Add(-hour), BasicConstraintsValid: true,
		}
	}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	root, signing, server := bc("relay root", 101), bc("relay signing CA", 102), bc("relay server", 103)
	root.IsCA, root.MaxPathLen, root.KeyUsage, root.NotAfter = true, 1, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, noon.Add(10*year)
	signing.IsCA, signing.MaxPathLenZero, signing.NotAfter, signing.ExtKeyUsage = true, true, noon.Add(3*year), both
	signing.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	server.KeyUsage, server.ExtKeyUsage, server.NotAfter = x509.KeyUsageDigitalSignature, both, noon.Add(398*days)
	server.DNSNames = []string{authority, "enterprise-networking"}
	m := &mesh{
		certs: map[string]*spec{
			"root":    {Certificate: root, key: key(t, "root"), issuer: "root"},
			"signing": {Certificate: signing, key: key(t, "signing"), issuer: "root"},
			"server":  {Certificate: server, key: key(t, "server"), issuer: "root"},
		},
		order: []string{"root", "signing", "server"},
		tls:   map[string][]string{"server": {"server"}, "signing": {"signing"}},
		keys:  map[string]string{"server": "server", "signing": "signing"},
		ca:    []string{"root"}, at: noon, remotes: []string{"east", "west"},
		token: "6f1e0c6bb5f9d2d7a1b8c94e35d0a7f2",
	}
	return m
}

// add adds a certificate to the mesh, at the end.
func (m *mesh) add(name, issuer string, c x509.Certificate, k crypto.Signer) *spec {
	m.certs[name] = &spec{Certificate: c, key: k, issuer: issuer}
	m.order = append(m.order, name)
	return m.certs[name]
}

// intermediate inserts a CA between the root and the others.
func (m *mesh) intermediate(t *testing.T) *spec {
	c := m.certs["signing"].Certificate
	c.SerialNumber, c.Subject, c.MaxPathLen, c.MaxPathLenZero, c.ExtKeyUsage = big.NewInt(104), pkix.Name{CommonName: "issuing CA"}, 1, false, nil
	c.NotAfter = noon.Add(5 * year)
	m.certs["root"].MaxPathLen = 2
	s := &spec{Certificate: c, key: key(t, "intermediate"), issuer: "root"}
	m.certs["intermediate"], m.order = s, []string{"root", "intermediate", "signing", "server"}
	m.certs["signing"].issuer, m.certs["server"].issuer = "intermediate", "intermediate"
	m.tls = map[string][]string{"server": {"server", "intermediate"}, "signing": {"signing", "intermediate"}}
	return s
}

// pem creates every certificate, as PEM.
func (m *mesh) pem(t *testing.T) map[string][]byte {
	t.Helper()
	m.made = map[string]*x509.Certificate{}
	text := map[string][]byte{}
	for _, name := range m.order {
		der := m.der(t, name)
		if c, err := x509.ParseCertificate(der); err == nil {
			m.made[name] = c
		}
		text[name] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return text
}

func join(text map[string][]byte, names []string) []byte {
	var b []byte
	for _, n := range names {
		b = append(b, text[n]...)
	}
	return b
}

// material returns the contents of the mesh's clusters.
func (m *mesh) material(t *testing.T) verify.Material {
	t.Helper()
	text := m.pem(t)
	m.text = text
	names := verify.NamesOf(product.Profiles[0])
	pair := func(role string) verify.Secret {
		k, err := pki.MarshalKey(m.certs[m.keys[role]].key)
		if err != nil {
			t.Fatal(err)
		}
		return verify.Secret{
			Name: map[string]string{"server": names.Server, "signing": names.Signing}[role], At: "mgmt.yaml",
			Data: map[string][]byte{"tls.crt": join(text, m.tls[role]), "tls.key": k, "ca.crt": join(text, m.ca)},
		}
	}
	shared := func(at string) []verify.Secret {
		return []verify.Secret{
			{Name: names.Root, At: at, Data: map[string][]byte{"ca.crt": join(text, m.ca)}},
			{Name: names.Token, At: at, Data: map[string][]byte{"token": []byte(m.token)}},
		}
	}
	out := verify.Material{Authority: authority, Names: names, AgentValidity: product.Profiles[0].AgentValidity}
	out.Clusters = append(out.Clusters, verify.Cluster{Name: "mgmt", Management: true, Secrets: append([]verify.Secret{pair("server"), pair("signing")}, shared("mgmt.yaml")...)})
	for _, r := range m.remotes {
		out.Clusters = append(out.Clusters, verify.Cluster{Name: r, Agent: true, Secrets: shared(r + ".yaml")})
	}
	if m.edit != nil {
		m.edit(&out)
	}
	return out
}

// secret returns a Secret of the material.
func secret(m *verify.Material, cluster, name string) *verify.Secret {
	for i := range m.Clusters {
		if m.Clusters[i].Name == cluster {
			return m.Clusters[i].Secret(name)
		}
	}
	return nil
}

func drop(m *verify.Material, cluster, name string) {
	for i := range m.Clusters {
		c := &m.Clusters[i]
		if c.Name != cluster {
			continue
		}
		var kept []verify.Secret
		for _, s := range c.Secrets {
			if s.Name != name {
				kept = append(kept, s)
			}
		}
		c.Secrets = kept
	}
}
