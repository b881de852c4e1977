package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/helm"
	"relayform/compiler/product"
	"relayform/compiler/verify"

	"sigs.k8s.io/yaml"
)

// TestChartsAreJudgedByTheirReleases installs the agent's chart of each generation with the required values, and with a fault in them,
// including faults seen in public repositories. Each is reported with its path and the wanted and actual value.
func TestChartsAreJudgedByTheirReleases(t *testing.T) {
	const first = "relay: {cluster: east, serverAddress: 'relay.example.com:443', authority: enterprise-networking.gloo-mesh, rootTlsSecret: {name: relay-root-tls-secret}, clientCertSecret: {name: relay-client-tls-secret}, tokenSecret: {name: relay-identity-token-secret, namespace: gloo-mesh, key: token}}"
	const second = "cluster: east\nrelay: {serverAddress: 'relay.example.com:443', authority: gloo-mesh-mgmt-server.gloo-mesh, rootTlsSecret: {name: relay-root-tls-secret}, clientTlsSecret: {name: relay-client-tls-secret}, tokenSecret: {name: relay-identity-token-secret, namespace: gloo-mesh, key: token}}"
	const third = "common: {cluster: east}\nglooAgent: {enabled: true, relay: {serverAddress: 'relay.example.com:443', authority: gloo-mesh-mgmt-server.gloo-mesh, rootTlsSecret: {name: relay-root-tls-secret}, clientTlsSecret: {name: relay-client-tls-secret}, tokenSecret: {name: relay-identity-token-secret, namespace: gloo-mesh, key: token}}}"
	of := map[string]struct{ chart, version, values string }{
		"gloo-mesh-1.x": {"enterprise-agent", "1.3.20", first}, "gloo-mesh-2.0-2.2": {"gloo-mesh-agent", "2.1.4", second}, "gloo-mesh-2.3+": {"gloo-platform", "2.9.1", third},
	}
	for _, c := range []struct {
		name, product, old, new, defaults string
		chart, version                    string // a different one, if set
		want                              string
	}{
		{name: "nothing", product: "gloo-mesh-1.x"},
		{name: "nothing", product: "gloo-mesh-2.0-2.2"},
		{name: "nothing", product: "gloo-mesh-2.3+"},
		{name: "values of one's own", product: "gloo-mesh-2.3+", old: "common: {", new: "glooUi: {enabled: false}\ncommon: {addonNamespace: x, "},
		{name: "the chart's own is what is wanted", product: "gloo-mesh-2.0-2.2", old: ", rootTlsSecret: {name: relay-root-tls-secret}", defaults: "relay: {rootTlsSecret: {name: relay-root-tls-secret}}"},
		{name: "the release's own namespace", product: "gloo-mesh-1.x", old: ", namespace: gloo-mesh"},
		{name: "a digit of the port", product: "gloo-mesh-1.x", old: ":443", new: ":43",
			want: "error release-differs: Helm release agent relay.serverAddress: it is relay.example.com:43; want relay.example.com:443 | run the runbook's helm upgrade"},
		{name: "the authority at the top", product: "gloo-mesh-1.x", old: "relay: {cluster: east, serverAddress: 'relay.example.com:443', authority: enterprise-networking.gloo-mesh,", new: "authority: enterprise-networking.gloo-mesh\nrelay: {cluster: east, serverAddress: 'relay.example.com:443',",
			want: "error value-ignored: Helm release agent authority: the charts of gloo-mesh-1.x ignore authority | write relay.authority: enterprise-networking.gloo-mesh"},
		{name: "the authority beside the relay", product: "gloo-mesh-2.3+", old: "relay: {serverAddress: 'relay.example.com:443', authority: gloo-mesh-mgmt-server.gloo-mesh,", new: "authority: gloo-meshmgmt-server, relay: {serverAddress: 'relay.example.com:443',", defaults: "glooAgent: {relay: {authority: gloo-mesh-mgmt-server}}",
			want: "error value-ignored: Helm release agent glooAgent.authority: the charts of gloo-mesh-2.3+ ignore glooAgent.authority | write glooAgent.relay.authority: gloo-mesh-mgmt-server.gloo-mesh"},
		{name: "the client's Secret of 1.x", product: "gloo-mesh-2.0-2.2", old: "clientTlsSecret: {name: relay-client-tls-secret}", new: "clientCertSecret: {name: relay-client-tls-secret}",
			want: "error value-ignored: Helm release agent relay.clientCertSecret.name: the charts of gloo-mesh-2.0-2.2 ignore relay.clientCertSecret.name, which is a value of those of gloo-mesh-1.x | write relay.clientTlsSecret.name: relay-client-tls-secret"},
		{name: "the cluster of 1.x beside the right one", product: "gloo-mesh-2.0-2.2", old: "relay: {", new: "relay: {cluster: east, ",
			want: "warning value-ignored: Helm release agent relay.cluster: the charts of gloo-mesh-2.0-2.2 ignore relay.cluster, which is a value of those of gloo-mesh-1.x | write cluster"},
		{name: "what looks misplaced, and the chart has", product: "gloo-mesh-1.x", old: "relay: {", new: "authority: x\nrelay: {", defaults: "authority: ''"},
		{name: "what looks misplaced, and the chart has a block for", product: "gloo-mesh-2.3+", old: "common: {", new: "relay: {authority: x}\ncommon: {", defaults: "relay: {}"},
		{name: "a misspelt value", product: "gloo-mesh-1.x", old: "serverAddress", new: "severAddress",
			want: "error value-ignored: Helm release agent relay.severAddress: the charts of gloo-mesh-1.x ignore relay.severAddress | write relay.serverAddress: relay.example.com:443"},
		{name: "no value, and another of the chart's", product: "gloo-mesh-2.0-2.2", old: ", authority: gloo-mesh-mgmt-server.gloo-mesh", defaults: "relay: {authority: gloo-mesh-mgmt-server.other}",
			want: "error release-differs: Helm release agent relay.authority: the release does not have it, and its chart has gloo-mesh-mgmt-server.other; want gloo-mesh-mgmt-server.gloo-mesh | run"},
		{name: "no value at all", product: "gloo-mesh-2.0-2.2", old: "cluster: east\n",
			want: "warning release-differs: Helm release agent cluster: the release does not have it; want east | run"},
		{name: "a text in place of a truth value", product: "gloo-mesh-2.3+", old: "enabled: true", new: "enabled: 'true'",
			want: `error release-differs: Helm release agent glooAgent.enabled: it is "true"; want true | run`},
		{name: "the token in place of its key", product: "gloo-mesh-1.x", old: "key: token", new: "key: 8c1f00d5a7",
			want: "error release-differs: Helm release agent relay.tokenSecret.key: it is a text that is not shown, as it may be the token; want token | run"},
		{name: "charts of another generation", product: "gloo-mesh-1.x", chart: "gloo-mesh-agent", version: "2.1.4",
			want: "error chart-generation: Helm release agent: the chart is gloo-mesh-agent 2.1.4, which fits the product gloo-mesh-2.0-2.2; the topology has gloo-mesh-1.x, whose values it ignores | write product: gloo-mesh-2.0-2.2, compile, and upgrade with its values; or install the charts of gloo-mesh-1.x"},
		{name: "a later chart", product: "gloo-mesh-2.3+", chart: "gloo-platform", version: "3.0.2",
			want: "error chart-generation: Helm release agent: the chart is gloo-platform 3.0.2, which fits no product that relayform knows; the topology has gloo-mesh-2.3+, whose values it ignores | install charts from 2.3 on and before 3.0"},
		{name: "no release", product: "gloo-mesh-1.x", chart: "shop", version: "1.0.0", want: "missing enterprise-agent"},
	} {
		t.Run(c.name+", "+c.product, func(t *testing.T) {
			p, _ := product.Find(c.product)
			is := of[c.product]
			text := strings.Replace(is.values, c.old, c.new, 1)
			if c.old != "" && text == is.values {
				t.Fatalf("no %q", c.old)
			}
			r := helm.Release{Name: "agent", Namespace: "gloo-mesh", Chart: is.chart, Version: is.version, Values: tree(t, text), Defaults: tree(t, c.defaults)}
			if c.chart != "" {
				r.Chart, r.Version = c.chart, c.version
			}
			want := []verify.Installation{{Chart: p.AgentChart.Name, Settings: p.AgentSettings("gloo-mesh", "east", "relay.example.com:443", p.Authority("gloo-mesh"), "")}}
			findings, missing := verify.Releases(p, "east", "context east", want, []helm.Release{r})
			var told []string
			for _, f := range findings {
				told = append(told, fmt.Sprintf("%s %s: %s: %s | %s", f.Severity, f.Code, f.Object, f.Message, f.Hint))
			}
			if len(missing) > 0 {
				told = append(told, "missing "+strings.Join(missing, " "))
			}
			if got := strings.Join(told, "\n"); len(told) > 1 || !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestServerAndAgentOfOneChartAreJudgedTogether installs them in one release, and in two.
func TestServerAndAgentOfOneChartAreJudgedTogether(t *testing.T) {
	p, _ := product.Find("gloo-platform")
	server := p.ServerSettings("gloo-mesh", "mgmt", product.Service{Type: "LoadBalancer", Annotations: map[string]string{"a.example.com/b": "c"}}, product.Service{})
	agent := p.AgentSettings("gloo-mesh", "mgmt", "relay.example.com:443", "gloo-mesh-mgmt-server.gloo-mesh", "")
	want := []verify.Installation{{Chart: "gloo-platform", Settings: server}, {Chart: "gloo-platform", Settings: agent}}
	release := func(name string, settings ...product.Setting) helm.Release {
		return helm.Release{Name: name, Namespace: "gloo-mesh", Chart: "gloo-platform", Version: "2.9.1", Values: blocks(settings)}
	}
	for name, c := range map[string]struct {
		have []helm.Release
		want int
	}{
		"in one":                  {[]helm.Release{release("all", append(server, agent...)...)}, 0},
		"in two":                  {[]helm.Release{release("server", server...), release("agent", agent...)}, 0},
		"without the agent":       {[]helm.Release{release("server", server...)}, len(agent) - 2}, // the cluster's name is also the server's, and the namespace is the release's
		"without the annotations": {[]helm.Release{release("all", append(server[:len(server)-1:len(server)-1], agent...)...)}, 1},
	} {
		findings, missing := verify.Releases(p, "mgmt", "context mgmt", want, c.have)
		if len(findings) != c.want || len(missing) > 0 {
			t.Errorf("%s: %v, missing %v", name, findings, missing)
		}
	}
}

// blocks converts settings to Helm's nested values.
func blocks(settings []product.Setting) map[string]any {
	root := map[string]any{}
	for _, s := range settings {
		at, keys := root, strings.Split(s.Path, ".")
		for _, key := range keys[:len(keys)-1] {
			if at[key] == nil {
				at[key] = map[string]any{}
			}
			at = at[key].(map[string]any)
		}
		value := s.Value
		if all, ok := value.(map[string]string); ok {
			block := map[string]any{}
			for key, v := range all {
				block[key] = v
			}
			value = block
		}
		at[keys[len(keys)-1]] = value
	}
	return root
}

func tree(t *testing.T, text string) (values map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}
