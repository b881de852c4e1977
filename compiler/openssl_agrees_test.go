package compiler

import (
	"crypto/tls"
	"os"
	"os/exec"
	"path/filepath"
	"relayform/compiler/pki"
	"strconv"
	"strings"
	"testing"
)

// TestOpenSSLAgrees has OpenSSL, in strict mode, verify the clusters' contents.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	for name, project := range someFixtures(t) {
		t.Run(name, func(t *testing.T) {
			m := meshOf(t, project)
			dir := t.TempDir()
			write := func(name string, data []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			root := write("root.crt", m.remote[relay.Secret(pki.Root)][relay.Keys.CA])
			server := write("server.crt", m.management[relay.Secret(pki.Server)][relay.Keys.Cert])
			agents := m.held
			above := m.remote[m.product.Secret(pki.Agent)][relay.Keys.Cert]
			if !m.product.Has(pki.Agent) {
				above = m.management[relay.Secret(pki.Signing)][relay.Keys.Cert]
				agents = func(t testing.TB) tls.Certificate { return m.signed(t, m.cluster) }
			}
			signing := write("signing.crt", above)
			agent := write("agent.crt", pemOf(agents(t).Certificate[0]))
			verify := func(args ...string) (string, error) {
				base := []string{"verify", "-x509_strict", "-attime", strconv.FormatInt(fixtureTime.Unix(), 10), "-CAfile", root}
				out, err := exec.Command(openssl, append(base, args...)...).CombinedOutput()
				return string(out), err
			}
			for _, args := range [][]string{
				{"-purpose", "sslserver", "-verify_hostname", m.authority, "-untrusted", server, server},
				{"-purpose", "sslclient", "-verify_hostname", m.cluster, "-untrusted", signing, agent},
			} {
				if out, err := verify(args...); err != nil {
					t.Errorf("openssl verify %v: %s", args[:4], out)
				}
			}
			if out, err := verify("-purpose", "sslserver", "-verify_hostname", "stranger.example", "-untrusted", server, server); err == nil || !strings.Contains(out, "hostname mismatch") {
				t.Errorf("openssl took a wrong name: %s", out)
			}
		})
	}
}
