package review_test

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/review"
)

// TestAuthoritiesHitWhoHasThem gives remotes their own authorities: those that would refuse the server during the change are named, and a
// new remote is not cut off.
func TestAuthoritiesHitWhoHasThem(t *testing.T) {
	m, base := newMint(t), stateOf(t, "HEAD", 0)
	root := m.issue(pki.Root, 1, 3650, nil)
	signing := m.issue(pki.Signing, 1, 900, &root)
	server := func(generation int, names ...string) lockfile.Certificate {
		return m.issue(pki.Server, generation, 900, &root, names...)
	}
	own := stateOf(t, "now", 0, "edge: {}", "edge: {authority: edge.example.com}")
	old := server(1)
	for _, c := range []struct {
		name          string
		before, after review.State
		told          string // what refuses the server, and which clusters are affected
		hits          []string
	}{
		{"one gets another", with(base, root, signing, old), with(own, root, signing, server(2, "edge.example.com")), "if the remotes are applied before management: x509", []string{"edge"}},
		{"one gets another that the server has already", with(base, root, signing, server(1, "*.example.com")), with(own, root, signing, server(1, "*.example.com")), "", nil},
		{"the name goes while one has it", with(own, root, signing, server(1, "edge.example.com")), with(base, root, signing, server(2)), "while only management is applied: x509", []string{"edge"}},
		{"the server lacks it", with(own, root, signing, old), with(own, root, signing, server(2)), "even when every cluster is applied: x509", []string{"edge"}},
		{"a remote that is new", with(base, root, signing, old), with(stateOf(t, "now", 0, "  edge: {}", "  edge: {}\n  fjord: {authority: fjord.example.com}"), root, signing, server(2, "fjord.example.com")), "", nil},
		{"a remote that is new, whose name the server lacks", with(base, root, signing, old), with(stateOf(t, "now", 0, "  edge: {}", "  edge: {}\n  fjord: {authority: fjord.example.com}"), root, signing, server(2)), "even when every cluster is applied: x509", []string{"fjord"}},
	} {
		f := of(review.Review(&c.before, c.after, "topology.yaml", noon), "server-refused")
		if (f.Message != "") != (c.told != "") || !strings.Contains(f.Message, c.told) || !slices.Equal(f.Clusters, c.hits) {
			t.Errorf("%s: %q hits %v; want %q and %v", c.name, f.Message, f.Clusters, c.told, c.hits)
		}
	}
	before := with(base, root, signing, old)
	after := with(stateOf(t, "now", 0, "edge: {}", "edge: {authority: edge.example.com}", "ingress:", `dnsNames: ["*.example.com"], ingress:`), root, signing, server(2, "*.example.com"))
	said := reviewed(t, &before, after)
	for _, want := range []string{"value relay.authority enterprise-networking.gloo-mesh → edge.example.com", "more names of the server's certificate none → *.example.com"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing says %q:\n%s", want, said)
		}
	}
}
