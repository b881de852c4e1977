package policy

import (
	"os"
	"strings"
	"testing"
)

// TestExamplesDoAsTheySay checks each example with a mesh that violates all of it, and with one that violates nothing; the help page shows
// the examples unchanged.
func TestExamplesDoAsTheySay(t *testing.T) {
	bad := planOf(t, strings.Replace(strings.Replace(mesh, "name: demo", "name: demo1", 1), "selfSigned:\n", "selfSigned:\n    keyAlgorithm: rsa\n", 1))
	good := planOf(t, `apiVersion: relayform/v1
kind: Topology
name: demo
management:
  name: mgmt
  labels: {team: platform}
  ingress: {istio: {}}
remotes:
  prod-east:
    labels: {env: prod, team: payments}
pki:
  external:
    ca: pki/ca.pem
    server: {cert: pki/server.pem}
    signing: {cert: pki/signing.pem}
charts: {version: 1.2.0}
secrets: {externalSecrets: {store: {name: vault}, path: relayform/demo}}
deliver: {flux: {source: {name: mesh}}}
`)
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"certificates": {"want a server's certificate of at most 398 days, got 400"},
		"production":   {"want an external PKI, as a cluster is labelled env: prod, got selfSigned", "want a GitOps engine, as a cluster is labelled env: prod, got nothing", "want a context that begins with prod-, as the cluster is labelled env: prod, got kind-east"},
		"names":        {"want a name of words in lower case, at most 20 characters, got demo1", "want a store that is not local, got local", "management.labels.team: want the label team, in lower-case letters; it is not set", "remotes.west.labels.team: want the label team"},
	} {
		text, err := os.ReadFile("examples/" + name + ".cue")
		if err != nil {
			t.Fatal(err)
		}
		lines, _ := told(t, bad, string(text))
		if len(lines) != len(want) {
			t.Errorf("%s: %q", name, lines)
		}
		for _, w := range want {
			if !strings.Contains(strings.Join(lines, "\n"), w) {
				t.Errorf("%s: %q; want %s", name, lines, w)
			}
		}
		if lines, _ := told(t, good, string(text)); len(lines) > 0 {
			t.Errorf("%s: %q of a mesh that is as it should be", name, lines)
		}
		if !strings.Contains(string(page), string(text)) {
			t.Errorf("the page does not show %s.cue as it is", name)
		}
	}
}
