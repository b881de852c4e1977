package compiler

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOpenSSLAnswersRequests has OpenSSL check the certificate requests, and sign them with the runbook's commands, as written. The result
// is imported, and the mesh verifies.
func TestOpenSSLAnswersRequests(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	if help, _ := exec.Command(openssl, "x509", "-help").CombinedOutput(); !strings.Contains(string(help), "copy_extensions") {
		t.Skip("openssl is older than 3.0, and x509 copies no extensions")
	}
	for _, algorithm := range []string{"rsa", "ecdsa"} {
		t.Run(algorithm, func(t *testing.T) {
			s := newTestProject(t)
			s.now = time.Now().Add(time.Hour) // later than OpenSSL's notBefore
			run := func(name string, args ...string) string {
				t.Helper()
				c := exec.Command(name, args...)
				c.Dir = s.project.Dir()
				out, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return string(out)
			}
			run(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "3650",
				"-subj", "/O=Example Corp/CN=Example Corp Root", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
			s.compile(strings.ReplaceAll(`external: {ca: ca.crt, server: {keyAlgorithm: ALG}, signing: {keyAlgorithm: ALG}}`, "ALG", algorithm))
			for role, wants := range map[string][]string{
				"server":  {"CA:FALSE", "DNS:enterprise-networking.gloo-mesh", "TLS Web Server Authentication", "TLS Web Client Authentication", "Digital Signature"},
				"signing": {"CA:TRUE, pathlen:0", "Certificate Sign", "CRL Sign"},
			} {
				text := run(openssl, "req", "-in", "build/requests/"+role+".csr", "-noout", "-verify", "-text")
				for _, want := range append(wants, "verify OK") {
					if !strings.Contains(text, want) {
						t.Errorf("%s: openssl does not say %q: %s", role, want, text)
					}
				}
			}
			book, err := os.ReadFile(filepath.Join(s.project.Build, "requests", "RUNBOOK.md"))
			if err != nil {
				t.Fatal(err)
			}
			signed := 0
			for _, block := range strings.Split(string(book), "```") {
				if command, ok := strings.CutPrefix(block, "sh\nopenssl x509 "); ok {
					run("sh", "-c", "openssl x509 "+command)
					signed++
				}
			}
			if signed != 2 {
				t.Errorf("the runbook has %d commands that sign", signed)
			}
			r := s.compile(`external: {ca: ca.crt, server: {cert: server.crt}, signing: {cert: signing.crt}}`)
			if len(r.Waiting) > 0 || len(r.Missing) > 0 || len(r.Lock.Requests) > 0 {
				t.Errorf("waiting %v, missing %v", r.Waiting, r.Missing)
			}
			report, err := Verify(s.project, s.env(), s.now)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				t.Errorf("%s: %s", f.Object, f.Message)
			}
		})
	}
}
