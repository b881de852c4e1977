package compiler

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/helm"
)

// TestChartsAreVerifiedLive has clusters with Helm's releases, and without. If releases cannot be listed, do not exist, or cannot be read,
// the clusters that were not checked are named, without a fault.
func TestChartsAreVerifiedLive(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", fmt.Appendf(nil, testTopology, own("")))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	holds := map[string]string{}
	err := Render(s.project, s.env(), nil, RenderOptions{}, func(cluster string, yaml []byte) error {
		holds[cluster] = string(yaml)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := func(name, status, namespace string, revision int, release string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","type":%q,"metadata":{"name":"sh.helm.release.v1.%s.v%d","namespace":%q,"labels":{"name":%q,"owner":"helm","status":%q,"version":"%d"}},"data":{"release":%q}}`,
			helm.Type, name, revision, namespace, name, status, revision, base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(release)))))
	}
	agent := func(values string) string {
		return `{"name":"agent","namespace":"gloo-mesh","chart":{"metadata":{"name":"enterprise-agent","version":"1.3.20"}},"config":` + values + `}`
	}
	const right = `{"relay":{"cluster":"remote-cluster","serverAddress":"203.0.113.7:31443","authority":"enterprise-networking.gloo-mesh","rootTlsSecret":{"name":"relay-root-tls-secret"},"clientCertSecret":{"name":"relay-client-tls-secret"},"tokenSecret":{"name":"relay-identity-token-secret","namespace":"gloo-mesh","key":"token"}}}`
	wrong := strings.Replace(right, ":31443", ":3143", 1)
	list := func(secrets ...string) string {
		return `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(secrets, ",") + `]}`
	}
	many := make([]string, helm.MaxReleases+1)
	for i := range many {
		many[i] = secret(fmt.Sprintf("r%d", i), "deployed", "gloo-mesh", 1, `{"name":"x","chart":{"metadata":{"name":"shop","version":"1.0.0"}}}`)
	}
	const none = "no Helm release of enterprise-agent in the namespace gloo-mesh"
	for name, c := range map[string]struct {
		releases string
		err      error
		leftOut  string
		finding  string
	}{
		"as it was compiled":               {releases: list(secret("agent", "deployed", "gloo-mesh", 1, agent(right)))},
		"another value":                    {releases: list(secret("agent", "deployed", "gloo-mesh", 1, agent(wrong))), finding: "it is 203.0.113.7:3143; want 203.0.113.7:31443"},
		"the newest revision counts":       {releases: list(secret("agent", "deployed", "gloo-mesh", 10, agent(right)), secret("agent", "deployed", "gloo-mesh", 9, agent(wrong)))},
		"one that failed does not":         {releases: list(secret("agent", "deployed", "gloo-mesh", 1, agent(right)), secret("agent", "failed", "gloo-mesh", 2, agent(wrong)))},
		"none":                             {releases: "", leftOut: none},
		"another's alone":                  {releases: list(many[0]), leftOut: none},
		"they may not be listed":           {err: errors.New(`secrets is forbidden: User "dev" cannot list`), leftOut: "Helm's releases could not be listed: secrets is forbidden"},
		"what kubectl prints is no object": {releases: "{", leftOut: "Helm's releases: what kubectl printed: document 1: not a Kubernetes object"},
		"one that nobody can read":         {releases: list(secret("agent", "deployed", "gloo-mesh", 1, "{")), leftOut: "Helm release agent: not the JSON of a release"},
		"more than are read":               {releases: list(many...), leftOut: "there are 201 Helm releases; the limit is 200"},
	} {
		t.Run(name, func(t *testing.T) {
			env := s.env()
			env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
				at := strings.TrimPrefix(args[0], "--context=")
				if !slices.Contains(args, "--selector=owner=helm,status=deployed") {
					return []byte(holds[at]), nil
				}
				if at != "remote-cluster" {
					return nil, nil
				}
				return []byte(c.releases), c.err
			}
			r, err := VerifyLive(t.Context(), s.project, env, fixtureTime, "")
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, text := range r.LeftOut {
				if !strings.HasPrefix(text, "the Helm values of mgmt-cluster: no Helm release of gloo-mesh-enterprise") {
					left = append(left, text)
				}
			}
			if got := strings.Join(left, "\n"); c.leftOut != "" && !strings.Contains(got, "the Helm values of remote-cluster: "+c.leftOut) || c.leftOut == "" && got != "" {
				t.Errorf("left out %q, want %q", got, c.leftOut)
			}
			var found []string
			for _, f := range r.Findings {
				found = append(found, f.Message)
			}
			if got := strings.Join(found, "\n"); got != c.finding {
				t.Errorf("found %q, want %q", got, c.finding)
			}
		})
	}
}
