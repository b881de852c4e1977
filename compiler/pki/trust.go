package pki

import (
	"crypto"
	"crypto/x509"
	"time"
)

// Agent is the role of the certificates by which agents show who they are, whoever signs them.
const Agent Role = "agent"

// Pool is certificates as trust anchors for TLS. Go takes each for an anchor, self-signed or not. Those are left out
// whose keys are so big that a signature takes seconds to check: they are refused wherever a chain has them.
func Pool(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		if !outsized(c) {
			pool.AddCert(c)
		}
	}
	return pool
}

// IssueAgent makes the certificate that the relay server would sign for the agent of a cluster.
func IssueAgent(cluster string, key crypto.Signer, issuer Issuer, validity time.Duration, now time.Time) (*x509.Certificate, error) {
	return Issue(Request{
		Role: Agent, Issuer: Signing, Name: "relay agent", KeyUsage: x509.KeyUsageDigitalSignature,
		Usages: bothUsages, DNSNames: []string{cluster}, Validity: validity,
	}, "relay", 1, key, &issuer, now)
}
