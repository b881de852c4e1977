package lockfile_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// agentsFile returns a lockfile with three agents' certificates: edge-01, mgmt-cluster and remote-cluster.
func agentsFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../fixtures/issued/topology.lock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parsed parses a lockfile for a product without a token, as it contains none.
func parsed(text string) (*lockfile.File, error) {
	platform, _ := product.Find("gloo-platform")
	return lockfile.Parse("topology.lock.yaml", []byte(text), platform.WithoutRelayCA())
}

// lineOf returns an agent's line, including the line end.
func lineOf(t *testing.T, text, cluster string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, `- {"agent":"`+cluster+`"`) {
			return line
		}
	}
	t.Fatalf("no line of %s", cluster)
	return ""
}

// forged returns the line of edge-01 with a certificate that the signing CA's real key signs for a changed request.
func forged(t *testing.T, l *lockfile.File, signer pki.Role, change func(*pki.Request)) string {
	t.Helper()
	by := l.Newest(signer)
	text, err := os.ReadFile(filepath.Join("../../fixtures/issued/keys", lockfile.KeyFile(by.SPKI)))
	if err != nil {
		t.Fatal(err)
	}
	var issuer crypto.Signer
	if issuer, err = pki.ParseKey(text); err != nil {
		t.Fatal(err)
	}
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	r := pki.Facts{ECDSA: true, Agents: 4320 * time.Hour}.Agent("edge-01")
	change(&r)
	c, err := pki.Issue(r, l.Topology, 1, key, &pki.Issuer{Certificate: by.Chain[0], Key: issuer}, l.Newest(pki.Root).Chain[0].NotBefore.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	next := *l
	next.Agents = []lockfile.Agent{lockfile.NewAgent("edge-01", 1, 1, r.Validity, c)}
	out, err := next.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return lineOf(t, string(out), "edge-01")
}

// TestAgentsHaveALineEach parses a lockfile with agents' certificates, also with git's line ends on Windows, and writes it unchanged.
func TestAgentsHaveALineEach(t *testing.T) {
	text := agentsFile(t)
	for _, have := range []string{text, strings.ReplaceAll(text, "\n", "\r\n")} {
		l, err := parsed(have)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := l.Marshal(); err != nil || string(again) != text {
			t.Errorf("written again it differs: %v\n%s", err, again)
		}
		if len(l.AgentsInForce()) != 3 || l.Agent("edge-01") == nil || l.Agent("edge-02") != nil {
			t.Errorf("agents %v", l.AgentsInForce())
		}
	}
}

// TestTamperedAgentsAreRefused checks the position and message for each tampered line.
func TestTamperedAgentsAreRefused(t *testing.T) {
	text := agentsFile(t)
	l, err := parsed(text)
	if err != nil {
		t.Fatal(err)
	}
	edge, remote := lineOf(t, text, "edge-01"), lineOf(t, text, "remote-cluster")
	replace := func(old, new string) string {
		t.Helper()
		if !strings.Contains(edge, old) {
			t.Fatalf("no %s in %s", old, edge)
		}
		return strings.Replace(edge, old, new, 1)
	}
	edited := func(pattern, new string) string {
		return string(regexp.MustCompile(pattern).ReplaceAll([]byte(edge), []byte(new)))
	}
	for _, c := range []struct{ name, line, want string }{
		{"another cluster", replace(`"agent":"edge-01"`, `"agent":"edge-00"`), "its DNS names are"},
		{"another generation", replace(`"generation":1`, `"generation":2`), "subject"},
		{"generation 0", replace(`"generation":1`, `"generation":0`), "generation"},
		{"another signing CA", replace(`"signing":1`, `"signing":2`), "the lockfile has no such"},
		{"another end", edited(`"notAfter":"[^"]*"`, `"notAfter":"2029-01-01T00:00:00Z"`), "notAfter: the certificate says"},
		{"another beginning", edited(`"notBefore":"[^"]*"`, `"notBefore":"2020-01-01T00:00:00Z"`), "notBefore: the certificate says"},
		{"another validity", replace(`"validity":"4320h"`, `"validity":"4319h"`), "validity"},
		{"no validity", replace(`"validity":"4320h"`, `"validity":""`), "validity"},
		{"another algorithm", replace("ECDSA P-256", "RSA 2048"), "algorithm"},
		{"another fingerprint", edited(`"sha256":"..`, `"sha256":"zz`), "sha256: the certificate says"},
		{"another key", edited(`"spki":"..`, `"spki":"zz`), "spki: the certificate says"},
		{"another's certificate", replace(edge[strings.Index(edge, `"certificate"`):], remote[strings.Index(remote, `"certificate"`):]), "the certificate says"},
		{"no certificate", edited(`"certificate":"[^"]*"`, `"certificate":"AAAA"`), "certificate: "},
		{"no base64", edited(`"certificate":"[^"]*"`, `"certificate":"*"`), "want DER in base64"},
		{"base64 with a break", edited(`"certificate":"(.)`, `"certificate":"$1\n`), "want a record"},
		{"a further field", replace(`{"agent"`, `{"note":"x","agent"`), "want a record"},
		{"a field twice", replace(`"generation":1`, `"generation":1,"generation":1`), "want a record"},
		{"a blank", replace(`":1`, `": 1`), "want a record"},
		{"twice", edge + edge, "a second certificate"},
		{"out of order", remote + edge, "it comes after remote-cluster"},
		{"text between", "# a comment\n" + edge, "want a record"},
		{"another section", edge + "token: {}\n", "want a record"},
		{"a conflict", "<<<<<<< HEAD\n" + edge, "a git merge conflict"},
		{"two names", forged(t, l, pki.Signing, func(r *pki.Request) { r.DNSNames = []string{"edge-01", "edge-02"} }), "want only the cluster's name"},
		{"another's name", forged(t, l, pki.Signing, func(r *pki.Request) { r.DNSNames = []string{"remote-cluster"} }), "want only the cluster's name"},
		{"a CA", forged(t, l, pki.Signing, func(r *pki.Request) { r.CA = true }), "issues an agent's certificate differently"},
		{"other usages", forged(t, l, pki.Signing, func(r *pki.Request) { r.Usages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), "issues an agent's certificate differently"},
		{"signed by the root", forged(t, l, pki.Root, func(*pki.Request) {}), "did not sign the certificate"},
		{"signed by the server", forged(t, l, pki.Server, func(*pki.Request) {}), "did not sign the certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.line == edge {
				t.Fatal("nothing was changed")
			}
			_, err := parsed(strings.Replace(text, edge, c.line, 1))
			var faults diag.List
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			d := faults[0]
			if first := 1 + strings.Count(text[:strings.Index(text, edge)], "\n"); d.Line < first || d.Line > first+3 || d.Code != diag.BadLockfile || !strings.Contains(d.Hint, "restore it from git") {
				t.Errorf("%+v: want a place from line %d on, and what to do", d, first)
			}
		})
	}
	head := text[:strings.Index(text, "agents:\n")]
	for _, section := range []string{"agents:\n", "agents:\nagents:\n", "agents: []\n", "agents:", "agents:\n- \n", "agents:\n" + strings.TrimSuffix(edge, "\n")} {
		if _, err := parsed(head + section); err == nil {
			t.Errorf("%q: taken", section)
		}
	}
	if _, err := parsed(head); err != nil {
		t.Errorf("without agents: %v", err)
	}
}

// TestAgentsOfALeavingCALeave checks which agents' certificates are kept in each step of a rotation, given their signing CA.
func TestAgentsOfALeavingCALeave(t *testing.T) {
	l, err := parsed(agentsFile(t))
	if err != nil {
		t.Fatal(err)
	}
	another := *l.Newest(pki.Signing)
	another.Generation = 2
	if next := l.With([]lockfile.Certificate{another}, nil); len(next.Agents) != 0 {
		t.Errorf("the signing CA is another, and %d certificates of the old one stay", len(next.Agents))
	}
	now := l.Newest(pki.Root).Chain[0].NotBefore.Add(2 * time.Hour)
	distribute := l.Turn(lockfile.Distribute, now)
	issue := distribute.Turn(lockfile.Issue, now)
	if signer := issue.AgentSigner(); signer == nil || signer.Generation != 1 || len(issue.AgentsInForce()) != 3 {
		t.Errorf("in the phase issue agents' certificates are %v under %v; want those from before", issue.AgentsInForce(), signer)
	}
	if !bytes.Equal(issue.Agents[0].Chain[0].Raw, l.Agents[0].Chain[0].Raw) {
		t.Error("they are others")
	}
	drain := issue.With([]lockfile.Certificate{another}, nil).Turn(lockfile.Drain, now)
	if len(drain.AgentsInForce()) != 0 || len(drain.Agents) != 3 {
		t.Errorf("in the phase drain %d are in force and %d are kept; want 0 and 3, for the way back", len(drain.AgentsInForce()), len(drain.Agents))
	}
	if back := drain.Turn(lockfile.Issue, now); len(back.AgentsInForce()) != 3 {
		t.Errorf("on the way back %d are in force; want 3", len(back.AgentsInForce()))
	}
	if over := drain.Turn(lockfile.Retire, now).Turn("", now); len(over.Agents) != 0 {
		t.Errorf("after the rotation %d certificates under the old root stay", len(over.Agents))
	}
}
