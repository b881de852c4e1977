package compiler_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// theDay is when fixtures with certificates are verified.
var theDay = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func verifyFrom(t *testing.T, from compiler.From) *verify.Report {
	t.Helper()
	from.Names = verify.NamesOf(product.Profiles[0])
	r, err := compiler.VerifyFrom(from, compiler.Env{NewKey: pki.GenerateKey}, theDay)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestManualProcedureHasItsMeasuredFaults verifies the output of the manual procedure with OpenSSL: exactly the known faults are found, on
// the certificates that have them.
func TestManualProcedureHasItsMeasuredFaults(t *testing.T) {
	r := verifyFrom(t, compiler.From{Paths: []string{"../fixtures/manual"}})
	want := []struct {
		code   diag.Code
		object string
	}{
		{verify.SecretMissing, "relay-identity-token-secret"},
		{verify.AuthorityWildcard, "relay-server-tls-secret tls.crt"},
		{verify.SigningServes, "relay-tls-signing-secret tls.crt"},
		{verify.PathLengthOpen, "relay-tls-signing-secret tls.crt"},
		{verify.SerialZero, "relay-server-tls-secret tls.crt"},
		{verify.SerialZero, "relay-tls-signing-secret tls.crt"},
		{verify.SerialDuplicate, "relay-tls-signing-secret tls.crt"},
		{verify.SubjectIsIssuer, "relay-server-tls-secret tls.crt"},
		{verify.SubjectIsIssuer, "relay-tls-signing-secret tls.crt"},
		{verify.CAWithoutKeyUsage, "relay-root-tls-secret ca.crt"},
	}
	found := map[string]int{}
	for _, f := range r.Findings {
		found[string(f.Code)+" "+f.Object]++
	}
	for _, w := range want {
		key := string(w.code) + " " + w.object
		if found[key] != 1 {
			t.Errorf("%s: found %d times, want once", key, found[key])
		}
		delete(found, key)
	}
	for key := range found {
		t.Errorf("%s: found, and nobody measured it", key)
	}
	if len(r.Connections) != 1 || !r.Connections[0].MutualTLS.OK {
		t.Errorf("mutual TLS fails; Go takes what the procedure makes: %+v", r.Connections)
	}
	if c := r.Connections[0].FirstContact; c.OK || !slices.Contains(c.Causes, verify.SecretMissing) {
		t.Errorf("first contact: %+v; want a failure for want of the token", c)
	}
}

func TestManifestsComeFromAnywhere(t *testing.T) {
	folder := verifyFrom(t, compiler.From{Paths: []string{"../fixtures/manual"}})
	list := &strings.Builder{}
	list.WriteString(`{"apiVersion":"v1","kind":"List","items":[{"kind":"ConfigMap","metadata":{"name":"x"}},` +
		`{"kind":"Secret","metadata":{"name":"relay-identity-token-secret","namespace":"gloo-mesh"},"stringData":{"token":"6f1e0c6bb5f9d2d7a1b8c94e35d0a7f2"}}]}`)
	named := verifyFrom(t, compiler.From{
		Paths: []string{"mgmt=../fixtures/manual/mgmt-cluster.yaml", "far=../fixtures/manual/remote-cluster.yaml", "-"}, Stdin: strings.NewReader(list.String()),
	})
	if got := strings.Join(named.Clusters, " "); got != "far mgmt stdin" {
		t.Errorf("clusters %s", got)
	}
	if len(named.Findings) <= len(folder.Findings) {
		t.Error("the cluster on stdin has no root, and nothing says so")
	}
}

func TestManifestsThatCannotBeJudged(t *testing.T) {
	for name, c := range map[string]struct {
		from compiler.From
		want string
	}{
		"nothing there":         {compiler.From{Paths: []string{"../schema"}}, "none of the Secrets"},
		"no such file":          {compiler.From{Paths: []string{"nowhere.yaml"}}, "no such file or folder"},
		"no management cluster": {compiler.From{Paths: []string{"../fixtures/manual/remote-cluster.yaml"}}, "name the management cluster with --management"},
		"a typo":                {compiler.From{Paths: []string{"../fixtures/manual"}, Management: "mgmt-clustre"}, "did you mean mgmt-cluster?"},
		"two of them":           {compiler.From{Paths: []string{"a=../fixtures/manual/mgmt-cluster.yaml", "b=../fixtures/manual/mgmt-cluster.yaml"}}, "a, b hold"},
		"twice":                 {compiler.From{Paths: []string{"a=../fixtures/manual", "../fixtures/manual/remote-cluster.yaml"}}, "there twice"},
		"not YAML":              {compiler.From{Paths: []string{"-"}, Stdin: strings.NewReader("token: [hunter2")}, "not a Kubernetes object"},
		"not base64":            {compiler.From{Paths: []string{"-"}, Stdin: strings.NewReader("kind: Secret\nmetadata: {name: x}\ndata: {token: hun!ter2}")}, "data token is not base64"},
	} {
		t.Run(name, func(t *testing.T) {
			c.from.Names = verify.NamesOf(product.Profiles[0])
			_, err := compiler.VerifyFrom(c.from, compiler.Env{NewKey: pki.GenerateKey}, theDay)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "ter2") {
				t.Error("the error quotes a value")
			}
		})
	}
}
