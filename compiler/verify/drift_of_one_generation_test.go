package verify_test

import (
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// TestAnotherCertificateOfTheSameGenerationIsAnError compares clusters with what they should contain. A certificate of an earlier
// generation means that an overlay was not applied yet: a warning. One of the same generation, or a later one, was issued by someone else:
// an error.
func TestAnotherCertificateOfTheSameGenerationIsAnError(t *testing.T) {
	root := issuedAs(t, "demo", 2, nil)
	for _, c := range []struct {
		name         string
		organisation string
		generation   int
		code         string
		severity     verify.Severity
	}{
		{"an earlier one", "demo", 1, string(verify.DriftOlder), verify.Warning},
		{"the same", "demo", 2, string(verify.DriftDifferent), verify.Error},
		{"a later one", "demo", 3, string(verify.DriftDifferent), verify.Error},
		{"one of no generation", "demo", 0, string(verify.DriftDifferent), verify.Error},
		{"an earlier one of another topology", "other", 1, string(verify.DriftDifferent), verify.Error},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, want := holding(t, issuedAs(t, c.organisation, c.generation, nil)), holding(t, root)
			r := &verify.Report{}
			r.Compare(have, verify.Wanted{Material: want})
			if len(r.Findings) != 1 || string(r.Findings[0].Code) != c.code || r.Findings[0].Severity != c.severity {
				t.Errorf("got %+v, want %s as %v", r.Findings, c.code, c.severity)
			}
		})
	}
}

func issuedAs(t *testing.T, organisation string, generation int, issuer *pki.Issuer) []byte {
	t.Helper()
	request := pki.Requests(pki.Facts{ECDSA: true, Root: time.Hour * 24 * 3650})[0]
	k, err := pki.GenerateKey(request.Algorithm)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pki.Issue(request, organisation, generation, k, issuer, noon)
	if err != nil {
		t.Fatal(err)
	}
	return pki.MarshalCertificates(cert)
}

func holding(t *testing.T, root []byte) verify.Material {
	t.Helper()
	return verify.Material{Authority: authority, Names: verify.NamesOf(product.Profiles[0]), Clusters: []verify.Cluster{{
		Name: "east", Agent: true, Secrets: []verify.Secret{{Name: product.Profiles[0].Secret(pki.Root), Data: map[string][]byte{product.Profiles[0].Keys.CA: root}}},
	}}}
}
