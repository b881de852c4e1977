package issue

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// asked is how many chains OpenSSL verifies: each takes a process.
const asked = 40

// TestOpenSSLAgrees has OpenSSL verify what is imported, in strict mode: for what it refuses, there must be at least a warning.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here; it is to judge the same chains")
	}
	f, topology := newForge(t), randomPlan(t)
	counts, dir := map[string]int{}, t.TempDir()
	put := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for seed := uint64(0); counts["asked"] < asked && seed < piles; seed++ {
		p := f.pile(seed)
		l, findings, refused := p.imported(topology)
		if refused != nil || f.often == 0 && counts["plain"] == asked/4 {
			continue
		}
		if f.often == 0 {
			counts["plain"]++
		}
		counts["asked"]++
		var anchors []lockfile.Certificate = l.All(pki.Root)
		var ca []byte
		for _, r := range anchors {
			ca = append(ca, pki.MarshalCertificates(r.Chain...)...)
		}
		chain := l.Newest(pki.Server).Chain
		out, err := exec.Command(openssl, "verify", "-x509_strict", "-auth_level", "2", "-purpose", "sslserver", "-verify_hostname", authority, "-partial_chain",
			"-attime", strconv.FormatInt(noon.Unix(), 10), "-CAfile", put("ca.pem", ca), "-untrusted", put("chain.pem", pki.MarshalCertificates(chain...)), put("leaf.pem", pki.MarshalCertificates(chain[0]))).CombinedOutput()
		if err == nil {
			continue
		}
		counts["refused"]++
		warned := slices.ContainsFunc(findings, func(x verify.Finding) bool { return x.Severity == verify.Warning })
		if !warned {
			t.Errorf("seed %d: OpenSSL refuses %s, and nothing warns: %v", seed, out, findings)
		}
	}
	t.Log(counts)
	if counts["asked"] < asked || counts["refused"] == 0 {
		t.Errorf("%v: too few", counts)
	}
}
