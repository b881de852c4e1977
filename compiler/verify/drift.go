package verify

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// Wanted is what the clusters should contain.
type Wanted struct {
	Material
	// TokenSHA256 is the digest of the token, in hexadecimal.
	TokenSHA256 string
	// Older maps fingerprints of replaced certificates to their generations.
	Older map[string]int
}

// Digests returns the SHA-256 digests of what a Secret should contain, by key, in hexadecimal: of its certificates, and of the token.
func (w Wanted) Digests(s *Secret) map[string]string {
	all := map[string]string{}
	if s == nil {
		return all
	}
	for _, key := range []string{w.Names.Keys.Cert, w.Names.Keys.CA} {
		if value := s.Data[key]; len(value) > 0 {
			sum := sha256.Sum256(value)
			all[key] = hex.EncodeToString(sum[:])
		}
	}
	if s.Name == w.Names.Token && w.TokenSHA256 != "" {
		all[w.Names.Keys.Token] = w.TokenSHA256
	}
	return all
}

// Compare reports where clusters contain something other than they should. Missing values, and private keys in the wrong place, are
// reported by Judge.
func (r *Report) Compare(have Material, want Wanted) {
	expected := map[string]*Cluster{}
	for i := range want.Clusters {
		expected[want.Clusters[i].Name] = &want.Clusters[i]
	}
	var findings []Finding
	for i := range have.Clusters {
		h := &have.Clusters[i]
		w := expected[h.Name]
		for j := range h.Secrets {
			s := &h.Secrets[j]
			if ws := w.Secret(s.Name); ws != nil {
				for _, key := range []string{want.Names.Keys.Cert, want.Names.Keys.CA} {
					findings = append(findings, want.certificates(h.Name, s, key, ws.Data[key])...)
				}
			}
			if token := s.Data[want.Names.Keys.Token]; s.Name == want.Names.Token && len(token) > 0 {
				if sum := sha256.Sum256(token); hex.EncodeToString(sum[:]) != want.TokenSHA256 {
					findings = append(findings, drift(DriftDifferent, Error, h.Name, s, want.Names.Keys.Token, "the token differs from the lockfile's"))
				}
			}
		}
	}
	r.Add(findings...)
}

func drift(code diag.Code, severity Severity, cluster string, s *Secret, key, message string) Finding {
	return NewFinding(code.Fault(message, "apply the cluster's overlay"), severity, []string{cluster}, s.Name+" "+key, s.At)
}

// certificates compares a value that contains certificates.
func (w Wanted) certificates(cluster string, s *Secret, key string, want []byte) []Finding {
	have := s.Data[key]
	if len(have) == 0 || len(want) == 0 || bytes.Equal(have, want) {
		return nil
	}
	found, expected := pki.ReadPEM(have).Certificates, pki.ReadPEM(want).Certificates
	if slices.EqualFunc(found, expected, (*x509.Certificate).Equal) {
		return []Finding{drift(DriftBytes, Note, cluster, s, key, "the lockfile's certificates, in different bytes")}
	}
	for _, c := range found {
		d := pki.Describe(c)
		if generation, ok := w.Older[d.SHA256]; ok && !slices.ContainsFunc(expected, c.Equal) {
			return []Finding{drift(DriftOlder, Warning, cluster, s, key, fmt.Sprintf("it holds %s, generation %d; the lockfile has a newer one", Named(c), generation))}
		}
	}
	held := func(c *x509.Certificate) bool { return slices.ContainsFunc(found, c.Equal) }
	if lacking := slices.DeleteFunc(slices.Clone(expected), held); key == w.Names.Keys.CA && len(found)+len(lacking) == len(expected) && len(found) > 0 {
		return []Finding{drift(DriftOlder, Warning, cluster, s, key, fmt.Sprintf("it does not hold %s yet, which the lockfile also has", rootsInWords(lacking)))}
	}
	var words []string
	for _, c := range found {
		words = append(words, Named(c))
	}
	if len(found) > 0 && len(expected) > 0 && replaced(found[0], expected[0]) {
		return []Finding{drift(DriftOlder, Warning, cluster, s, key, fmt.Sprintf("it holds %s, older than the lockfile's %s", list(words), Named(expected[0])))}
	}
	if len(words) == 0 {
		words = []string{"no readable certificate"}
	}
	return []Finding{drift(DriftDifferent, Error, cluster, s, key, fmt.Sprintf("it holds %s, which is not in the lockfile", list(words)))}
}

// replaced reports whether a certificate is an earlier generation of another, for the same topology and role: subjects contain all three.
func replaced(old, by *x509.Certificate) bool {
	role, generation := roleOf(old)
	wantRole, wantGeneration := roleOf(by)
	return len(old.Subject.Organization) > 0 && slices.Equal(old.Subject.Organization, by.Subject.Organization) &&
		role == wantRole && generation > 0 && generation < wantGeneration
}

func roleOf(c *x509.Certificate) (role string, generation int) {
	role, rest, _ := strings.Cut(c.Subject.CommonName, " g")
	if _, err := fmt.Sscanf(rest, "%d", &generation); err != nil {
		return role, 0
	}
	return role, generation
}
