package pki

import (
	"crypto"
	"crypto/x509"
	"time"
)

// Agent is the role of agents' client certificates, whoever signs them.
const Agent Role = "agent"

// Pool returns certificates as trust anchors for TLS. Go accepts each as an anchor, self-signed or not. Certificates with keys so big that
// a signature takes seconds to check are left out: they are refused anywhere in a chain.
func Pool(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		if !outsized(c) {
			pool.AddCert(c)
		}
	}
	return pool
}

// IssueAgent issues the certificate that the relay server would sign for a cluster's agent.
func IssueAgent(cluster string, key crypto.Signer, issuer Issuer, validity time.Duration, now time.Time) (*x509.Certificate, error) {
	return Issue(Request{
		Role: Agent, Issuer: Signing, Name: "relay agent", KeyUsage: x509.KeyUsageDigitalSignature,
		Usages: bothUsages, DNSNames: []string{cluster}, Validity: validity,
	}, "relay", 1, key, &issuer, now)
}
