package review_test

import (
	"crypto"
	"slices"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/review"
)

// mint issues certificates and keeps their keys.
type mint struct {
	*testing.T
	keys map[string]crypto.Signer
}

func newMint(t *testing.T) mint { return mint{t, map[string]crypto.Signer{}} }

// issue issues a certificate of a role for a number of days, under a root; nil for a root itself.
func (m mint) issue(role pki.Role, generation, days int, root *lockfile.Certificate, names ...string) lockfile.Certificate {
	m.Helper()
	life := time.Duration(days) * 24 * time.Hour
	names = append([]string{"enterprise-networking.gloo-mesh"}, names...)
	for _, r := range pki.Requests(pki.Facts{ECDSA: true, DNSNames: names, Root: life, Signing: life, Server: life}) {
		if r.Role != role {
			continue
		}
		key, err := pki.GenerateKey(r.Algorithm)
		if err != nil {
			m.Fatal(err)
		}
		var issuer *pki.Issuer
		if root != nil {
			issuer = &pki.Issuer{Certificate: root.Chain[0], Key: m.keys[root.SHA256]}
		}
		made, err := pki.Issue(r, "demo", generation, key, issuer, noon)
		if err != nil {
			m.Fatal(err)
		}
		c := lockfile.NewCertificate(role, generation, lockfile.SelfSigned, life, made)
		m.keys[c.SHA256] = key
		return c
	}
	m.Fatalf("no request for %s", role)
	return lockfile.Certificate{}
}

// external returns a certificate as if an external PKI had issued it.
func external(c lockfile.Certificate) lockfile.Certificate {
	return lockfile.NewCertificate(c.Role, c.Generation, lockfile.External, 0, c.Chain...)
}

// with returns a state with different certificates, and a token.
func with(s review.State, certificates ...lockfile.Certificate) review.State {
	s.Lock = &lockfile.File{Topology: "demo", Certificates: slices.Clone(certificates), Token: &lockfile.Token{Generation: 1, SHA256: "aa"}}
	return s
}

// codes formats a report's findings: severity and code.
func codes(r *review.Report) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, string(f.Severity)+" "+string(f.Code))
	}
	return all
}

// of returns the finding with a code, or the zero Finding.
func of(r *review.Report, code string) review.Finding {
	for _, f := range r.Findings {
		if string(f.Code) == code {
			return f
		}
	}
	return review.Finding{}
}
