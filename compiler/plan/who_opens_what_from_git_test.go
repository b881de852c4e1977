package plan_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"relayform/compiler/plan"
	"relayform/compiler/seal"
	"relayform/schema"
	"relayform/schema/diag"
)

// Age recipients, and paths of controllers' certificates.
const (
	ada     = "age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf"
	bob     = "age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u"
	eve     = "age1twrvhxzc2qkfexsaayfl840wtseadk0f7krvvkmsl0vnl22zpfjsdu34nx"
	sealing = "../../fixtures/sealed-secrets"
)

// resolved returns the plan of a topology with these remotes and this store.
func resolved(t *testing.T, remotes, secrets string) (*plan.Plan, error) {
	t.Helper()
	text := fmt.Sprintf(`apiVersion: relayform/v1
kind: Topology
name: demo
management: {name: mgmt, agent: true, relayAddress: "203.0.113.7:31443", ingress: {istio: {}}}
remotes: {%s}
pki: {selfSigned: {}}
secrets: {%s}
`, remotes, secrets)
	topology, doc, err := schema.ParseTopology("topology.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(sealing)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	return plan.Resolve(topology, doc, root, plan.Guard{})
}

// TestOneAudienceOpensWhatAClusterReceives checks who can decrypt what each cluster receives, and where the topology says so: its own list
// or certificate if it has one, otherwise the common one. A remote's own audience that equals the common one does not count as its own.
func TestOneAudienceOpensWhatAClusterReceives(t *testing.T) {
	certificate := func(name string) string {
		p, err := resolved(t, "", fmt.Sprintf("sealedSecrets: {management: sealing/%s.pem}", name))
		if err != nil {
			t.Fatal(err)
		}
		return p.InGit().Management.Digest
	}
	mgmt, fleet, edge := certificate("mgmt"), certificate("fleet"), certificate("edge")
	for name, c := range map[string]struct {
		remotes, secrets string
		want             map[string][2]string // digest and place, by cluster
		own              []string             // remotes with their own audience
	}{
		"sops": {
			"a: {}, b: {sopsRecipients: [" + eve + "]}, c: {sopsRecipients: [" + ada + ", " + bob + "]}",
			"sops: {management: [" + ada + "], remotes: [" + bob + ", " + ada + "]}",
			map[string][2]string{
				"mgmt": {seal.Digest([]string{ada}), "secrets.sops.management"},
				"a":    {seal.Digest([]string{ada, bob}), "secrets.sops.remotes"},
				"b":    {seal.Digest([]string{eve}), "remotes.b.sopsRecipients"},
				"c":    {seal.Digest([]string{ada, bob}), "secrets.sops.remotes"}, // in a different order
			}, []string{"b"},
		},
		"sops, nobody for all": {
			"a: {sopsRecipients: [" + eve + "]}, b: {sopsRecipients: [" + ada + "]}", "sops: {management: [" + ada + "]}",
			map[string][2]string{"a": {seal.Digest([]string{eve}), "remotes.a.sopsRecipients"}, "b": {seal.Digest([]string{ada}), "remotes.b.sopsRecipients"}},
			[]string{"a", "b"},
		},
		"sealedSecrets": {
			"a: {}, b: {sealingCertificate: sealing/edge.pem}, c: {sealingCertificate: sealing/fleet.pem}",
			"sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}",
			map[string][2]string{
				"mgmt": {mgmt, "secrets.sealedSecrets.management"},
				"a":    {fleet, "secrets.sealedSecrets.remotes"},
				"b":    {edge, "remotes.b.sealingCertificate"},
			}, []string{"b"},
		},
	} {
		p, err := resolved(t, c.remotes, c.secrets)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var own []string
		for _, cluster := range p.All() {
			if cluster.Audience != nil {
				own = append(own, cluster.Name)
			}
			want, ok := c.want[cluster.Name]
			if have := p.AudienceOf(cluster); ok && (have.Digest != want[0] || have.Place() != want[1]) {
				t.Errorf("%s: for %s it is %s at %s, want %v", name, cluster.Name, have.Digest, have.Place(), want)
			}
		}
		if fmt.Sprint(own) != fmt.Sprint(c.own) {
			t.Errorf("%s: an audience of their own have %v, want %v", name, own, c.own)
		}
	}
}

// TestWhoCannotOpenTheTokenIsNamed checks the message and line for recipient lists that leave someone out, and for remotes whose audience
// is for a different store.
func TestWhoCannotOpenTheTokenIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ remotes, secrets, want string }{
		"one":                   {"a: {}, b: {sopsRecipients: [" + eve + "]}", "sops: {management: [" + ada + "]}", "secrets.sops|a: nobody is named who can decrypt the token there|remotes.NAME.sopsRecipients"},
		"three":                 {"a: {}, b: {}, c: {}", "sealedSecrets: {management: sealing/mgmt.pem}", "secrets.sealedSecrets|a, b, c: nobody|remotes.NAME.sealingCertificate"},
		"five":                  {"a: {}, b: {}, c: {}, d: {}, e: {}", "sops: {management: [" + ada + "]}", "secrets.sops|a, b, c and 2 more: nobody|secrets.sops.remotes"},
		"none in a list":        {"a: {sopsRecipients: []}", "sops: {management: [" + ada + "], remotes: [" + bob + "]}", "remotes.a.sopsRecipients|nobody is named; want age recipients, as age-keygen prints them|"},
		"twice in a list":       {"", "sops: {management: [" + ada + ", " + bob + ", " + ada + "]}", "secrets.sops.management[2]|this recipient is already listed|remove it here"},
		"in another store":      {"a: {sopsRecipients: [" + eve + "]}", "sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}", "remotes.a.sopsRecipients|it needs secrets.sops, but the topology has another store|choose the store sops"},
		"in a store of no such": {"a: {sealingCertificate: sealing/edge.pem}", "local: {}", "remotes.a.sealingCertificate|it needs secrets.sealedSecrets|choose the store sealedSecrets"},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.Split(c.want, "|")
			err := told(t, c.remotes, c.secrets)
			for _, d := range err {
				if d.Path == want[0] && strings.Contains(d.Message, want[1]) && strings.Contains(d.Hint, want[2]) && d.Line > 0 && len(err) == 1 {
					return
				}
			}
			t.Errorf("got %+v, want %s", err, c.want)
		})
	}
}

// told returns the faults of a topology.
func told(t *testing.T, remotes, secrets string) diag.List {
	t.Helper()
	var faults diag.List
	if _, err := resolved(t, remotes, secrets); !errors.As(err, &faults) {
		t.Fatalf("got %v", err)
	}
	return faults
}

// TestACertificateOfManyIsReadOnce has many remotes name the same file: it is parsed once.
func TestACertificateOfManyIsReadOnce(t *testing.T) {
	var remotes []string
	for i := range 50 {
		remotes = append(remotes, fmt.Sprintf("r%02d: {sealingCertificate: sealing/edge.pem}", i))
	}
	p, err := resolved(t, strings.Join(remotes, ", "), "sealedSecrets: {management: sealing/mgmt.pem}")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Remotes {
		if c.Audience.Certificate != p.Remotes[0].Audience.Certificate {
			t.Fatalf("%s has a certificate of its own", c.Name)
		}
	}
}
