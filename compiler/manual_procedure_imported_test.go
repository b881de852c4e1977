package compiler

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// TestManualProcedureImportedHasItsFindings provides the files of the manual procedure to pki.external. The errors, and verify's findings
// after a compile, are the same as verify's findings about the procedure's own Secrets.
func TestManualProcedureImportedHasItsFindings(t *testing.T) {
	s := newTestProject(t)
	names := verify.NamesOf(product.Profiles[0])
	text, err := os.ReadFile("../fixtures/manual/mgmt-cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := manifest.ReadSecrets(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range secrets {
		if name, ok := map[string]string{names.Server: "server", names.Signing: "signing"}[x.Name]; ok {
			s.write("pki1/"+name+".pem", x.Data[names.Keys.Cert])
			s.write("pki1/"+name+".key", x.Data[names.Keys.Key])
			s.write("pki1/ca.pem", x.Data[names.Keys.CA])
		}
	}
	codes := func(r *verify.Report) []string {
		var all []string
		for _, f := range r.Findings {
			if f.Code != verify.SecretMissing { // the token's, which relayform generates
				all = append(all, string(f.Severity)+" "+string(f.Code)+" "+f.Message)
			}
		}
		slices.Sort(all)
		return all
	}
	theirs, err := VerifyFrom(From{Paths: []string{"../fixtures/manual"}, Names: names}, Env{NewKey: pki.GenerateKey}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	want := codes(theirs)
	if len(want) != 9 {
		t.Fatalf("%d findings about the procedure's Secrets: %q", len(want), want)
	}
	r := s.compile(foreignPKI(1, ""))
	said := regexp.MustCompile(`pki\.external\.(ca|server\.cert|signing\.cert): (.*?) \[([a-z-]+)\]`)
	var got []string
	for severity, lines := range map[string][]string{"warning": r.Plan.Warnings, "note": r.Plan.Notes} {
		for _, line := range lines {
			m := said.FindStringSubmatch(line)
			if m == nil || !strings.Contains(line, "topology.yaml:11:") {
				t.Errorf("%q names no file", line)
				continue
			}
			got = append(got, severity+" "+m[3]+" "+m[2])
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("compile says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	compiled, err := Verify(s.project, s.env(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	if got := codes(compiled); !slices.Equal(got, want) {
		t.Errorf("verify says of what was compiled\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
