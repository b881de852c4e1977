package compiler

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"relayform/compiler/pki"
)

// brought returns the block of an external PKI that issued agents' certificates, in folder pki<n>. Overlays deliver them, so that nobody
// has to state who has which.
func brought(n int, rotation string) string {
	rotation = strings.TrimSuffix(rotation, ", agentsReissued: true")
	return fmt.Sprintf("external: {ca: pki%[2]d/ca.pem, server: {cert: pki%[2]d/server.pem, key: pki%[2]d/server.key}, clients: pki%[2]d/clients%[1]s}", at(rotation), n)
}

// issuerOf returns the CA of an external PKI that bring wrote, with its chain.
func (s *testProject) issuerOf(n int) *pki.Issuer {
	s.Helper()
	dir := filepath.Join(filepath.Dir(s.project.Topology), fmt.Sprintf("pki%d", n))
	key, err := pki.ParseKey(read(s, filepath.Join(dir, "signing.key")))
	if err != nil {
		s.Fatal(err)
	}
	return &pki.Issuer{Certificate: pki.ReadPEM(read(s, filepath.Join(dir, "signing.pem"))).Certificates[0], Key: key}
}

// bringClients writes agents' certificates next to the files of an external PKI, each with its intermediate.
func (s *testProject) bringClients(n int, clusters ...string) {
	s.Helper()
	for _, cluster := range clusters {
		s.bringClient(n, cluster, func(*pki.Request) {})
	}
}

// bringClient is bringClients for one cluster, with a modified request.
func (s *testProject) bringClient(n int, cluster string, change func(*pki.Request)) *x509.Certificate {
	s.Helper()
	issuer := s.issuerOf(n)
	r := pki.Facts{ECDSA: true, Agents: 4320 * time.Hour}.Agent(cluster)
	change(&r)
	key, err := pki.GenerateKey(r.Algorithm)
	if err != nil {
		s.Fatal(err)
	}
	c, err := pki.Issue(r, fmt.Sprintf("corp %d", n), 1, key, issuer, s.now)
	if err != nil {
		s.Fatal(err)
	}
	text, err := pki.MarshalKey(key)
	if err != nil {
		s.Fatal(err)
	}
	name := fmt.Sprintf("pki%d/clients/%s", n, cluster)
	s.write(name+".crt", bytes.Join([][]byte{pki.MarshalCertificates(c), pki.MarshalCertificates(issuer.Certificate)}, nil))
	s.write(name+".key", text)
	return c
}
