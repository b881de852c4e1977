package adopt_test

import (
	"errors"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// silence removes a cluster's information about itself, and renames it.
func silence(t *testing.T, x texts, cluster, as string) {
	t.Helper()
	x.drop(t, cluster, "Secret", clientSecret)
	x.drop(t, cluster, "Secret", "sh.helm.release.v1.agent.v1")
	x.drop(t, cluster, "Secret", "sh.helm.release.v1.agent.v2")
	x[as], x[cluster] = x[cluster], ""
	delete(x, cluster)
}

// noReleases removes Helm's releases.
func noReleases(t *testing.T, x texts) {
	t.Helper()
	for cluster := range x {
		for _, name := range []string{"gloo-mesh", "agent"} {
			for _, v := range []string{".v1", ".v2"} {
				if strings.Contains(x[cluster], "sh.helm.release.v1."+name+v) {
					x.drop(t, cluster, "Secret", "sh.helm.release.v1."+name+v)
				}
			}
		}
	}
}

// copyOf copies a cluster's text under a different name.
func copyOf(x texts, cluster, as string) { x[as] = x[cluster] }

const istioObjects = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: own, namespace: istio-ingress}
spec: {selector: {istio: own}, servers: [{port: {number: 8443}, tls: {mode: PASSTHROUGH}, hosts: ["*"]}]}`

const istioRoute = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own, namespace: gloo-mesh}
spec: {hosts: [enterprise-networking.gloo-mesh], gateways: [istio-ingress/own], tls: [{match: [{sniHosts: [enterprise-networking.gloo-mesh]}], route: [{destination: {host: enterprise-networking}}]}]}`

// TestWhatNothingTellsIsAsked removes information that a topology needs, or makes it contradictory. The error names the flag that answers;
// with it, the mesh is found.
func TestWhatNothingTellsIsAsked(t *testing.T) {
	for _, r := range []refusal{
		{"no product", func(t *testing.T, x texts) {
			noReleases(t, x)
			x.drop(t, mgmt, "Service", "enterprise-networking")
			x.drop(t, mgmt, "KubernetesCluster", "edge-1")
			x.drop(t, mgmt, "KubernetesCluster", "edge-2")
		}, adopt.Answers{}, `cannot tell which product runs`, "--product gloo-mesh-1.x, or --product gloo-mesh-2.0-2.2, or --product gloo-mesh-2.3+", &adopt.Answers{Product: "gloo-mesh-enterprise", Ingress: "loadBalancer"}},
		{"two products", func(t *testing.T, x texts) {
			copyOf(fixture(t, "platform"), "gke_project_zone_west", "west")
			x["west"] = fixture(t, "platform")["gke_project_zone_west"]
		}, adopt.Answers{}, `^found both gloo-mesh-1.x \(chart enterprise-agent 1.3.20, .*\) and gloo-mesh-2.3\+ \(chart gloo-platform 2.5.6, .*\)$`, "--product", &adopt.Answers{Product: "gloo-mesh-enterprise", Without: []string{"west"}}},
		{"no such product", func(*testing.T, texts) {}, adopt.Answers{Product: "gloo"}, `no such product`, "gloo-mesh-2.3+", nil},
		{"two management clusters", func(_ *testing.T, x texts) { copyOf(x, mgmt, "eks-old") }, adopt.Answers{},
			`eks-mgmt and eks-old hold the relay server's Secrets, but a mesh has one management cluster`, "--management eks-mgmt, or --management eks-old", &adopt.Answers{Management: mgmt, Without: []string{"eks-old"}}},
		{"no management cluster", func(_ *testing.T, x texts) { delete(x, mgmt) }, adopt.Answers{}, `no cluster holds the relay server's Secret relay-server-tls-secret`, "--namespace", nil},
		{"no such management cluster", func(*testing.T, texts) {}, adopt.Answers{Management: "eks-"}, `^--management eks-: no such source`, "eks-edge-1, eks-edge-2 and eks-mgmt", nil},
		{"a management cluster of Secrets without the server's", func(t *testing.T, x texts) { x.drop(t, mgmt, "Secret", serverSecret) }, adopt.Answers{}, `eks-mgmt: Secret relay-server-tls-secret is missing`, "add its Secrets", nil},
		{"two namespaces", func(t *testing.T, x texts) {
			x.add(mgmt, "apiVersion: v1\nkind: Secret\nmetadata: {name: relay-server-tls-secret, namespace: old}")
		}, adopt.Answers{}, `Secret relay-server-tls-secret is in the namespaces gloo-mesh and old`, "--namespace gloo-mesh, or --namespace old", &adopt.Answers{Namespace: "gloo-mesh"}},
		{"a cluster that was not given", func(_ *testing.T, x texts) { delete(x, two) }, adopt.Answers{}, `edge-2 is registered, but the input has nothing from it`, "--from edge-2=PATH", &adopt.Answers{Without: []string{"edge-2"}}},
		{"a cluster that says nothing", func(t *testing.T, x texts) { silence(t, x, two, "blue") }, adopt.Answers{}, `edge-2 is registered, but the input has nothing from it`, "--cluster edge-2=blue", &adopt.Answers{Clusters: map[string]string{"edge-2": "blue"}}},
		{"two that one name fits", func(t *testing.T, x texts) {
			silence(t, x, two, "kind-edge-2")
			copyOf(x, "kind-edge-2", "k3d-edge-2")
		}, adopt.Answers{}, `k3d-edge-2 \(the name k3d-edge-2\) and kind-edge-2 \(the name kind-edge-2\) both say that they are edge-2`, "--cluster edge-2=k3d-edge-2, or --cluster edge-2=kind-edge-2", &adopt.Answers{Clusters: map[string]string{"edge-2": "kind-edge-2"}, Without: []string{"k3d-edge-2"}}},
		{"two that say the same", func(_ *testing.T, x texts) { copyOf(x, one, "green") }, adopt.Answers{}, `eks-edge-1 \(relay.cluster in .*\) and green \(.*\) both say that they are edge-1`, "--cluster edge-1=eks-edge-1, or --cluster edge-1=green", &adopt.Answers{Clusters: map[string]string{"edge-1": one}, Without: []string{"green"}}},
		{"one that says two things", func(t *testing.T, x texts) {
			x.set(t, two, clientSecret, "tls.crt", x.value(t, one, clientSecret, "tls.crt"))
		}, adopt.Answers{}, `^eks-edge-2: its agent calls itself edge-1 \(the agent's certificate in .*\) and edge-2 \(relay.cluster in .*\)`, "--cluster edge-1=eks-edge-2, or --cluster edge-2=eks-edge-2", &adopt.Answers{Clusters: map[string]string{"edge-2": two}}},
		{"one that is not registered", func(t *testing.T, x texts) { x.drop(t, mgmt, "KubernetesCluster", "edge-2") }, adopt.Answers{}, `^eks-edge-2: its agent calls itself edge-2 \(.*\), but no such cluster is registered in the management cluster`, "--without edge-2", &adopt.Answers{Without: []string{"edge-2"}}},
		{"one too many", func(t *testing.T, x texts) {
			silence(t, x, two, "blue")
			x.drop(t, mgmt, "KubernetesCluster", "edge-2")
		}, adopt.Answers{}, `^blue: it holds the relay's Secrets, but every registered cluster already has a source`, "--without blue", &adopt.Answers{Without: []string{"blue"}}},
		{"a cluster of nowhere", func(*testing.T, texts) {}, adopt.Answers{Clusters: map[string]string{"edge-1": "green"}}, `^--cluster edge-1=green: no such source`, "eks-edge-1", nil},
		{"nothing to leave out", func(*testing.T, texts) {}, adopt.Answers{Without: []string{"edge-3"}}, `^--without edge-3: no such cluster or source`, "eks-edge-1", nil},
		{"no ingress", func(t *testing.T, x texts) { x.drop(t, mgmt, "Service", "enterprise-networking") }, adopt.Answers{}, `nothing in the input shows how the relay server is reached from outside`, "--ingress istio, or --ingress loadBalancer", &adopt.Answers{Ingress: "istio"}},
		{"two ingresses", func(t *testing.T, x texts) {
			x.add(mgmt, istioObjects)
			x.add(mgmt, istioRoute)
			x.edit(t, mgmt, "Service", "enterprise-networking", "LoadBalancer", "NodePort")
		}, adopt.Answers{}, `^found several ways to reach the relay server: VirtualService gloo-mesh/own and Gateway istio-ingress/own; Service enterprise-networking is of type NodePort$`, "--ingress istio, or --ingress nodePort", &adopt.Answers{Ingress: "nodePort"}},
		{"no such ingress", func(*testing.T, texts) {}, adopt.Answers{Ingress: "nginx"}, `^--ingress nginx: no such form`, "want istio", nil},
		{"an address that nobody dials", func(*testing.T, texts) {}, adopt.Answers{RelayAddress: "relay"}, `^--relay-address relay: want host:port`, "", nil},
	} {
		t.Run(r.name, func(t *testing.T) { r.run(t, "chart-1.x") })
	}
}

// TestGenerationsThatLookAlikeAreAsked keeps only what the charts of two generations have in common.
func TestGenerationsThatLookAlikeAreAsked(t *testing.T) {
	x := fixture(t, "platform")
	const server, agent = "gke_project_zone_mgmt", "gke_project_zone_west"
	for _, v := range []string{"v1", "v2"} {
		x.drop(t, server, "Secret", "sh.helm.release.v1.gloo-platform."+v)
		x.drop(t, agent, "Secret", "sh.helm.release.v1.gloo-agent."+v)
	}
	for range 2 {
		_, err := x.find(t, adopt.Answers{})
		var refused adopt.Refusal
		if !errors.As(err, &refused) || len(refused) != 1 || !strings.Contains(refused[0].Message, "which is the same in the charts of gloo-mesh-2.0-2.2 and of gloo-mesh-2.3+") ||
			!strings.Contains(refused[0].Hint, "--product gloo-mesh-2.0-2.2, or --product gloo-mesh-2.3+") {
			t.Errorf("got %v", err)
		}
		if strings.Contains(x[server], "kind: Service\n") {
			x.drop(t, server, "Service", "gloo-mesh-mgmt-server")
		}
	}
	for answer, want := range map[string]string{"gloo-platform": "gloo-mesh-2.3+", "gloo-mesh-2.3+": "gloo-mesh-2.3+", "gloo-mesh-2.0-2.2": "gloo-mesh-2.0-2.2"} {
		if m, err := x.find(t, adopt.Answers{Product: answer, Ingress: "nodePort"}); err != nil || m.Product.Name != want || m.Management.Name != "mgmt" {
			t.Errorf("answered %s: %v", answer, err)
		}
	}
}

// TestEachGenerationIsTold uses the releases, or the values, of charts 2.0 to 2.2 instead of the fixture's.
func TestEachGenerationIsTold(t *testing.T) {
	const server, agent = "gke_project_zone_mgmt", "gke_project_zone_west"
	of := func(name, chart, values string) string {
		return pack([]byte(`{"name":"` + name + `","namespace":"gloo-mesh","chart":{"metadata":{"name":"` + chart + `","version":"2.1.4"}},"config":` + values + `}`))
	}
	const serverValues = `{"mgmtClusterName":"mgmt","glooMeshMgmtServer":{"serviceType":"LoadBalancer"}}`
	const agentValues = `{"cluster":"west","relay":{"serverAddress":"34.90.1.2:9900","clientTlsSecret":{"name":"relay-client-tls-secret"}}}`
	for name, change := range map[string]func(*testing.T, texts){
		"releases": func(t *testing.T, x texts) {
			x.set(t, server, "sh.helm.release.v1.gloo-platform.v2", "release", of("gloo-platform", "gloo-mesh-enterprise", serverValues))
			x.set(t, agent, "sh.helm.release.v1.gloo-agent.v2", "release", of("gloo-agent", "gloo-mesh-agent", agentValues))
		},
		"values": func(t *testing.T, x texts) {
			for _, v := range []string{"v1", "v2"} {
				x.drop(t, server, "Secret", "sh.helm.release.v1.gloo-platform."+v)
				x.drop(t, agent, "Secret", "sh.helm.release.v1.gloo-agent."+v)
			}
			x["server"], x["agent"] = serverValues, agentValues
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := fixture(t, "platform")
			change(t, x)
			m, err := x.find(t, adopt.Answers{})
			if err != nil {
				t.Fatal(err)
			}
			if text := string(m.Topology("")); m.Product.Name != "gloo-mesh-2.0-2.2" || m.Management.Name != "mgmt" || !strings.Contains(text, "product: gloo-mesh-2.0-2.2\n") || !strings.Contains(text, "  west: ") || !strings.Contains(text, "relayAddress: 34.90.1.2:9900") {
				t.Errorf("the topology is\n%s", text)
			}
		})
	}
}

// TestUnknownGenerationsAreRefused has charts whose values no profile knows, and charts of several generations: a topology for them would
// break the mesh.
func TestUnknownGenerationsAreRefused(t *testing.T) {
	for _, r := range []refusal{
		{"values of two", func(t *testing.T, x texts) {
			x["v"] = "glooMeshMgmtServer: {serviceType: LoadBalancer}\n"
			x["w"] = "enterprise-networking: {tokenSecret: {name: relay-identity-token-secret}}\n"
			noReleases(t, x)
		}, adopt.Answers{}, `^found both gloo-mesh-(1.x|2.0-2.2) \(.*\) and gloo-mesh-(1.x|2.0-2.2) \(.*\)$`, "--product gloo-mesh-", nil},
		{"a server chart", func(t *testing.T, x texts) { rechart(t, x, mgmt, "gloo-mesh", "gloo-mesh-enterprise", "2.1.4") }, adopt.Answers{}, `^found both gloo-mesh-1.x \(chart enterprise-agent 1.3.20, .*\) and gloo-mesh-2.0-2.2 \(chart gloo-mesh-enterprise 2.1.4, .*\)$`, "--product gloo-mesh-1.x", nil},
		{"an agent chart, whatever is answered", func(t *testing.T, x texts) { rechart(t, x, one, "agent", "gloo-mesh-agent", "2.0.9") }, adopt.Answers{Product: "gloo-platform"}, `^--product gloo-platform: chart .* belongs to gloo-mesh-`, "leave it out", nil},
		{"a server chart after those that are known", func(t *testing.T, x texts) { rechart(t, x, mgmt, "gloo-mesh", "gloo-mesh-enterprise", "2.3.1") }, adopt.Answers{}, `relayform does not support the chart gloo-mesh-enterprise 2.3.1$`, "from 1.0 to before 2.0, and from 2.0 to before 2.3", nil},
		{"a later chart", func(t *testing.T, x texts) { rechart(t, x, one, "agent", "gloo-platform", "3.1.0") }, adopt.Answers{}, `relayform does not support the chart gloo-platform 3.1.0$`, "from 2.3 to before 3.0", nil},
	} {
		t.Run(r.name, func(t *testing.T) { r.run(t, "chart-1.x") })
	}
}
