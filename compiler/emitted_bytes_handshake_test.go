package compiler

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

// secrets returns the Secrets in rendered YAML, by name, decoded.
func secrets(t testing.TB, rendered []byte) map[string]map[string][]byte {
	t.Helper()
	out := map[string]map[string][]byte{}
	for _, doc := range bytes.Split(rendered, []byte("\n---\n")) {
		var o struct {
			Kind     string
			Type     string
			Metadata struct{ Name, Namespace string }
			Data     map[string][]byte
		}
		if err := yaml.Unmarshal(doc, &o); err != nil {
			t.Fatal(err)
		}
		if o.Kind != "Secret" {
			continue
		}
		// The adopted mesh of taken-over had a Secret of this type, which no apply can change.
		if o.Type != "Opaque" && !(o.Type == "kubernetes.io/tls" && (strings.Contains(t.Name(), "taken-over") || strings.Contains(t.Name(), "Adopted"))) {
			t.Errorf("Secret %s has type %s, want Opaque", o.Metadata.Name, o.Type)
		}
		out[o.Metadata.Name] = o.Data
	}
	return out
}

// mesh is the contents of a fixture's clusters, as bytes from their rendered overlays.
type mesh struct {
	authority          string
	management, remote map[string]map[string][]byte
	cluster            string // the remote's name
	product            product.Profile
	gateway            string // the name by which collectors verify the telemetry gateway; may be empty
}

func meshOf(t testing.TB, project project.Project) mesh {
	t.Helper()
	c := compileFixture(t, project)
	rendered := c.rendered(t, true)
	remote := c.plan.Remotes[0].Name
	return mesh{
		authority:  c.plan.Authority,
		product:    c.plan.Product,
		gateway:    c.plan.Gateway(),
		cluster:    remote,
		management: c.received(t, rendered[c.plan.Management.Name+".yaml"]),
		remote:     c.received(t, rendered[remote+".yaml"]),
	}
}

func pool(t testing.TB, bundle []byte) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(bundle) {
		t.Fatal("no certificate in the bundle")
	}
	return p
}

// server returns the relay server's TLS configuration: it accepts agents without a certificate at first contact, and verifies certificates
// with only the root.
func (m mesh) server(t testing.TB) *tls.Config {
	t.Helper()
	s := m.management[relay.Secret(pki.Server)]
	pair, err := tls.X509KeyPair(s[relay.Keys.Cert], s[relay.Keys.Key])
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool(t, m.trusted()),
		ClientAuth:   tls.VerifyClientCertIfGiven,
		Time:         func() time.Time { return fixtureTime },
	}
}

// agent returns the TLS configuration of the remote's agent at first contact.
func (m mesh) agent(t testing.TB) *tls.Config {
	t.Helper()
	return &tls.Config{
		ServerName: m.authority,
		RootCAs:    pool(t, m.remote[relay.Secret(pki.Root)][relay.Keys.CA]),
		Time:       func() time.Time { return fixtureTime },
	}
}

// signed returns what the relay server issues for an agent's certificate request: a leaf for the cluster's name under the signing CA, for a
// year, followed by the signing CA's chain.
func (m mesh) signed(t testing.TB, name string) tls.Certificate {
	t.Helper()
	s := m.management[relay.Secret(pki.Signing)]
	ca, err := tls.X509KeyPair(s[relay.Keys.Cert], s[relay.Keys.Key])
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    fixtureTime.Add(-time.Minute),
		NotAfter:     fixtureTime.AddDate(1, 0, 0),
		DNSNames:     []string{name},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: append([][]byte{der}, ca.Certificate...), PrivateKey: key}
}

// held returns the certificate that the remote's agent was given.
func (m mesh) held(t testing.TB) tls.Certificate {
	t.Helper()
	s := m.remote[m.product.Secret(pki.Agent)]
	pair, err := tls.X509KeyPair(s[relay.Keys.Cert], s[relay.Keys.Key])
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// show makes a client present a certificate, even one that the server does not ask for.
func show(client *tls.Config, c tls.Certificate) {
	client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
}

// handshake runs TLS over a pipe. The names are those in the client certificate. The server's verdict counts: in TLS 1.3 a client finishes
// before it.
func handshake(server, client *tls.Config) (names []string, err error) {
	a, b := net.Pipe()
	s, c := tls.Server(a, server), tls.Client(b, client)
	clientErr := make(chan error, 1)
	go func() {
		err := c.Handshake()
		if err == nil {
			_, _ = c.Read(make([]byte, 1)) // receives the alert that a server may still send
		}
		b.Close()
		clientErr <- err
	}()
	serverErr := s.Handshake()
	a.Close()
	if err := errors.Join(serverErr, <-clientErr); err != nil {
		return nil, err
	}
	if peers := s.ConnectionState().PeerCertificates; len(peers) > 0 {
		names = peers[0].DNSNames
	}
	return names, nil
}

// TestEmittedBytesHandshake simulates first contact and mutual TLS with the clusters' contents.
func TestEmittedBytesHandshake(t *testing.T) {
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			m := meshOf(t, project)
			if _, err := handshake(m.server(t), m.agent(t)); err != nil {
				t.Errorf("first contact: %v", err)
			}
			token := m.remote[relay.Secret(product.Token)][relay.Keys.Token]
			if !m.product.Has(product.Token) {
				if len(token) > 0 {
					t.Error("a token, though nothing needs one")
				}
			} else if len(token) < 32 || !bytes.Equal(token, m.management[relay.Secret(product.Token)][relay.Keys.Token]) {
				t.Error("the token is weak, or not the same in both clusters")
			}
			if m.gateway != "" {
				if _, err := handshake(m.telemetry(t), m.collector(t)); err != nil {
					t.Errorf("a collector and the telemetry gateway: %v", err)
				}
			}
			agent := m.agent(t)
			if m.product.Has(pki.Agent) {
				show(agent, m.held(t))
			} else {
				show(agent, m.signed(t, m.cluster))
			}
			names, err := handshake(m.server(t), agent)
			if err != nil || len(names) != 1 || names[0] != m.cluster {
				t.Errorf("mutual TLS: the server saw %v: %v", names, err)
			}
		})
	}
}

// TestStrangersAreRefused is the negative test of each handshake.
func TestStrangersAreRefused(t *testing.T) {
	cases := fixtures(t)
	m, other := meshOf(t, cases["reference"]), meshOf(t, cases["address"])
	refused := func(what, want string, server, client *tls.Config) {
		t.Helper()
		if _, err := handshake(server, client); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", what, err, want)
		}
	}
	elsewhere := m.agent(t)
	elsewhere.ServerName = "relay.example.com"
	refused("a wrong authority", "not relay.example.com", m.server(t), elsewhere)
	refused("another mesh's root", "unknown authority", m.server(t), other.agent(t))

	agent := m.agent(t)
	bare := m.signed(t, m.cluster)
	bare.Certificate = bare.Certificate[:1]
	show(agent, bare)
	refused("an agent without its signing CA", "unknown authority", m.server(t), agent)

	agent = m.agent(t)
	show(agent, other.signed(t, m.cluster))
	refused("an agent of another mesh", "unknown authority", m.server(t), agent)

	late := m.server(t)
	agent = m.agent(t)
	agent.Time = func() time.Time { return fixtureTime.AddDate(2, 0, 0) }
	refused("an expired server", "expired", late, agent)
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
