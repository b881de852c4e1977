package compiler

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/verify"

	"sigs.k8s.io/yaml"
)

// certificateAsked is the part of a cert-manager Certificate that tests read.
type certificateAsked struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		SecretName, CommonName, Duration, RenewBefore string
		Subject                                       struct{ Organizations []string }
		DNSNames, Usages                              []string
		IsCA                                          bool
		PrivateKey                                    struct {
			Algorithm, RotationPolicy string
			Size                      int
		}
		IssuerRef struct{ Group, Kind, Name string }
	}
}

// certificatesIn returns the Certificates in a cluster's overlay.
func certificatesIn(t testing.TB, text []byte) []certificateAsked {
	t.Helper()
	var all []certificateAsked
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		if !strings.Contains(document, "kind: Certificate\n") {
			continue
		}
		var c certificateAsked
		if err := yaml.Unmarshal([]byte(document), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// issuerStandIn issues like cert-manager's CA issuer.
type issuerStandIn struct {
	root *x509.Certificate
	key  crypto.Signer
	at   time.Time
}

// issue returns the Secret for a Certificate: no root in tls.crt, and in ca.crt the issuer's own.
func (i issuerStandIn) issue(t testing.TB, c certificateAsked) map[string][]byte {
	t.Helper()
	algorithm := map[string]pki.Algorithm{"RSA 2048": pki.RSA2048, "ECDSA 256": pki.ECDSAP256}[c.Spec.PrivateKey.Algorithm+" "+big.NewInt(int64(c.Spec.PrivateKey.Size)).String()]
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatalf("%s: %+v: %v", c.Metadata.Name, c.Spec.PrivateKey, err)
	}
	lasts, err := time.ParseDuration(c.Spec.Duration)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: c.Spec.CommonName, Organization: c.Spec.Subject.Organizations}, DNSNames: c.Spec.DNSNames,
		NotBefore: i.at, NotAfter: i.at.Add(lasts), BasicConstraintsValid: true, IsCA: c.Spec.IsCA,
	}
	for _, usage := range c.Spec.Usages {
		switch usage {
		case "server auth":
			template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		case "client auth":
			template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
		case "digital signature":
			template.KeyUsage |= x509.KeyUsageDigitalSignature
		case "key encipherment":
			template.KeyUsage |= x509.KeyUsageKeyEncipherment
		case "cert sign":
			template.KeyUsage |= x509.KeyUsageCertSign
		case "crl sign":
			template.KeyUsage |= x509.KeyUsageCRLSign
		default:
			t.Fatalf("%s: cert-manager knows no usage %q", c.Metadata.Name, usage)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.root, key.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	private, err := pki.MarshalKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		relay.Keys.Cert: pki.MarshalCertificates(leaf), relay.Keys.Key: private, relay.Keys.CA: pki.MarshalCertificates(i.root),
	}
}

// issuerOf returns the CA behind a project's issuer: mesh-N has the root of bring(N), and others that of the fixtures.
func issuerOf(t testing.TB, dir, name string) issuerStandIn {
	t.Helper()
	from := "../fixtures/cert-manager-vault/pki/root"
	if n, ok := strings.CutPrefix(name, "mesh-"); ok && (n == "1" || n == "2") {
		from = filepath.Join(dir, "pki"+n, "ca")
	}
	root, err := os.ReadFile(from + ".pem")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(from + ".key")
	if err != nil {
		t.Fatal(err)
	}
	return issuerStandIn{root: pki.ReadPEM(root).Certificates[0], key: pki.ReadPEM(text).Keys[0], at: fixtureTime.Add(-time.Minute)}
}

// issuedBy returns a PKI block with which cert-manager issues under the root of bring(n). During a rotation to it, issuers change one after
// the other.
func issuedBy(n int) func(rotation string) string {
	return func(rotation string) string {
		server, agents := n, n
		switch phase, _, _ := strings.Cut(rotation, ","); phase {
		case "distribute":
			server, agents = n-1, n-1
		case "issue":
			agents = n - 1
		}
		return fmt.Sprintf("certManager: {ca: pki%d/ca.pem, issuer: {name: mesh-%d}, agentIssuer: {name: mesh-%d}, keyAlgorithm: ecdsa%s}", n, server, agents, at(rotation))
	}
}

// signedBelow is issuedBy with a signing CA from cert-manager, and the relay server signs for agents.
func signedBelow(n int) func(rotation string) string {
	return func(rotation string) string {
		block := issuedBy(n)(rotation)
		before, after, _ := strings.Cut(block, ", agentIssuer: ")
		_, after, _ = strings.Cut(after, "}")
		return before + ", signing: {}" + after
	}
}

// issuedOnce caches an overlay's Secrets, so that they are the same when read again.
var issuedOnce sync.Map

// issuedIn returns the Secrets that cert-manager creates for an overlay.
func (c *compiled) issuedIn(t testing.TB, text []byte) map[string]map[string][]byte {
	t.Helper()
	all := map[string]map[string][]byte{}
	for _, asked := range certificatesIn(t, text) {
		name := asked.Spec.SecretName
		key := c.project.Dir() + string(text) + name
		if have, ok := issuedOnce.Load(key); ok {
			all[name] = have.(map[string][]byte)
			continue
		}
		all[name] = issuerOf(t, c.project.Dir(), asked.Spec.IssuerRef.Name).issue(t, asked)
		issuedOnce.Store(key, all[name])
	}
	return all
}

// trusted returns the roots with which the relay server verifies agents. If an issuer writes the ca.crt next to its certificate, they come
// from the Secret of the roots.
func (m mesh) trusted() []byte {
	if m.product.Role(pki.Server).Issued {
		return m.management[relay.Secret(pki.Root)][relay.Keys.CA]
	}
	return m.management[relay.Secret(pki.Server)][relay.Keys.CA]
}

// heldByClusters returns the clusters' contents after cert-manager has issued.
func (c *compiled) heldByClusters(t testing.TB) verify.Material {
	t.Helper()
	m, _, err := c.material(c.plan, c.lock)
	if err != nil {
		t.Fatal(err)
	}
	m.Unseen = false
	for i := range m.Clusters {
		text := c.rendered(t, true)[m.Clusters[i].Name+".yaml"]
		for name, data := range c.issuedIn(t, text) {
			m.Clusters[i].Secrets = append(m.Clusters[i].Secrets, verify.Secret{Name: name, Data: data})
		}
	}
	return m
}
