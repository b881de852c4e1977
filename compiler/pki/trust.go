package pki

import (
	"crypto"
	"crypto/x509"
	"time"
)

// Agent is the role of the certificates that the relay server signs for agents.
const Agent Role = "agent"

// Pool is certificates as trust anchors for TLS. Go takes each for an anchor, self-signed or not.
func Pool(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool
}

// Until is when the last of the ways from a leaf to an anchor ends, for this usage and, where it is
// not empty, this name. The presented certificates begin with the leaf.
func Until(presented, anchors []*x509.Certificate, at time.Time, usage x509.ExtKeyUsage, name string) (time.Time, error) {
	chains, err := presented[0].Verify(x509.VerifyOptions{
		Roots: Pool(anchors), Intermediates: Pool(presented[1:]), CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{usage}, DNSName: name,
	})
	var last time.Time
	for _, chain := range chains {
		end := chain[0].NotAfter
		for _, c := range chain[1:] {
			if c.NotAfter.Before(end) {
				end = c.NotAfter
			}
		}
		if end.After(last) {
			last = end
		}
	}
	return last, err
}

// IssueAgent makes the certificate that the relay server would sign for the agent of a cluster.
func IssueAgent(cluster string, key crypto.Signer, issuer Issuer, validity time.Duration, now time.Time) (*x509.Certificate, error) {
	return Issue(Request{
		Role: Agent, Issuer: Signing, Name: "relay agent", KeyUsage: x509.KeyUsageDigitalSignature,
		Usages: bothUsages, DNSNames: []string{cluster}, Validity: validity,
	}, "relay", 1, key, &issuer, now)
}
