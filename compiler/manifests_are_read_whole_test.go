package compiler

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// meshManifests returns the manifests of a management cluster and of one remote, from a compile.
func meshManifests(t *testing.T) (management, remote string) {
	t.Helper()
	s := newTestProject(t)
	s.compile(own(""))
	err := Render(s.project, s.env(), []string{"mgmt-cluster", "remote-cluster"}, RenderOptions{}, func(cluster string, yaml []byte) error {
		if remote = string(yaml); cluster == "mgmt-cluster" {
			management = string(yaml)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return management, remote
}

// TestManifestsAreReadWhole verifies manifests that contain more than Secrets, or Secrets in unusual places.
func TestManifestsAreReadWhole(t *testing.T) {
	management, remote := meshManifests(t)
	register := func(name string) string {
		return "---\napiVersion: multicluster.solo.io/v1alpha1\nkind: KubernetesCluster\nmetadata: {name: " + name + ", namespace: gloo-mesh}\n"
	}
	moved := strings.ReplaceAll(remote, "namespace: gloo-mesh", "namespace: agents")
	for _, c := range []struct {
		name               string
		management, remote string
		from               From
		want               []string // code, and part of the message
	}{
		{"as they are", management, remote, From{}, nil},
		{"the root's Secret of a remote in another namespace", management, moved, From{}, []string{"namespace-differs it is in the namespace agents", "namespace-differs it is in the namespace agents"}},
		{"asked for one namespace", management, moved, From{Namespace: "gloo-mesh"}, []string{
			"secret-missing the Secret is not there; one with its name is in the namespace agents", "secret-missing the Secret is not there; one with its name is in the namespace agents"}},
		{"the root's Secret in the relay's namespace and in another", management, remote + "---\n" + moved, From{}, nil},
		{"every cluster is registered", management + register("remote"), remote, From{}, nil},
		{"another cluster is registered", management + register("other"), remote, From{}, []string{"cluster-unregistered there are KubernetesCluster objects, but none is named remote"}},
		{"values that fit", management + "---\nenterprise-networking: {relayTlsSecret: {name: relay-server-tls-secret}}\n",
			remote + "---\nrelay: {cluster: remote, authority: enterprise-networking.gloo-mesh, rootTlsSecret: {name: relay-root-tls-secret}}\n", From{}, nil},
		{"values that name another Secret", management + "---\nenterprise-networking: {relayTlsSecret: {name: relay-tls}}\n", remote, From{},
			[]string{"values-differ enterprise-networking.relayTlsSecret.name: names the Secret relay-tls; the one here is relay-server-tls-secret"}},
		{"a misspelt value", management + "---\nenterprise-networking: {relayTlsSecret: {Name: relay-server-tls-secret}}\n", remote, From{},
			[]string{"values-differ enterprise-networking.relayTlsSecret.Name: Helm ignores this key; want name"}},
		{"another authority", management, remote + "---\nrelay: {cluster: remote, authority: relay.example.com}\n", From{},
			[]string{"values-differ relay.authority: the agent verifies the server by relay.example.com"}},
		{"another cluster's values", management, remote + "---\nrelay: {cluster: east}\n", From{}, []string{"values-differ relay.cluster: the agent calls itself east"}},
		{"another key of the token", management, remote + "---\nrelay: {tokenSecret: {name: relay-identity-token-secret, key: value}}\n", From{},
			[]string{"values-differ relay.tokenSecret.key: names the key value; the Secret's is token"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTestProject(t)
			s.write("from/mgmt.yaml", []byte(c.management))
			s.write("from/remote.yaml", []byte(c.remote))
			c.from.Paths = []string{strings.TrimSuffix(s.project.Topology, "topology.yaml") + "from"}
			r, err := VerifyFrom(c.from, Env{NewKey: pki.GenerateKey}, s.now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.Findings {
				if f.Code == verify.NamespaceDiffers || f.Code == verify.SecretMissing || f.Code == verify.Unregistered || f.Code == verify.ValuesDiffer || f.Severity == verify.Error {
					where := ""
					if path, ok := strings.CutPrefix(f.Object, "values "); ok {
						where = path + ": "
					}
					got = append(got, fmt.Sprintf("%s %s%s", f.Code, where, f.Message))
				}
			}
			if len(got) != len(c.want) {
				t.Fatalf("%q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("%q, want %q", got[i], want)
				}
			}
		})
	}
}

// TestAuthorityWithAPeriodIsNamed uses a fully qualified authority, with a trailing period.
func TestAuthorityWithAPeriodIsNamed(t *testing.T) {
	from := From{Paths: []string{"../fixtures/manual"}, Authority: product.Profiles[0].Authority("gloo-mesh") + "."}
	if _, err := VerifyFrom(from, Env{NewKey: pki.GenerateKey}, fixtureTime); err == nil || !strings.Contains(err.Error(), "it ends in a period") {
		t.Error(err)
	}
}
